/** What `dagent tree` and `dagent top` show of a node, and how watchers hear of changes. */
import type { Role } from './record.ts';

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

/** The statuses in a line of a child's watch; none when it makes no sense. */
export function parseStatuses(line: string): Heard[] {
  let record: Partial<Record<'type' | 'nodes' | 'node', unknown>>;
  try {
    record = (JSON.parse(line) ?? {}) as typeof record;
  } catch {
    return [];
  }
  const nodes =
    record.type === 'snapshot' && Array.isArray(record.nodes) ? record.nodes : [record.node];
  return nodes.map(parseHeard).filter((heard) => heard !== undefined);
}
