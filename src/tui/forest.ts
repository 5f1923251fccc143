/**
 * The nodes as they are known: by name, and below each parent in natural order. It is kept by small
 * changes, so that one node of ten thousand costs a search and not a sort.
 */

import { naturalKey } from '../base/natural.ts';
import { ROLES, type Role } from '../protocol/record.ts';
import type { NodeStatus } from '../protocol/status.ts';

/** A node; it stays the same object while the node is known. */
export interface Entry {
  readonly name: string;
  readonly sortKey: string;
  status: NodeStatus;
  /**
   * When the figures were taken, by our own clock, or null while there are none. Clocks differ, so
   * figures that come in while we watch count from then; only of those that were there before us
   * the node's own word is taken.
   */
  sampledAtMs: number | null;
}

interface Tally {
  up: number;
  lost: number;
}

export interface Forest {
  readonly entries: Map<string, Entry>;
  /** Children by the name of their parent, which need not be known; those of nobody under ''. */
  readonly children: Map<string, Entry[]>;
  readonly tallies: Record<Role, Tally>;
}

/** What a change did: values only, or also who hangs where. */
export type Change = 'nothing' | 'values' | 'shape';

export function createForest(): Forest {
  const tallies = Object.fromEntries(ROLES.map((role) => [role, { up: 0, lost: 0 }]));
  return { entries: new Map(), children: new Map(), tallies: tallies as Record<Role, Tally> };
}

function parentOf(status: NodeStatus): string {
  return status.parent ?? '';
}

function compareEntries(a: Entry, b: Entry): number {
  return a.sortKey < b.sortKey ? -1 : a.sortKey > b.sortKey ? 1 : 0;
}

/** The entries in natural order. */
export function sortEntries(entries: Entry[]): Entry[] {
  return entries.sort(compareEntries);
}

/** Where `sortKey` is in the sorted list, or would have to go. */
function findPlace(siblings: readonly Entry[], sortKey: string): number {
  let low = 0;
  let high = siblings.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((siblings[middle]?.sortKey ?? '') < sortKey) low = middle + 1;
    else high = middle;
  }
  return low;
}

function attach(forest: Forest, entry: Entry): void {
  const parent = parentOf(entry.status);
  const siblings = forest.children.get(parent);
  if (siblings === undefined) forest.children.set(parent, [entry]);
  else siblings.splice(findPlace(siblings, entry.sortKey), 0, entry);
}

function detach(forest: Forest, entry: Entry): void {
  const parent = parentOf(entry.status);
  const siblings = forest.children.get(parent) ?? [];
  siblings.splice(findPlace(siblings, entry.sortKey), 1);
  if (siblings.length === 0) forest.children.delete(parent);
}

function count(forest: Forest, status: NodeStatus, by: 1 | -1): void {
  forest.tallies[status.role][status.state] += by;
}

/** When the figures of `status`, which has just come, were taken: see {@link Entry.sampledAtMs}. */
function sampleTime(known: Entry | undefined, status: NodeStatus, nowMs: number): number | null {
  if (status.sample === null) return null;
  return known?.status.sample?.atMs === status.sample.atMs ? known.sampledAtMs : nowMs;
}

/** Takes in what a node says of itself at `nowMs`. */
export function putNode(forest: Forest, status: NodeStatus, nowMs: number): Change {
  const { name } = status;
  const known = forest.entries.get(name);
  const sampledAtMs = sampleTime(known, status, nowMs);
  count(forest, status, 1);
  if (known === undefined) {
    const entry: Entry = { name, sortKey: naturalKey(name), status, sampledAtMs };
    forest.entries.set(name, entry);
    attach(forest, entry);
    return 'shape';
  }
  count(forest, known.status, -1);
  const isMoved = parentOf(known.status) !== parentOf(status);
  if (isMoved) detach(forest, known);
  known.status = status;
  known.sampledAtMs = sampledAtMs;
  if (isMoved) attach(forest, known);
  return isMoved ? 'shape' : 'values';
}

/** Forgets a node. Its children stay, as the tops of trees of their own. */
export function removeNode(forest: Forest, name: string): Change {
  const entry = forest.entries.get(name);
  if (entry === undefined) return 'nothing';
  forest.entries.delete(name);
  detach(forest, entry);
  count(forest, entry.status, -1);
  return 'shape';
}

/** The nodes of `nodes` and no others: sorted once, where one by one would cost more. */
export function plantForest(nodes: readonly NodeStatus[], nowMs: number): Forest {
  const forest = createForest();
  for (const status of nodes) {
    const { name, sample } = status;
    const sampledAtMs = sample === null ? null : Math.min(nowMs, sample.atMs);
    forest.entries.set(name, { name, sortKey: naturalKey(name), status, sampledAtMs });
  }
  for (const entry of sortEntries([...forest.entries.values()])) {
    const parent = parentOf(entry.status);
    const siblings = forest.children.get(parent);
    if (siblings === undefined) forest.children.set(parent, [entry]);
    else siblings.push(entry);
    count(forest, entry.status, 1);
  }
  return forest;
}
