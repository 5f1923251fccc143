/**
 * The nodes as a tree. In two steps: the order of all nodes, which holds until someone comes, goes
 * or moves, or the siblings are sorted anew; and the rows that folds and a filter leave of it,
 * which cost no more than they are. Nothing here recurses: the depth of a tree is the word of
 * others.
 */
import { TOP_DEPTH_MAX } from '../protocol/limits.ts';
import { type NodeTable, type Slot, sortSlots } from './node-table.ts';
import type { Rows } from './views/view.ts';

/** All nodes, parents before their children, as parallel lists. */
export interface TreeOrder {
  readonly slots: Int32Array;
  readonly depths: Uint16Array;
  /** Position of the parent, or -1. */
  readonly parents: Int32Array;
  /** Nodes of the subtree, the node itself included: its end is the position plus this. */
  readonly sizes: Int32Array;
}

/** What is to be left of the order. */
export interface TreeSelection {
  /** Names of the nodes whose children are hidden; without effect while there is a filter. */
  readonly folded: ReadonlySet<string>;
  /** Whether a node is looked for; undefined when all are wanted. */
  readonly isMatch: ((slot: Slot) => boolean) | undefined;
}

/** Puts siblings, which are in natural order, in another one; the list is a new one. */
export type SortSiblings = (siblings: readonly Slot[]) => readonly Slot[];

/** Those without a parent, and those whose parent is not known. */
function findTops(table: NodeTable): Slot[] {
  const tops: Slot[] = [];
  for (const [parent, children] of table.children) {
    if (!table.slots.has(parent)) tops.push(...children);
  }
  return sortSlots(table, tops);
}

/** A walk under way: what was walked, in its order, and the position of the parent of each. */
interface Walk {
  readonly table: NodeTable;
  readonly sort: SortSiblings;
  /** 1 at the slots of those that were walked. */
  readonly isWalked: Uint8Array;
  readonly slots: Int32Array;
  readonly parents: Int32Array;
  count: number;
}

/** Walks the trees under `tops` that were not walked yet. */
function walk(under: Walk, tops: readonly Slot[]): void {
  const { table, sort, isWalked, slots, parents } = under;
  // Children of the node at `above` that are still to come, the next one last.
  const waiting = [...tops].reverse();
  const above = tops.map(() => -1);
  for (let slot = waiting.pop(); slot !== undefined; slot = waiting.pop()) {
    const parent = above.pop()!;
    if (isWalked[slot] === 1) continue;
    const position = under.count++;
    isWalked[slot] = 1;
    slots[position] = slot;
    parents[position] = parent;
    const children = table.children.get(table.names[slot]!);
    if (children === undefined) continue;
    const sorted = sort(children);
    for (let index = sorted.length - 1; index >= 0; index--) {
      waiting.push(sorted[index]!);
      above.push(position);
    }
  }
}

/** The order of all nodes of the table. Each is there once, whatever its parents say. */
export function orderTree(table: NodeTable, sort: SortSiblings = (slots) => slots): TreeOrder {
  const { size } = table.slots;
  const slots = new Int32Array(size);
  const parents = new Int32Array(size);
  const isWalked = new Uint8Array(table.lost.length);
  const under: Walk = { table, sort, isWalked, slots, parents, count: 0 };
  walk(under, sort(findTops(table)));
  if (under.count < size) {
    // They are each other's ancestors. While routes change that is reported for a moment.
    walk(under, sort(sortSlots(table, [...table.slots.values()])));
  }
  const depths = new Uint16Array(slots.length);
  const sizes = new Int32Array(slots.length).fill(1);
  for (let index = 0; index < slots.length; index++) {
    const parent = parents[index]!;
    if (parent >= 0) depths[index] = Math.min(TOP_DEPTH_MAX, depths[parent]! + 1);
  }
  for (let index = slots.length - 1; index >= 0; index--) {
    const parent = parents[index]!;
    if (parent >= 0) sizes[parent]! += sizes[index]!;
  }
  return { slots, depths, parents, sizes };
}

/**
 * What the filter makes of a node: nothing of it is kept, a node below it is, it matches itself.
 */
const DROPPED = 0;
const ON_THE_WAY = 1;
const MATCHING = 2;

function judge(order: TreeOrder, isMatch: (slot: Slot) => boolean): Uint8Array {
  const { slots, parents } = order;
  const verdicts = new Uint8Array(slots.length);
  for (let index = slots.length - 1; index >= 0; index--) {
    if (isMatch(slots[index]!)) verdicts[index] = MATCHING;
    const parent = parents[index]!;
    if (verdicts[index] !== DROPPED && parent >= 0) verdicts[parent] = ON_THE_WAY;
  }
  return verdicts;
}

/** Lines of the tree, as parallel lists. */
export class TreeRows implements Rows<Slot> {
  readonly table: NodeTable;
  readonly order: TreeOrder;
  /** The shape of the table when its order was found. */
  readonly shape: number;
  /** Position of each row in the order. */
  readonly positions: Int32Array;
  /** Index of the parent's row, or -1. */
  readonly parents: Int32Array;
  /** Nodes below it that a fold hides. */
  readonly hidden: Int32Array;
  /** 1 where no sibling follows. */
  readonly last: Uint8Array;
  /** 0 where a row is there only for a match below it. */
  readonly matches: Uint8Array;
  count = 0;
  matchCount = 0;

  /** No rows yet, of at most all nodes of `order`. */
  constructor(table: NodeTable, order: TreeOrder) {
    const size = order.slots.length;
    this.table = table;
    this.order = order;
    this.shape = table.shape;
    this.positions = new Int32Array(size);
    this.parents = new Int32Array(size);
    this.hidden = new Int32Array(size);
    this.last = new Uint8Array(size);
    this.matches = new Uint8Array(size);
  }

  item(index: number): Slot {
    return this.order.slots[this.positions[index]!]!;
  }

  id(index: number): string {
    return this.table.names[this.item(index)]!;
  }

  isMatch(index: number): boolean {
    return this.matches[index] === 1;
  }

  depth(index: number): number {
    return this.order.depths[this.positions[index]!]!;
  }

  hasChildren(index: number): boolean {
    return this.order.sizes[this.positions[index]!]! > 1;
  }
}

function markLast({ count, parents, last }: TreeRows): void {
  const hasLast = new Uint8Array(count + 1);
  for (let index = count - 1; index >= 0; index--) {
    const parent = parents[index]! + 1;
    last[index] = hasLast[parent] === 0 ? 1 : 0;
    hasLast[parent] = 1;
  }
}

/** The rows that `selection` leaves, in their order. */
export function selectRows(
  table: NodeTable,
  order: TreeOrder,
  { folded, isMatch }: TreeSelection,
): TreeRows {
  const verdicts = isMatch === undefined ? undefined : judge(order, isMatch);
  const rows = new TreeRows(table, order);
  const rowAt = new Int32Array(order.slots.length);
  for (let position = 0; position < order.slots.length; ) {
    const below = order.sizes[position]! - 1;
    if (verdicts?.[position] === DROPPED) {
      position += below + 1;
      continue;
    }
    const name = table.names[order.slots[position]!]!;
    const isFolded = verdicts === undefined && below > 0 && folded.has(name);
    const parent = order.parents[position]!;
    const index = rows.count++;
    rowAt[position] = index;
    rows.positions[index] = position;
    rows.parents[index] = parent < 0 ? -1 : rowAt[parent]!;
    rows.hidden[index] = isFolded ? below : 0;
    const isWanted = verdicts === undefined || verdicts[position] === MATCHING;
    rows.matches[index] = isWanted ? 1 : 0;
    rows.matchCount += isWanted ? 1 : 0;
    position += isFolded ? below + 1 : 1;
  }
  markLast(rows);
  return rows;
}
