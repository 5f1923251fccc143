/**
 * All that `dagent top` knows and shows, outside React and without I/O: `update` changes it,
 * `drawScreen` reads it, and both get the time as an argument.
 */
import type { NodeStatus, WatchRecord } from '../protocol/status.ts';
import { createEventLog, type EventLog } from './event-log.ts';
import type { Fetched } from './fetches.ts';
import { type Glyphs, glyphsFor } from './glyphs.ts';
import { createNodeTable, type NodeTable, type Totals, totalsOf } from './node-table.ts';
import type { Output } from './output.ts';
import { type Palette, paletteFor, type SkinName } from './palette.ts';
import type { Prompt } from './prompt.ts';
import type { Rows, View } from './views/view.ts';

/** Figures that were not renewed for this long are drawn as old: three times they did not come. */
export const STALE_MS = 15_000;

/** Frames for what comes in are this far apart, unless one asks for fewer; and at most so far. */
export const RATE_MS_MIN = 100;
export const RATE_MS_MAX = 60_000;

/**
 * What the keys do at the moment: move among the rows, write the filter, choose what to sort by,
 * read the details of a row, write a command, read the help, read the output of what runs, answer a
 * question, or the second half of what needs two keys.
 */
export type Mode =
  | 'rows'
  | 'filter'
  | 'sort'
  | 'details'
  | 'command'
  | 'help'
  | 'output'
  | 'prompt'
  | 'chord';

/** What can be open besides the rows: the details of the row under the cursor, or an output. */
export type PaneKind = 'details' | 'output';

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

export interface Sort {
  /** Title of the column. */
  readonly title: string;
  readonly isReversed: boolean;
}

/** What each view keeps for itself while others are looked at. */
export interface ViewState {
  filter: string;
  /** Null for the order that the view has by itself. */
  sort: Sort | null;
  /** Id of the row under the cursor, and where it was last; null while there is none. */
  selected: string | null;
  selectedIndex: number;
  /** Index of the row at the top of the body. */
  offset: number;
  readonly marked: Set<string>;
  /** Whether the cursor stays on the first or on the last row, whichever that is. */
  follow: 'first' | 'last' | null;
  /** Undefined when folds, filter or order have changed since: `settle` makes them. */
  rows: Rows<unknown> | undefined;
  /** The view's version when they were made. */
  rowsVersion: number;
}

export interface Model {
  readonly glyphs: Glyphs;
  palette: Palette;
  skin: SkinName;
  /** Bits of a colour that the terminal shows; 1 where there is none. */
  readonly colourBits: number;
  readonly isReadOnly: boolean;
  readonly views: readonly View<unknown>[];
  readonly states: ReadonlyMap<View<unknown>, ViewState>;
  /** The view that is looked at, and its state. */
  view: View<unknown>;
  state: ViewState;
  realm: string;
  /** The node that tells of the others; '' where it is not said. */
  seenFrom: string;
  /** Whether the parent of that node is away: only what is below it is shown. */
  isCutOff: boolean;
  size: Size;
  mode: Mode;
  /** What is open beside the rows, or in their place where the screen is narrow. */
  pane: PaneKind | null;
  /** What the keys did before the help was opened. */
  modeBehind: Mode;
  link: Link;
  nodes: NodeTable;
  /**
   * Counts the seconds in which values of nodes have changed: rows that are sorted or chosen by
   * values are made anew no more often, since nobody reads rows that jump.
   */
  valuesVersion: number;
  haveValuesChanged: boolean;
  /** What was added up when it was last counted. */
  totals: Totals;
  readonly folded: Set<string>;
  readonly fetched: Map<string, Fetched>;
  /** Raised with every answer that came. */
  fetchVersion: number;
  /** What was run, the oldest first, and which of it is looked at. */
  readonly outputs: Output[];
  outputId: number;
  prompt: Prompt | null;
  /** What was last answered to each kind of question. */
  readonly lastAnswers: Map<string, string>;
  /** Text of the command bar. */
  command: string;
  /** What was last done, or could not be: shown for a moment. */
  notice: { readonly text: string; readonly atMs: number } | null;
  /** Shortest time between two frames for what comes in. */
  rateMs: number;
  /** Whether the terminal is to report the mouse. */
  hasMouse: boolean;
  /** Whether filters are kept for the next time. */
  isSticky: boolean;
  /** Place in the list of what can be sorted by. */
  sortIndex: number;
  /** Lines of the details, of the help above the screen. */
  detailsOffset: number;
  helpOffset: number;
  /** When the last record came, or null. */
  updatedAtMs: number | null;
  pausedAtMs: number | null;
  readonly held: Held;
  readonly eventLog: EventLog;
}

export interface ModelOptions {
  readonly views: readonly View<unknown>[];
  readonly size: Size;
  readonly realm?: string;
  readonly hasColour: boolean;
  readonly isAscii: boolean;
  readonly isReadOnly?: boolean;
  readonly hasMouse?: boolean;
  readonly skin?: SkinName;
  /** Bits of a colour; 4 without it. */
  readonly colourBits?: number | undefined;
}

function createState({ isOfEvents }: View<unknown>): ViewState {
  const cursor = { selected: null, selectedIndex: 0, offset: 0 };
  return {
    filter: '',
    sort: null,
    ...cursor,
    marked: new Set(),
    // The newest stands first, until somebody looks for another one.
    follow: isOfEvents === true ? 'first' : null,
    rows: undefined,
    rowsVersion: 0,
  };
}

/** Nothing is known yet; the first of the views is looked at. */
export function createModel(options: ModelOptions): Model {
  const { views } = options;
  const states = new Map(views.map((view) => [view, createState(view)]));
  const view = views[0]!;
  const nodes = createNodeTable();
  const { skin = 'dark' } = options;
  const colourBits = options.hasColour ? (options.colourBits ?? 4) : 1;
  return {
    glyphs: glyphsFor(options.isAscii),
    palette: paletteFor(skin, colourBits),
    skin,
    colourBits,
    isReadOnly: options.isReadOnly ?? false,
    views,
    states,
    view,
    state: states.get(view)!,
    realm: options.realm ?? '',
    seenFrom: '',
    isCutOff: false,
    size: options.size,
    mode: 'rows',
    pane: null,
    outputs: [],
    outputId: 0,
    prompt: null,
    lastAnswers: new Map(),
    modeBehind: 'rows',
    link: { state: 'connecting' },
    nodes,
    totals: totalsOf(nodes),
    valuesVersion: 0,
    haveValuesChanged: false,
    folded: new Set(),
    fetched: new Map(),
    fetchVersion: 0,
    command: '',
    notice: null,
    rateMs: RATE_MS_MIN,
    hasMouse: options.hasMouse ?? false,
    isSticky: false,
    sortIndex: 0,
    detailsOffset: 0,
    helpOffset: 0,
    updatedAtMs: null,
    pausedAtMs: null,
    held: { snapshot: null, changes: new Map(), atMs: null },
    eventLog: createEventLog(),
  };
}

/** Shows `text` for a moment. */
export function tell(model: Model, text: string, nowMs: number): undefined {
  model.notice = { text, atMs: nowMs };
}

/** Whether keys write a text, and are none but for those that have words. */
export function isWriting({ mode }: Model): boolean {
  return mode === 'filter' || mode === 'command' || mode === 'prompt';
}
