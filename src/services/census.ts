/**
 * What this node knows of all nodes below it and of itself, as statuses: its own tables, joined
 * with what its children say of their subtrees while somebody watches.
 */
import type { FlagSummary } from '../protocol/flag.ts';
import { HOPS_MAX } from '../protocol/limits.ts';
import type { NodeRecord } from '../protocol/record.ts';
import type { NodeState, NodeStatus } from '../protocol/status.ts';

/** What a service may ask its own router. */
export interface TreeView {
  readonly realm: string | null;
  /** Name of this node. */
  readonly name: string;
  /** This node's record. */
  self(): NodeRecord;
  /** Every node below, with its state. */
  nodes(): Iterable<{ readonly record: NodeRecord; readonly state: NodeState }>;
  find(name: string): { readonly record: NodeRecord; readonly state: NodeState } | undefined;
  /** Last round trip to a direct child. */
  rttMs(child: string): number | null;
  /** Flags of this node, or of one below; undefined when none is up. */
  flagsOf(name: string): FlagSummary | undefined;
  /** Whether there should be a parent and is none: then what is not below is not known. */
  readonly isCutOff: boolean;
  /** Round trip from this node to its parent. */
  uplinkRttMs(): number | null;
}

/** What goes with the end of a list, where more than is in it may be missing. */
export function sayCutOff({ isCutOff }: Pick<TreeView, 'isCutOff'>): { readonly isCutOff?: true } {
  return isCutOff ? { isCutOff } : {};
}

/** Whether a node is `child`, or below it: only that is the child's to speak of. */
export function isBelow(view: TreeView, name: string, child: string): boolean {
  const self = view.name;
  let at: string | null = name;
  for (let hops = 0; at !== null && at !== self && hops < HOPS_MAX; hops++) {
    if (at === child) return true;
    at = view.find(at)?.record.parent ?? null;
  }
  return false;
}

/** Round trips that children say, by the name of the node. */
export type RoundTrips = ReadonlyMap<string, { readonly rttMs: number | null }>;

/** Joins a record with what else is known. */
function describeNode(
  record: NodeRecord,
  state: NodeState,
  rttMs: number | null,
  flags: FlagSummary | undefined,
): NodeStatus {
  const { name, id, role, parent, services, labels, version, incarnation } = record;
  const told = { name, id, role, parent, state, services, labels, version };
  const node = { ...told, startedAtMs: incarnation, rttMs, sample: null };
  return flags === undefined ? node : { ...node, flags };
}

/** Round trip of a node to its parent: of children measured here, of others what they say. */
function roundTripOf(view: TreeView, record: NodeRecord, heard: RoundTrips): number | null {
  const isChild = record.parent === view.name;
  return isChild ? view.rttMs(record.name) : (heard.get(record.name)?.rttMs ?? null);
}

/** The status of one node, or undefined when it is not known. */
export function describeByName(
  view: TreeView,
  name: string,
  heard: RoundTrips,
): NodeStatus | undefined {
  const flags = view.flagsOf(name);
  if (name === view.name) return describeNode(view.self(), 'up', view.uplinkRttMs(), flags);
  const node = view.find(name);
  if (node === undefined) return undefined;
  return describeNode(node.record, node.state, roundTripOf(view, node.record, heard), flags);
}

/** The statuses of this node and of all below it, this node first. */
export function describeAll(view: TreeView, heard: RoundTrips): NodeStatus[] {
  const names = [view.name];
  for (const { record } of view.nodes()) names.push(record.name);
  return names
    .map((name) => describeByName(view, name, heard))
    .filter((status) => status !== undefined);
}
