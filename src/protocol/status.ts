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
