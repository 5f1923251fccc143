/**
 * What a daemon is started with: kept in its home, so that `daemon restart` starts it as it was.
 */
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { writing } from '../adapters/files.ts';
import { type Home, pathsOf, readJson, writeJson } from '../adapters/home.ts';
import { formatBytes } from '../base/size.ts';
import { isNodeName } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import {
  CHILDREN_MAX_DEFAULT,
  FILE_SPOOL_BYTES_DEFAULT,
  FILE_SPOOL_BYTES_MAX,
  FILE_SPOOL_BYTES_MIN,
  HOLD_MS_DEFAULT,
  HOLD_MS_MIN,
  LABEL_LENGTH_MAX,
  LABELS_MAX,
  MAILBOX_COUNT_MAX,
  URLS_PER_NODE_MAX,
} from '../protocol/limits.ts';
import { isLabelName, isLabelValue, isNodeId, isRole, type Role } from '../protocol/record.ts';
import { isLocalUrl, parseStreamUrl, parseUrl } from '../protocol/url.ts';
import type { Keep } from './unwritten.ts';

export interface StartOptions {
  readonly name: string;
  readonly role: Role;
  readonly realm: string | null;
  readonly parents: readonly string[];
  /** Nodes that are neither above nor below: what they reach is reached through them. */
  readonly peers: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Where others can dial this node, when it is not where it listens. */
  readonly urls: readonly string[];
  readonly listen: readonly string[];
  /** Where it can be scraped over HTTP, HOST:PORT; null: nowhere. */
  readonly metrics: string | null;
  readonly holdMs: number;
  /** More are sent to others below. */
  readonly childrenMax: number;
  /** Messages that one durable mailbox holds; more are refused. */
  readonly mailboxMax: number;
  /** Bytes of blocks of files that it keeps to pass them on. */
  readonly spoolBytesMax: number;
  readonly isInsecure: boolean;
  /** Null: the log file of the home. */
  readonly logFile: string | null;
  readonly pidFile: string | null;
  /** Directory of its plugins; null: the one of the home. */
  readonly plugins: string | null;
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
  readonly peers?: readonly string[] | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly urls?: readonly string[] | undefined;
  readonly listen?: readonly string[] | undefined;
  readonly metrics?: string | undefined;
  readonly holdMs?: number | undefined;
  readonly childrenMax?: number | undefined;
  readonly mailboxMax?: number | undefined;
  readonly spoolBytesMax?: number | undefined;
  readonly isInsecure?: boolean | undefined;
  readonly logFile?: string | undefined;
  readonly pidFile?: string | undefined;
  readonly plugins?: string | undefined;
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
  if (!isLocalUrl(parseStreamUrl(url)) && !isInsecure) throw new DagentError('E_INSECURE', { url });
}

/** The host and port in `127.0.0.1:9464` or `[::1]:0`. Throws E_USAGE. */
export function parsePlace(text: string): { readonly host: string; readonly port: number } {
  const [, host = '', port = ''] = /^(\[[0-9a-fA-F:.]+\]|[^:/[\]\s]+):(\d{1,5})$/.exec(text) ?? [];
  if (host !== '' && Number(port) <= 65_535) {
    return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
  }
  return usage(`--metrics is HOST:PORT, such as 127.0.0.1:9464, not ${text}`);
}

function checkMetrics(text: string, isInsecure: boolean): void {
  const { host, port } = parsePlace(text);
  if (isLocalUrl({ kind: 'tcp', host, port }) || isInsecure) return;
  throw new DagentError('E_INSECURE', { url: `http://${text}` });
}

function checkLabels(labels: Readonly<Record<string, string>>): void {
  const entries = Object.entries(labels);
  if (entries.length > LABELS_MAX) usage(`at most ${LABELS_MAX} --label, not ${entries.length}`);
  for (const [name, value] of entries) {
    if (isLabelName(name) && isLabelValue(value)) continue;
    usage(`--label is NAME=VALUE, with a value of at most ${LABEL_LENGTH_MAX} characters`);
  }
}

/** A path as the one who named it meant it: the daemon itself works in another directory. */
function absolute(path: string | undefined): string | null {
  return path === undefined ? null : resolve(path);
}

/** The whole set of options. Throws E_USAGE, E_NAME_INVALID, E_URL_INVALID, E_INSECURE. */
export function completeOptions(wanted: WantedOptions): StartOptions {
  const { parents = [], peers = [], listen = [], labels = {}, urls = [] } = wanted;
  const { isInsecure = false, holdMs = HOLD_MS_DEFAULT } = wanted;
  const { childrenMax = CHILDREN_MAX_DEFAULT, mailboxMax = MAILBOX_COUNT_MAX } = wanted;
  const { spoolBytesMax = FILE_SPOOL_BYTES_DEFAULT } = wanted;
  const name = wanted.name ?? hostNodeName();
  if (!isNodeName(name)) throw new DagentError('E_NAME_INVALID', { name });
  const role = checkRole(wanted.role ?? (parents.length > 0 ? 'agent' : 'root'), parents);
  for (const url of [...parents, ...peers, ...urls]) parseUrl(url);
  checkLabels(labels);
  if (urls.length > URLS_PER_NODE_MAX) usage(`at most ${URLS_PER_NODE_MAX} --advertise`);
  for (const url of listen) checkListen(url, isInsecure);
  if (wanted.metrics !== undefined) checkMetrics(wanted.metrics, isInsecure);
  if (holdMs < HOLD_MS_MIN) usage(`--hold is at least ${HOLD_MS_MIN} ms, not ${holdMs} ms`);
  if (!Number.isSafeInteger(childrenMax) || childrenMax < 1) {
    usage('--max-children is a number from 1 on; a node that takes none is a leaf');
  }
  if (!Number.isSafeInteger(mailboxMax) || mailboxMax < 1 || mailboxMax > MAILBOX_COUNT_MAX) {
    usage(`--max-mailbox is a number from 1 to ${MAILBOX_COUNT_MAX}`);
  }
  if (spoolBytesMax < FILE_SPOOL_BYTES_MIN || spoolBytesMax > FILE_SPOOL_BYTES_MAX) {
    const [min, max] = [FILE_SPOOL_BYTES_MIN, FILE_SPOOL_BYTES_MAX].map(formatBytes);
    usage(`--max-spool is a size from ${min} to ${max}`);
  }
  const realm = wanted.realm ?? (role === 'root' ? REALM_DEFAULT : null);
  if (realm !== null && !isNodeName(realm))
    throw new DagentError('E_NAME_INVALID', { name: realm });
  return {
    name,
    role,
    realm,
    parents,
    peers,
    labels,
    urls,
    listen,
    metrics: wanted.metrics ?? null,
    holdMs,
    childrenMax,
    mailboxMax,
    spoolBytesMax,
    isInsecure,
    logFile: absolute(wanted.logFile),
    pidFile: absolute(wanted.pidFile),
    plugins: absolute(wanted.plugins),
  };
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isTextOrNull = (value: unknown): boolean => value === null || isText(value);
const isTextMap = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.values(value).every(isText);
const isTextList = (value: unknown): boolean => Array.isArray(value) && value.every(isText);

/** What each option is in the file, when it is there: an older version may not have known it. */
const IS_STORED: Readonly<Record<keyof StartOptions, (value: unknown) => boolean>> = {
  name: isText,
  role: isText,
  realm: isTextOrNull,
  parents: isTextList,
  peers: isTextList,
  labels: isTextMap,
  urls: isTextList,
  listen: isTextList,
  metrics: isTextOrNull,
  holdMs: (value) => typeof value === 'number',
  childrenMax: (value) => typeof value === 'number',
  mailboxMax: (value) => typeof value === 'number',
  spoolBytesMax: (value) => typeof value === 'number',
  isInsecure: (value) => typeof value === 'boolean',
  logFile: isTextOrNull,
  pidFile: isTextOrNull,
  plugins: isTextOrNull,
};

/** The options in what was kept, or undefined when it has none. */
function parseStored(stored: unknown): WantedOptions | undefined {
  if (typeof stored !== 'object' || stored === null) return undefined;
  const wanted: Record<string, unknown> = {};
  for (const [name, isRight] of Object.entries(IS_STORED)) {
    const value = (stored as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined && !isRight(value)) return undefined;
    if (value !== null) wanted[name] = value;
  }
  return wanted;
}

/** What is kept of a node; undefined when nothing is. Throws E_STATE_BROKEN. */
function readKept(path: string): { readonly id: string; readonly options: unknown } | undefined {
  const kept = readJson(path);
  if (kept === undefined) return undefined;
  const { id, options } = (kept ?? {}) as Partial<Record<keyof NodeConfig, unknown>>;
  if (typeof id === 'string' && isNodeId(id)) return { id, options };
  throw new DagentError('E_STATE_BROKEN', { path, reason: 'it has no id of a node' });
}

/** What the node `name` was last started with. Throws E_DAEMON_UNKNOWN, E_STATE_BROKEN. */
export function readConfig(home: Home, name: string): NodeConfig {
  if (!isNodeName(name)) throw new DagentError('E_NAME_INVALID', { name });
  const path = pathsOf(home, name).config;
  const kept = readKept(path);
  if (kept === undefined) throw new DagentError('E_DAEMON_UNKNOWN', { name, home: home.label });
  const wanted = parseStored(kept.options);
  if (wanted === undefined) {
    throw new DagentError('E_STATE_BROKEN', { path, reason: 'its options are none' });
  }
  return { id: kept.id, options: completeOptions(wanted) };
}

/**
 * The id of a node that is kept in the file `path`; undefined the first time. Throws
 * E_STATE_BROKEN.
 */
export function readId(path: string): string | undefined {
  return readKept(path)?.id;
}

/**
 * Keeps the options for the next start, and the identity for ever. `newId` is used the first time.
 * Throws what `keep` throws; E_STATE_BROKEN: a node that forgot its identity would be a stranger to
 * its tree.
 */
export function keepConfig(
  home: Home,
  options: StartOptions,
  newId: string,
  keep: Keep = writing,
): NodeConfig {
  const path = pathsOf(home, options.name).config;
  const kept = readKept(path);
  const config: NodeConfig = { id: kept?.id ?? newId, options };
  // On a disk that is full, what has not changed need not be written.
  if (JSON.stringify(kept) !== JSON.stringify(config)) keep(path, () => writeJson(path, config));
  return config;
}
