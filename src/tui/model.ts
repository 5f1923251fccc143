/**
 * All that `dagent top` knows and shows, outside React and without I/O: `update` changes it, `view`
 * reads it, and both get the time as an argument.
 */
import type { NodeStatus, WatchRecord } from '../protocol/status.ts';
import { createForest, type Forest } from './forest.ts';
import { type Glyphs, glyphsFor } from './glyphs.ts';
import { type Palette, paletteFor } from './palette.ts';
import { orderForest, selectRows, type TreeOrder, type TreeRow } from './tree-order.ts';

/** Smallest screen on which it can be used. */
export const COLUMNS_MIN = 60;
export const ROWS_MIN = 8;

/** What the keys do at the moment: move in the tree, write the filter, leave the help. */
export type Mode = 'tree' | 'filter' | 'help';

/** The way to the daemon that tells us. */
export type Link =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  | {
      readonly state: 'lost';
      readonly reason: string;
      readonly sinceMs: number;
      /** When the next attempt begins; null while one is under way. */
      readonly retryAtMs: number | null;
    };

/** What came in while the screen stands still: at most one word for each node. */
export interface Held {
  snapshot: Extract<WatchRecord, { type: 'snapshot' }> | null;
  /** The last word on each node since; null when it is gone. */
  readonly changes: Map<string, NodeStatus | null>;
  /** When the last of it came. */
  atMs: number | null;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface Model {
  readonly glyphs: Glyphs;
  readonly palette: Palette;
  readonly isReadOnly: boolean;
  realm: string;
  size: Size;
  mode: Mode;
  link: Link;
  forest: Forest;
  /** Undefined when the shape of the forest has changed since. */
  order: TreeOrder | undefined;
  /** Undefined when folds, filter or order have changed since: {@link settle} makes them. */
  rows: readonly TreeRow[] | undefined;
  readonly folded: Set<string>;
  filter: string;
  /** Name of the node under the cursor, and where it was last; null while there is none. */
  selected: string | null;
  selectedIndex: number;
  /** Index of the row at the top of the body. */
  offset: number;
  /** Lines of the help above the screen. */
  helpOffset: number;
  /** When the last record came, or null. */
  updatedAtMs: number | null;
  pausedAtMs: number | null;
  readonly held: Held;
}

export interface ModelOptions {
  readonly size: Size;
  readonly realm?: string;
  readonly hasColour: boolean;
  readonly isAscii: boolean;
  readonly isReadOnly?: boolean;
}

export function createModel(options: ModelOptions): Model {
  return {
    glyphs: glyphsFor(options.isAscii),
    palette: paletteFor(options.hasColour),
    isReadOnly: options.isReadOnly ?? false,
    realm: options.realm ?? '',
    size: options.size,
    mode: 'tree',
    link: { state: 'connecting' },
    forest: createForest(),
    order: undefined,
    rows: undefined,
    folded: new Set(),
    filter: '',
    selected: null,
    selectedIndex: 0,
    offset: 0,
    helpOffset: 0,
    updatedAtMs: null,
    pausedAtMs: null,
    held: { snapshot: null, changes: new Map(), atMs: null },
  };
}

export function isTooSmall({ columns, rows }: Size): boolean {
  return columns < COLUMNS_MIN || rows < ROWS_MIN;
}

/**
 * Lines above the tree: two of the header, the banner of a lost link, the titles of the columns.
 */
function headHeight(model: Model): number {
  return model.link.state === 'lost' ? 4 : 3;
}

/** Lines for the tree: all but the head and the footer. */
export function bodyHeight(model: Model): number {
  return Math.max(1, model.size.rows - headHeight(model) - 1);
}

/** Lines for the help, which needs no titles of columns. */
export function helpHeight(model: Model): number {
  return bodyHeight(model) + 1;
}

/** Where the selected node is now; where it is hidden, the node that hides it, or the nearest. */
function locateSelection(model: Model, order: TreeOrder, rows: readonly TreeRow[]): number {
  const { selected, selectedIndex } = model;
  const isSelected = ({ entry }: TreeRow) => entry.name === selected;
  const hint = rows[selectedIndex];
  if (hint !== undefined && isSelected(hint)) return selectedIndex;
  const index = rows.findIndex(isSelected);
  if (index >= 0) return index;
  let position = order.entries.findIndex(({ name }) => name === selected);
  while (position >= 0) {
    const { name } = order.entries[position]!;
    const row = rows.findIndex(({ entry }) => entry.name === name);
    if (row >= 0) return row;
    position = order.parents[position]!;
  }
  return Math.max(0, Math.min(selectedIndex, rows.length - 1));
}

/** Moves the body no further than needed to show the row at `index`, and never past its end. */
function scrollTo(model: Model, index: number, rowCount: number): void {
  const height = bodyHeight(model);
  const offsetMax = Math.max(0, rowCount - height);
  const nearest = Math.min(Math.max(model.offset, index - height + 1), index);
  model.offset = Math.max(0, Math.min(nearest, offsetMax));
}

/** Puts the cursor on the row at `index`, or on the first or last when there is none. */
export function selectRow(model: Model, rows: readonly TreeRow[], index: number): void {
  const within = Math.max(0, Math.min(index, rows.length - 1));
  model.selectedIndex = within;
  model.selected = rows[within]?.entry.name ?? null;
  scrollTo(model, within, rows.length);
}

/**
 * Makes the rows anew if something changed, and keeps the cursor on its node and this node on its
 * line of the screen. To be called before rows are read; many changes cost one call.
 */
export function settle(model: Model): readonly TreeRow[] {
  if (model.rows !== undefined) {
    scrollTo(model, model.selectedIndex, model.rows.length);
    return model.rows;
  }
  const order = model.order ?? orderForest(model.forest);
  const rows = selectRows(order, { folded: model.folded, filter: model.filter.toLowerCase() });
  model.order = order;
  model.rows = rows;
  const index = locateSelection(model, order, rows);
  if (rows[index]?.entry.name === model.selected) model.offset += index - model.selectedIndex;
  selectRow(model, rows, index);
  return rows;
}
