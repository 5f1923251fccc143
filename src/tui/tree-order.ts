/**
 * The forest as a list of rows. In two steps: the order of all nodes, which holds until someone
 * comes, goes or moves; and the rows that folds and a filter leave of it, which cost no more than
 * they are. Nothing here recurses: the depth of a tree is the word of others.
 */
import { type Entry, type Forest, sortEntries } from './forest.ts';

/** All nodes, parents before their children, as parallel lists. */
export interface TreeOrder {
  readonly entries: readonly Entry[];
  readonly depths: Uint16Array;
  /** Position of the parent, or -1. */
  readonly parents: Int32Array;
  /** Nodes of the subtree, the node itself included: its end is the position plus this. */
  readonly sizes: Int32Array;
}

/** A line of the tree. */
export interface TreeRow {
  readonly entry: Entry;
  readonly depth: number;
  /** Index of the parent's row, or -1. */
  readonly parent: number;
  /** Whether no sibling follows. */
  isLast: boolean;
  readonly hasChildren: boolean;
  /** Nodes below it that a fold hides. */
  readonly hidden: number;
  /** Whether it is there for itself, and not only for a match below it. */
  readonly isMatch: boolean;
}

/** What is to be left of the order. */
export interface TreeSelection {
  /** Names of the nodes whose children are hidden; without effect while there is a filter. */
  readonly folded: ReadonlySet<string>;
  /** Part of a name or of a service, in lower case, or ''. */
  readonly filter: string;
}

const DEPTH_MAX = 65_535;

/** Those without a parent, and those whose parent is not known. */
function findTops(forest: Forest): Entry[] {
  const tops: Entry[] = [];
  for (const [parent, children] of forest.children) {
    if (!forest.entries.has(parent)) tops.push(...children);
  }
  return sortEntries(tops);
}

/** Walks the trees under `tops` that were not walked yet; appends to the lists. */
function walk(forest: Forest, tops: readonly Entry[], walked: Set<Entry>, parents: number[]): void {
  // Children of the row at `parent` that are still to come, the next one last.
  const waiting = tops.map((entry) => ({ entry, parent: -1 })).reverse();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { entry, parent } = next;
    if (walked.has(entry)) continue;
    const position = walked.size;
    walked.add(entry);
    parents.push(parent);
    const children = forest.children.get(entry.name);
    for (let index = (children?.length ?? 0) - 1; index >= 0; index--) {
      waiting.push({ entry: children![index]!, parent: position });
    }
  }
}

/** The order of all nodes of the forest. Each is there once, whatever its parents say. */
export function orderForest(forest: Forest): TreeOrder {
  const walked = new Set<Entry>();
  const parentList: number[] = [];
  walk(forest, findTops(forest), walked, parentList);
  if (walked.size < forest.entries.size) {
    // They are each other's ancestors. While routes change that is reported for a moment.
    walk(forest, sortEntries([...forest.entries.values()]), walked, parentList);
  }
  const entries = [...walked];
  const parents = Int32Array.from(parentList);
  const depths = new Uint16Array(entries.length);
  const sizes = new Int32Array(entries.length).fill(1);
  for (let index = 0; index < entries.length; index++) {
    const parent = parents[index]!;
    if (parent >= 0) depths[index] = Math.min(DEPTH_MAX, depths[parent]! + 1);
  }
  for (let index = entries.length - 1; index >= 0; index--) {
    const parent = parents[index]!;
    if (parent >= 0) sizes[parent]! += sizes[index]!;
  }
  return { entries, depths, parents, sizes };
}

function isMatch({ name, status }: Entry, filter: string): boolean {
  return (
    name.toLowerCase().includes(filter) ||
    status.services.some((service) => service.toLowerCase().includes(filter))
  );
}

/**
 * What the filter makes of a node: nothing of it is kept, a node below it is, it matches itself.
 */
const DROPPED = 0;
const ON_THE_WAY = 1;
const MATCHING = 2;

function judge(order: TreeOrder, filter: string): Uint8Array {
  const { entries, parents } = order;
  const verdicts = new Uint8Array(entries.length);
  for (let index = entries.length - 1; index >= 0; index--) {
    if (isMatch(entries[index]!, filter)) verdicts[index] = MATCHING;
    const parent = parents[index]!;
    if (verdicts[index] !== DROPPED && parent >= 0) verdicts[parent] = ON_THE_WAY;
  }
  return verdicts;
}

function markLast(rows: readonly TreeRow[]): void {
  const hasLast = new Uint8Array(rows.length + 1);
  for (let index = rows.length - 1; index >= 0; index--) {
    const row = rows[index]!;
    row.isLast = hasLast[row.parent + 1] === 0;
    hasLast[row.parent + 1] = 1;
  }
}

/** The rows that `selection` leaves, in their order. */
export function selectRows(order: TreeOrder, selection: TreeSelection): TreeRow[] {
  const { entries, depths, parents, sizes } = order;
  const verdicts = selection.filter === '' ? undefined : judge(order, selection.filter);
  const rowAt = new Int32Array(entries.length);
  const rows: TreeRow[] = [];
  for (let index = 0; index < entries.length; ) {
    const entry = entries[index]!;
    const below = sizes[index]! - 1;
    if (verdicts?.[index] === DROPPED) {
      index += below + 1;
      continue;
    }
    const isFolded = verdicts === undefined && below > 0 && selection.folded.has(entry.name);
    const parent = parents[index]!;
    rowAt[index] = rows.length;
    rows.push({
      entry,
      depth: depths[index]!,
      parent: parent < 0 ? -1 : rowAt[parent]!,
      isLast: false,
      hasChildren: below > 0,
      hidden: isFolded ? below : 0,
      isMatch: verdicts === undefined || verdicts[index] === MATCHING,
    });
    index += isFolded ? below + 1 : 1;
  }
  markLast(rows);
  return rows;
}
