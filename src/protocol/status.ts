/** What `dagent tree` and `dagent top` show of a node, and how watchers hear of changes. */
import { isNodeName } from './address.ts';
import { isRole, type Role } from './record.ts';

export type NodeState = 'up' | 'lost';

export interface NodeStatus {
  readonly name: string;
  readonly id: string;
  readonly role: Role;
  readonly parent: string | null;
  readonly state: NodeState;
  readonly services: readonly string[];
  readonly version: string;
  /** Start of this run of the daemon, milliseconds since the epoch. */
  readonly startedAtMs: number;
  /** Round trip to the parent, or null when not measured (the top; a fresh link). */
  readonly rttMs: number | null;
  /** The host's figures, or null while none has come. */
  readonly sample: HostSample | null;
}

/** Figures of a host, taken by its daemon. */
export interface HostSample {
  /** When, milliseconds since the epoch, by the node's own clock. */
  readonly atMs: number;
  /** Load average of one minute, and the number of processors it spreads over. */
  readonly load1: number;
  readonly cpus: number;
  readonly memoryUsedBytes: number;
  readonly memoryTotalBytes: number;
  /** Resident memory of the daemon itself. */
  readonly daemonBytes: number;
}

/** One record of a watch: the whole at first, then what changed. */
export type WatchRecord =
  | { readonly type: 'snapshot'; readonly realm: string; readonly nodes: readonly NodeStatus[] }
  | { readonly type: 'node'; readonly node: NodeStatus }
  | { readonly type: 'gone'; readonly name: string };

function parseCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function parseSample(value: unknown): HostSample | null {
  if (typeof value !== 'object' || value === null) return null;
  const sample = value as Record<keyof HostSample, unknown>;
  const figures = [
    parseCount(sample.atMs),
    parseCount(sample.load1),
    parseCount(sample.cpus),
    parseCount(sample.memoryUsedBytes),
    parseCount(sample.memoryTotalBytes),
    parseCount(sample.daemonBytes),
  ];
  const [atMs, load1, cpus, memoryUsedBytes, memoryTotalBytes, daemonBytes] = figures;
  if (atMs === undefined || load1 === undefined || cpus === undefined) return null;
  if (memoryUsedBytes === undefined || memoryTotalBytes === undefined) return null;
  if (daemonBytes === undefined) return null;
  return { atMs, load1, cpus, memoryUsedBytes, memoryTotalBytes, daemonBytes };
}

/** What another node may say of a node: the rest is known from its adverts. */
export type Heard = Pick<NodeStatus, 'name' | 'rttMs' | 'sample'>;

function parseHeard(value: unknown): Heard | undefined {
  const { name, rttMs, sample } = (value ?? {}) as Record<keyof Heard, unknown>;
  if (typeof name !== 'string') return undefined;
  return { name, rttMs: parseCount(rttMs) ?? null, sample: parseSample(sample) };
}

/** The status in a decoded value, or undefined when it is not one. */
export function parseNodeStatus(value: unknown): NodeStatus | undefined {
  const heard = parseHeard(value);
  const { id, role, parent, state, services, version, startedAtMs } = (value ?? {}) as Record<
    keyof NodeStatus,
    unknown
  >;
  if (heard === undefined || !isNodeName(heard.name) || typeof id !== 'string') return undefined;
  if (!isRole(role) || (state !== 'up' && state !== 'lost')) return undefined;
  if (parent !== null && typeof parent !== 'string') return undefined;
  if (!Array.isArray(services) || !services.every((each) => typeof each === 'string')) {
    return undefined;
  }
  const started = parseCount(startedAtMs);
  if (typeof version !== 'string' || started === undefined) return undefined;
  return { ...heard, id, role, parent, state, services, version, startedAtMs: started };
}

function parseMap(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** The record in a line of a watch, or undefined when it is none. */
export function parseWatchRecord(line: string): WatchRecord | undefined {
  const { type, realm, nodes, node, name } = parseMap(line);
  if (type === 'gone' && typeof name === 'string') return { type, name };
  if (type === 'node') {
    const status = parseNodeStatus(node);
    return status === undefined ? undefined : { type, node: status };
  }
  if (type !== 'snapshot' || typeof realm !== 'string' || !Array.isArray(nodes)) return undefined;
  const all = nodes.map(parseNodeStatus).filter((status) => status !== undefined);
  return { type, realm, nodes: all };
}

/** The statuses in a line of a child's watch; none when it makes no sense. */
export function parseStatuses(line: string): Heard[] {
  const { type, nodes, node } = parseMap(line);
  const all = type === 'snapshot' && Array.isArray(nodes) ? nodes : [node];
  return all.map(parseHeard).filter((heard) => heard !== undefined);
}
