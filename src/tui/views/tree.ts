/** The nodes as the tree that they are. */
import { escapeLine } from '../../base/escape.ts';
import { selectRow, settle } from '../cursor.ts';
import type { Glyphs } from '../glyphs.ts';
import type { Binding } from '../keys.ts';
import type { Model } from '../model.ts';
import type { NodeTable, Slot } from '../node-table.ts';
import { orderTree, selectRows, type TreeOrder, TreeRows } from '../tree-order.ts';
import { matcherOf, sortColumnOf, sortItems } from './list-rows.ts';
import {
  isLost,
  NAME_COLUMN,
  NODE_COLUMNS,
  nodesVersion,
  nodeText,
  noNodeText,
} from './node-columns.ts';
import { nodeDetailFetches, nodeDetails } from './node-details.ts';
import type { Cell, CellContext, View } from './view.ts';

function mark(rows: TreeRows, index: number, glyphs: Glyphs): string {
  if (!rows.hasChildren(index)) return glyphs.childless;
  return rows.hidden[index]! > 0 ? glyphs.folded : glyphs.open;
}

/** The branches before a row's name. */
function branches(rows: TreeRows, index: number, glyphs: Glyphs): string {
  const marked = mark(rows, index, glyphs);
  if (rows.depth(index) === 0) return rows.hasChildren(index) ? `${marked} ` : '';
  let drawn = (rows.last[index] === 1 ? glyphs.lastBranch : glyphs.branch) + marked;
  for (let at = rows.parents[index]!; at >= 0 && rows.parents[at]! >= 0; at = rows.parents[at]!) {
    drawn = (rows.last[at] === 1 ? glyphs.nothing : glyphs.through) + drawn;
  }
  return `${drawn} `;
}

function nameCell(slot: Slot, { model, rows, index, glyphs }: CellContext): Cell {
  const text = escapeLine(model.nodes.names[slot]!);
  if (!(rows instanceof TreeRows)) return { text };
  const prefix = branches(rows, index, glyphs);
  const hidden = rows.hidden[index]!;
  if (hidden > 0) return { prefix, text, suffix: ` +${hidden}` };
  return rows.isMatch(index) ? { prefix, text } : { prefix, text, style: 'faint' };
}

/** The order of all nodes; that of a moment ago when nobody came, went or moved since. */
function orderOf(model: Model): TreeOrder {
  const { state, nodes } = model;
  const { rows } = state;
  const isSorted = sortColumnOf(model, treeView) !== undefined;
  if (isSorted) return orderTree(nodes, (siblings) => sortItems(model, treeView, siblings));
  if (rows instanceof TreeRows && rows.table === nodes && rows.shape === nodes.shape) {
    return rows.order;
  }
  return orderTree(nodes);
}

function slotOf({ slots }: NodeTable, id: string): Slot {
  return slots.get(id) ?? -1;
}

/** The node that hides the one called `id`, or is nearest above it. */
function findNearest({ nodes }: Model, rows: TreeRows, id: string): number | undefined {
  const rowAt = new Map<Slot, number>();
  for (let index = 0; index < rows.count; index++) rowAt.set(rows.item(index), index);
  const { order } = rows;
  let position = order.slots.indexOf(slotOf(nodes, id));
  while (position >= 0) {
    const row = rowAt.get(order.slots[position]!);
    if (row !== undefined) return row;
    position = order.parents[position]!;
  }
  return undefined;
}

/** The rows, and the index of the one under the cursor; undefined where it is on none. */
function current(model: Model): { rows: TreeRows; index: number } | undefined {
  const rows = settle(model);
  const index = model.state.selectedIndex;
  const isThere = index < rows.count && rows.id(index) === model.state.selected;
  return rows instanceof TreeRows && isThere ? { rows, index } : undefined;
}

function fold(model: Model, isFolded: boolean): undefined {
  const at = current(model);
  if (at === undefined || !at.rows.hasChildren(at.index)) return;
  const name = at.rows.id(at.index);
  if (isFolded) model.folded.add(name);
  else model.folded.delete(name);
  model.state.rows = undefined;
}

/** Folds the node, or when nothing of it is left to fold, goes to its parent. */
function foldOrLeave(model: Model): undefined {
  const at = current(model);
  if (at === undefined) return;
  const { rows, index } = at;
  const isOpen = rows.hasChildren(index) && rows.hidden[index] === 0;
  if (isOpen && model.state.filter === '') fold(model, true);
  else if (rows.parents[index]! >= 0) selectRow(model, rows, rows.parents[index]!);
}

function toggle(model: Model): undefined {
  const at = current(model);
  if (at !== undefined) fold(model, at.rows.hidden[at.index] === 0);
}

function unfoldAll(model: Model): undefined {
  model.folded.clear();
  model.state.rows = undefined;
}

/** Folds all that has children, but for the tops: the view from far away. */
function foldAll(model: Model): undefined {
  const { nodes } = model;
  for (const name of nodes.children.keys()) {
    const slot = nodes.slots.get(name);
    if (slot !== undefined && nodes.slots.has(nodes.parents[slot]!)) model.folded.add(name);
  }
  model.state.rows = undefined;
}

function isWhole({ state }: Model): boolean {
  return state.filter === '';
}

function hasFilter(model: Model): boolean {
  return !isWhole(model);
}

const LEAVE = { modes: ['rows'], keys: ['left', 'h'], run: foldOrLeave } as const;

const BINDINGS: readonly Binding[] = [
  { ...LEAVE, help: 'fold; go to parent', footer: 'fold', isHere: isWhole },
  { ...LEAVE, footer: 'parent', isHere: hasFilter },
  {
    modes: ['rows'],
    keys: ['right', 'l'],
    help: 'unfold',
    footer: 'fold',
    isHere: isWhole,
    run: (model) => fold(model, false),
  },
  { modes: ['rows'], keys: ['z'], help: 'fold or unfold', isHere: isWhole, run: toggle },
  { modes: ['rows'], keys: ['Z'], help: 'fold all', isHere: isWhole, run: foldAll },
  { modes: ['rows'], keys: ['*'], help: 'unfold all', isHere: isWhole, run: unfoldAll },
];

export const treeView: View<Slot> = {
  name: 'tree',
  summary: 'nodes as a tree',
  columns: [{ ...NAME_COLUMN, cell: nameCell }, ...NODE_COLUMNS],
  version: nodesVersion,
  rows: (model) =>
    selectRows(model.nodes, orderOf(model), {
      folded: model.folded,
      isMatch: matcherOf(model, treeView),
    }),
  findNearest: (model, rows, id) =>
    rows instanceof TreeRows ? findNearest(model, rows, id) : undefined,
  count: ({ nodes }) => nodes.slots.size,
  searchText: nodeText,
  isPast: isLost,
  emptyText: noNodeText,
  bindings: BINDINGS,
  nodeOf: (id) => id,
  details: nodeDetails,
  detailFetches: nodeDetailFetches,
};
