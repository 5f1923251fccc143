/**
 * What a view is: one way to list what is known, with columns, an order and details of its own.
 *
 * To add one:
 * 1. A file here with a `View<Item>`: its columns, how its rows are made (most views call
 *    `listRows` of list-rows.ts with their items), and what it needs to be fetched.
 * 2. If it needs something that nobody fetches yet: a line in `FetchedValues` (effects.ts), and how
 *    it is fetched (fetcher.ts). What has come is read with `fetchedOf(model, fetch)`; the value
 *    is asked for again while the view is shown, each time it is older than `FETCH_MS`.
 * 3. Its place in the list of index.ts, which is also the digit that leads to it.
 * Cursor, marks, sorting, filters, the help and the footer come with that.
 *
 * Methods here are pure: they read the model, and neither change it nor wait for anything.
 */
import type { Fetch } from '../effects.ts';
import type { Glyphs } from '../glyphs.ts';
import type { Binding } from '../keys.ts';
import type { Piece } from '../line.ts';
import type { Model } from '../model.ts';
import type { Style } from '../palette.ts';

/** The rows of a view, in their order: made anew only when they are others. */
export interface Rows<Item> {
  readonly count: number;
  /** How many are there for themselves, and not only for a match below them. */
  readonly matchCount: number;
  item(index: number): Item;
  /** What cursor and marks hold on to: the same thing has the same id, wherever its row is. */
  id(index: number): string;
  isMatch(index: number): boolean;
}

export interface Cell {
  readonly text: string;
  /** Kept whole behind the text, which is cut in favour of it. */
  readonly suffix?: string;
  /** Drawn before the text, in another style. */
  readonly prefix?: string;
  readonly style?: Style;
  /** Keeps its style in a row that is drawn faintly. */
  readonly isLoud?: boolean;
}

/** What a cell can be made from besides its item. */
export interface CellContext {
  readonly model: Model;
  readonly rows: Rows<unknown>;
  readonly index: number;
  readonly glyphs: Glyphs;
  readonly nowMs: number;
  /** Until when we know that what is up was up: no later than the link, or the pause. */
  readonly knownAtMs: number;
}

export interface Column<Item> {
  /** Over the column; in small letters what it is called where one sorts or filters by it. */
  readonly title: string;
  /** Cells that it needs. */
  readonly width: number;
  /** Cells that are good to have, before others of little priority are shown beside it. */
  readonly widthGood?: number;
  /** Its share of the cells that are left over, and how many it has a use for altogether. */
  readonly growth?: number;
  readonly widthMax?: number;
  readonly isRight?: boolean;
  /** The highest number gives way first when the screen is narrow. */
  readonly priority: number;
  /** What is shown. What others sent is escaped here (`escapeLine`). */
  cell(item: Item, context: CellContext): Cell;
  /** When what is shown was taken: it is faint when that is long ago. NaN: it never is. */
  takenAtMs?(item: Item, model: Model): number;
  /** What is sorted by; columns without it are not. NaN and '' stand for unknown and come last. */
  sortKey?(item: Item, model: Model): number | string;
  /**
   * What filters compare, where it is another thing than what is sorted by: a number in columns
   * that are right-justified (times in ms), texts in others.
   */
  value?(item: Item, model: Model): number | string | readonly string[];
  /** Whether the highest come first, as with figures of which a high one is trouble. */
  readonly isHighFirst?: boolean;
}

/** Lines of details; pieces are cut at the width of the screen. */
export type DetailLines = readonly (readonly Piece[])[];

/** Where details are shown, and when. */
export interface Pane {
  readonly width: number;
  readonly nowMs: number;
}

export interface View<Item> {
  /** One word in small letters: `:name` leads here, and settings know it by it. */
  readonly name: string;
  /** What the help says of it. */
  readonly summary: string;
  readonly columns: readonly Column<Item>[];
  /**
   * A number that is another one when rows have to be made anew because of what the model heard.
   */
  version(model: Model): number;
  /** The rows that the filter leaves, in the order that is asked for ({@link Model.state}). */
  rows(model: Model): Rows<Item>;
  /**
   * Where the cursor goes from a row that is no longer there; undefined when it does not matter.
   */
  findNearest?(model: Model, rows: Rows<Item>, id: string): number | undefined;
  /** How many there are without a filter and folds: `12 of 4,310`. */
  count(model: Model): number;
  /** What a filter of plain text looks at. */
  searchText(item: Item, model: Model): string;
  /** Whether all of the row is past: drawn faintly, but for what is loud. */
  isPast?(item: Item, model: Model): boolean;
  /**
   * When what is shown was taken, of a view that has it from elsewhere than the watch of the tree:
   * NaN before it came. Its age is in the footer, and all is faint when that is long ago.
   */
  takenAtMs?(model: Model): number;
  /** What is missing among the rows, and why; '' when nothing is. It has a line below them. */
  note?(model: Model): string;
  /** What stands where there is no row. */
  emptyText(model: Model): string;
  /** The node that a row is about; without it, nothing can be run on rows. */
  nodeOf?(id: string): string | undefined;
  /** The job that a row is about, whose output can be read. */
  jobOf?(id: string): { readonly node: string; readonly id: string } | undefined;
  /** Keys that do something here only. */
  readonly bindings: readonly Binding[];
  /** Whether it shows what happens: that is followed while it is looked at. */
  readonly isOfEvents?: boolean;
  /** What it shows besides what the watch of the tree tells. */
  fetches?(model: Model): readonly Fetch[];
  /** What Enter shows of a row; undefined when it is no longer there. */
  details?(model: Model, id: string, pane: Pane): DetailLines | undefined;
  /** What the details show besides. */
  detailFetches?(model: Model, id: string): readonly Fetch[];
}
