/**
 * What a daemon is started with: kept in its home, so that `daemon restart` starts it as it was.
 */
import { hostname } from 'node:os';
import { type Home, pathsOf, readJson, writeJson } from '../adapters/home.ts';
import { isNodeName } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import { HOLD_MS_DEFAULT, HOLD_MS_MIN } from '../protocol/limits.ts';
import { isRole, type Role } from '../protocol/record.ts';
import { isLocalUrl, parseUrl } from '../protocol/url.ts';

export interface StartOptions {
  readonly name: string;
  readonly role: Role;
  readonly realm: string | null;
  readonly parents: readonly string[];
  readonly listen: readonly string[];
  readonly holdMs: number;
  readonly isInsecure: boolean;
  /** Null: the log file of the home. */
  readonly logFile: string | null;
  readonly pidFile: string | null;
}

/** What the node keeps between runs. */
export interface NodeConfig {
  readonly id: string;
  readonly options: StartOptions;
}

/** Options as a command has them: what is absent gets its default. */
export interface WantedOptions {
  readonly name?: string | undefined;
  readonly role?: string | undefined;
  readonly realm?: string | undefined;
  readonly parents?: readonly string[] | undefined;
  readonly listen?: readonly string[] | undefined;
  readonly holdMs?: number | undefined;
  readonly isInsecure?: boolean | undefined;
  readonly logFile?: string | undefined;
  readonly pidFile?: string | undefined;
}

/** The realm of a root that is given none. */
const REALM_DEFAULT = 'local';

function usage(reason: string): never {
  throw new DagentError('E_USAGE', { reason });
}

/** The host's name, as far as it can be a node's. */
function hostNodeName(): string {
  const short = hostname().split('.')[0] ?? '';
  return isNodeName(short) ? short : 'node';
}

function checkRole(role: string, parents: readonly string[]): Role {
  if (!isRole(role)) return usage(`--role is root, agent or leaf, not ${role}`);
  if (role === 'root' && parents.length > 0) return usage('a root has no --parent');
  if (role !== 'root' && parents.length === 0)
    return usage(`a node of role ${role} needs a --parent`);
  return role;
}

function checkListen(url: string, isInsecure: boolean): void {
  if (!isLocalUrl(parseUrl(url)) && !isInsecure) throw new DagentError('E_INSECURE', { url });
}

/** The whole set of options. Throws E_USAGE, E_NAME_INVALID, E_URL_INVALID, E_INSECURE. */
export function completeOptions(wanted: WantedOptions): StartOptions {
  const { parents = [], listen = [], isInsecure = false, holdMs = HOLD_MS_DEFAULT } = wanted;
  const name = wanted.name ?? hostNodeName();
  if (!isNodeName(name)) throw new DagentError('E_NAME_INVALID', { name });
  const role = checkRole(wanted.role ?? (parents.length > 0 ? 'agent' : 'root'), parents);
  for (const url of parents) parseUrl(url);
  for (const url of listen) checkListen(url, isInsecure);
  if (holdMs < HOLD_MS_MIN) usage(`--hold is at least ${HOLD_MS_MIN} ms, not ${holdMs} ms`);
  const realm = wanted.realm ?? (role === 'root' ? REALM_DEFAULT : null);
  if (realm !== null && !isNodeName(realm))
    throw new DagentError('E_NAME_INVALID', { name: realm });
  return {
    name,
    role,
    realm,
    parents,
    listen,
    holdMs,
    isInsecure,
    logFile: wanted.logFile ?? null,
    pidFile: wanted.pidFile ?? null,
  };
}

/** What the node `name` was last started with. Throws E_DAEMON_UNKNOWN, E_STATE_BROKEN. */
export function readConfig(home: Home, name: string): NodeConfig {
  if (!isNodeName(name)) throw new DagentError('E_NAME_INVALID', { name });
  const path = pathsOf(home, name).config;
  const config = readJson(path) as NodeConfig | undefined;
  if (config === undefined) throw new DagentError('E_DAEMON_UNKNOWN', { name, home: home.label });
  if (typeof config.id !== 'string' || typeof config.options !== 'object') {
    throw new DagentError('E_STATE_BROKEN', { path, reason: 'it has no id or no options' });
  }
  return { id: config.id, options: completeOptions(fromStored(config.options)) };
}

function fromStored(options: StartOptions): WantedOptions {
  const { realm, logFile, pidFile, ...rest } = options;
  return {
    ...rest,
    realm: realm ?? undefined,
    logFile: logFile ?? undefined,
    pidFile: pidFile ?? undefined,
  };
}

/**
 * Keeps the options for the next start, and the identity for ever. `newId` is used the first time.
 */
export function keepConfig(home: Home, options: StartOptions, newId: string): NodeConfig {
  const path = pathsOf(home, options.name).config;
  const known = readJson(path) as Partial<NodeConfig> | undefined;
  const config: NodeConfig = { id: known?.id ?? newId, options };
  writeJson(path, config);
  return config;
}
