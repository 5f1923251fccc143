/**
 * Where an installation keeps what belongs to it: data, sockets, logs, by name of the node. One
 * home is one installation; several live side by side.
 */
import {
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { DagentError, type ErrorData } from '../protocol/errors.ts';
import { isRole, type Role } from '../protocol/record.ts';
import { isDiskFull, makeDirectory } from './files.ts';
import { findHolder } from './lock-holder.ts';
import { isAlive, type ProcessIdentity } from './process-identity.ts';

export interface Home {
  /** For people: how it was named. */
  readonly label: string;
  readonly dataDir: string;
  readonly runDir: string;
  readonly logDir: string;
}

/** The name map of a daemon, beside its socket. */
export const NAME_MAP_FILE = 'names.map';

/** Paths of one node in its home. */
export interface NodePaths {
  readonly dataDir: string;
  readonly runDir: string;
  readonly socket: string;
  /** Held by the running daemon: its pid and start. */
  readonly lock: string;
  /** What the daemon says of itself while it runs. */
  readonly status: string;
  /** The commands that run below it: see command-ledger.ts. */
  readonly commands: string;
  /** The names that it knows: see docs/NAME-MAP.md. */
  readonly names: string;
  /** Identity, and the options of the last start. */
  readonly config: string;
  readonly log: string;
  /** Executables that the daemon runs beside itself, unless its options name another place. */
  readonly plugins: string;
}

/** A peer that the options of a daemon name. */
export interface WantedPeer {
  readonly url: string;
  /** Name of the node that it is linked with by that URL, or null while it is not. */
  readonly node: string | null;
  /** Why it was not linked when it was tried last; null while it is, or before the first try. */
  readonly error: ErrorData | null;
}

/** What `daemon start --json` prints, and what a command needs to find a daemon. */
export interface DaemonStatus extends ProcessIdentity {
  readonly name: string;
  /** Null, like the role: where it is brief, and of a node that never ran before. */
  readonly id: string | null;
  readonly role: Role | null;
  readonly realm: string | null;
  /** Name of the parent, or null at the top or while there is none. */
  readonly parent: string | null;
  /** Why there is no parent: how the last attempt, or the last link, ended. */
  readonly parentError: ErrorData | null;
  /** Names of the peers that it is linked with, sorted. */
  readonly peers: readonly string[];
  /** Those that it dials, in the order of its options. */
  readonly wantedPeers: readonly WantedPeer[];
  /** URLs where it listens, with actual ports. */
  readonly listen: readonly string[];
  /** Where it can be scraped, with the actual port; null: nowhere. */
  readonly metrics: string | null;
  /** Hops to the top of the tree. */
  readonly depth: number;
  readonly startedAtMs: number;
  readonly version: string;
  readonly home: string;
  /** It could not write more of itself: neither its links nor where it listens are known. */
  readonly isBrief?: true;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The home that a flag or the environment names: `DAGENT_HOME` holds everything; without it
 * /var/lib, /run and /var/log for root, the XDG directories for others.
 */
export function resolveHome(flag: string | undefined, env: Environment): Home {
  const named = flag ?? env.DAGENT_HOME;
  if (named !== undefined && named !== '') {
    const dir = resolve(named);
    return {
      label: dir,
      dataDir: join(dir, 'data'),
      runDir: join(dir, 'run'),
      logDir: join(dir, 'log'),
    };
  }
  if (process.getuid?.() === 0) {
    const dataDir = '/var/lib/dagent';
    return { label: dataDir, dataDir, runDir: '/run/dagent', logDir: '/var/log/dagent' };
  }
  const dataDir = join(env.XDG_STATE_HOME ?? join(env.HOME ?? homedir(), '.local/state'), 'dagent');
  const runDir = env.XDG_RUNTIME_DIR ? join(env.XDG_RUNTIME_DIR, 'dagent') : join(dataDir, 'run');
  return { label: dataDir, dataDir, runDir, logDir: join(dataDir, 'log') };
}

/** Paths of the node `name`, which is a valid name and so no path of its own. */
export function pathsOf(home: Home, name: string): NodePaths {
  const dataDir = join(home.dataDir, name);
  const runDir = join(home.runDir, name);
  return {
    dataDir,
    runDir,
    socket: join(runDir, 'daemon.sock'),
    lock: join(runDir, 'daemon.pid'),
    status: join(runDir, 'status.json'),
    commands: join(runDir, 'commands'),
    names: join(runDir, NAME_MAP_FILE),
    config: join(dataDir, 'node.json'),
    log: join(home.logDir, `${name}.log`),
    plugins: join(dataDir, 'plugins'),
  };
}

function formatJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Replaces a JSON file at once: a reader sees the old one or the new one. */
export function writeJson(path: string, value: unknown): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, formatJson(value), { mode: 0o600 });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * As {@link writeJson}. Where a full disk has no room for another file, it is written over the old
 * one, blanks over the rest of it: a crash may tear it then.
 */
export function writeJsonInPlace(path: string, value: unknown): void {
  try {
    writeJson(path, value);
  } catch (error) {
    const old = statSync(path, { throwIfNoEntry: false });
    if (!isDiskFull(error) || old === undefined) throw error;
    const bytes = Buffer.from(formatJson(value));
    const rest = Buffer.alloc(Math.max(0, old.size - bytes.length), ' ');
    writeFileSync(path, Buffer.concat([bytes, rest]), { flag: 'r+' });
  }
}

/**
 * The duplicate window of a service of the node `node`: see window-file.ts. With the ending no name
 * of a service is that of a directory, or of the older file of another one.
 */
export function windowPathOf(home: Home, node: string, service: string): string {
  return join(home.dataDir, node, 'windows', `${service}.ids`);
}

/** The file in which the commands of a home keep what they remember: no node has such a name. */
export function memoryPathOf(home: Home, name: string): string {
  return join(home.dataDir, `.${name}.json`);
}

/**
 * Keeps `value` for the next command, or forgets the former one when it is undefined. Throws
 * E_CANNOT_WRITE.
 */
export function writeMemory(home: Home, name: string, value: unknown): void {
  const path = memoryPathOf(home, name);
  if (value === undefined) return rmSync(path, { force: true });
  makeDirectory(home.dataDir);
  writeJson(path, value);
}

/** Names of what is remembered that begin with `prefix`, the latest first. */
export function listMemories(home: Home, prefix: string): string[] {
  return listNames(home.dataDir)
    .filter((file) => file.startsWith(`.${prefix}`) && file.endsWith('.json'))
    .map((file) => ({ file, atMs: statSync(join(home.dataDir, file)).mtimeMs }))
    .sort((a, b) => b.atMs - a.atMs)
    .map(({ file }) => file.slice(1, -'.json'.length));
}

/** Of what is remembered under such names, forgets all but the latest. */
export function forgetOldest(home: Home, prefix: string, countMax: number): void {
  for (const name of listMemories(home, prefix).slice(countMax)) writeMemory(home, name, undefined);
}

/**
 * The value in a JSON file, or undefined when there is none. Throws E_STATE_BROKEN, E_HOME_DENIED.
 */
export function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'EACCES') throw new DagentError('E_HOME_DENIED', { path });
    throw new DagentError('E_STATE_BROKEN', { path, reason: String(code) });
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new DagentError('E_STATE_BROKEN', { path, reason: 'it is not JSON' });
  }
}

/** Throws E_HOME_DENIED: what may not be read is not the same as what is not there. */
function listNames(dir: string): string[] {
  try {
    return readdirSync(dir).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES') throw new DagentError('E_HOME_DENIED', { path: dir });
    return [];
  }
}

/** Names of all nodes that were ever started in a home. Throws E_HOME_DENIED. */
export function listNodes(home: Home): string[] {
  return listNames(home.dataDir).filter((name) => readConfigFile(home, name) !== undefined);
}

function readConfigFile(home: Home, name: string): unknown {
  try {
    return readJson(pathsOf(home, name).config);
  } catch {
    // A broken file is still a node's: starting it says what is wrong.
    return {};
  }
}

/** What is in a status file; undefined when there is none, or when a crash has left it broken. */
function readStatusFile(path: string): Partial<DaemonStatus> | undefined {
  try {
    return (readJson(path) ?? undefined) as Partial<DaemonStatus> | undefined;
  } catch (error) {
    if (error instanceof DagentError && error.code === 'E_HOME_DENIED') throw error;
    return undefined;
  }
}

/** What its lock and its options say of a daemon that could not write its status file. */
function describeBriefly(home: Home, name: string): DaemonStatus | undefined {
  const { lock, socket } = pathsOf(home, name);
  const holder = findHolder(lock);
  if (holder === undefined) return undefined;
  const { id, options } = (readConfigFile(home, name) ?? {}) as Readonly<Record<string, unknown>>;
  const { role } = (options ?? {}) as { role?: unknown };
  return {
    name,
    id: typeof id === 'string' ? id : null,
    role: isRole(role) ? role : null,
    ...holder,
    ...{ realm: null, parent: null, parentError: null, peers: [], wantedPeers: [] },
    ...{ listen: [`cd:${socket}`], metrics: null, depth: role === 'root' ? 0 : 1 },
    startedAtMs: lstatSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0,
    ...{ version: '', home: home.label, isBrief: true },
  };
}

/**
 * What the running daemon `name` says of itself; undefined when none runs. Throws
 * E_HOME_DENIED.
 */
export function readStatus(home: Home, name: string): DaemonStatus | undefined {
  const status = readStatusFile(pathsOf(home, name).status);
  const { pid, startTicks } = status ?? {};
  const isSaid = typeof pid === 'number' && typeof startTicks === 'string';
  if (isSaid && isAlive({ pid, startTicks })) return status as DaemonStatus;
  return describeBriefly(home, name);
}

/** All running daemons of a home, the one nearest to the root first. Throws E_HOME_DENIED. */
export function listDaemons(home: Home): DaemonStatus[] {
  return listNames(home.runDir)
    .map((name) => readStatus(home, name))
    .filter((status) => status !== undefined)
    .sort((a, b) => a.depth - b.depth || (a.name < b.name ? -1 : 1));
}
