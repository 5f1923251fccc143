/**
 * The one table of keys: it says what a key does, what the footer offers and what the help lists.
 * Views add keys of their own to it.
 */
import {
  changeRate,
  clearAll,
  clearFilter,
  closeHelp,
  copyIds,
  eraseFilter,
  goBack,
  halfPage,
  keepFilter,
  markRow,
  move,
  nextMatch,
  openFilter,
  openHelp,
  rubFilter,
  scrollDetails,
  scrollHelp,
  toggleFlat,
  toggleFollow,
  toggleMouse,
  togglePause,
} from './actions.ts';
import { completeCommand, openCommand, runCommand, writeCommand } from './command-bar.ts';
import { showView } from './cursor.ts';
import type { Effect } from './effects.ts';
import { forgetFreshness } from './fetches.ts';
import { isText } from './input.ts';
import { paneHeight } from './layout.ts';
import { isWriting, type Mode, type Model } from './model.ts';
import { PANE_BINDINGS } from './pane-keys.ts';
import { runBindings } from './runs/keys.ts';

export interface Binding {
  readonly modes: readonly Mode[];
  /** The first one stands for all in the footer. */
  readonly keys: readonly string[];
  /** What the help says; without it, it is not listed there. */
  readonly help?: string;
  /** What the footer says; neighbours with one word stand together. */
  readonly footer?: string;
  /** Whether it would do something now; without it, always. */
  readonly isHere?: (model: Model) => boolean;
  readonly run: (model: Model, nowMs: number) => Effect | undefined;
}

const ROWS: readonly Mode[] = ['rows'];
const FILTER: readonly Mode[] = ['filter'];
const HELP: readonly Mode[] = ['help'];
const ROWS_AND_FILTER: readonly Mode[] = ['rows', 'filter'];
const PAGES: readonly Mode[] = ['rows', 'details'];
const COMMAND: readonly Mode[] = ['command'];
const ALL: readonly Mode[] = [
  'rows',
  'filter',
  'sort',
  'details',
  'command',
  'help',
  'prompt',
  'chord',
];
const PAGES_AND_OUTPUT: readonly Mode[] = [...PAGES, 'output'];
const ALL_AND_OUTPUT: readonly Mode[] = [...ALL, 'output'];

function hasFilter({ state, mode }: Model): boolean {
  return state.filter !== '' || mode === 'filter';
}

function hasMarks({ state, mode }: Model): boolean {
  return state.marked.size > 0 && mode === 'rows';
}

/** Moves by `pages` half screens what is looked at. */
function page(model: Model, pages: number, nowMs: number): undefined {
  if (model.mode === 'rows') move(model, pages * halfPage(model));
  else scrollDetails(model, pages * (paneHeight(model) >> 1), nowMs);
}

function toEnd(model: Model, end: number, nowMs: number): undefined {
  if (model.mode === 'rows') move(model, end);
  else scrollDetails(model, end, nowMs);
}

const MOVING: readonly Binding[] = [
  {
    modes: ROWS_AND_FILTER,
    keys: ['up', 'k'],
    help: 'row up',
    footer: 'move',
    run: (model) => move(model, -1),
  },
  {
    modes: ROWS_AND_FILTER,
    keys: ['down', 'j'],
    help: 'row down',
    footer: 'move',
    run: (model) => move(model, 1),
  },
  {
    modes: PAGES,
    keys: ['pageup', 'ctrl-u'],
    help: 'half a page up',
    run: (m, nowMs) => page(m, -1, nowMs),
  },
  {
    modes: PAGES,
    keys: ['pagedown', 'ctrl-d'],
    help: 'half a page down',
    run: (m, nowMs) => page(m, 1, nowMs),
  },
  {
    modes: PAGES,
    keys: ['home', 'g'],
    help: 'first row',
    run: (m, nowMs) => toEnd(m, -Infinity, nowMs),
  },
  {
    modes: PAGES,
    keys: ['end', 'G'],
    help: 'last row',
    run: (m, nowMs) => toEnd(m, Infinity, nowMs),
  },
];

const FINDING: readonly Binding[] = [
  { modes: ROWS, keys: ['/'], help: 'filter', footer: 'filter', run: openFilter },
  { modes: ROWS, keys: ['n'], help: 'next match', isHere: hasFilter, run: (m) => nextMatch(m, 1) },
  {
    modes: ROWS,
    keys: ['N'],
    help: 'match before',
    isHere: hasFilter,
    run: (m) => nextMatch(m, -1),
  },
  { modes: FILTER, keys: ['return'], footer: 'keep', run: keepFilter },
  { modes: FILTER, keys: ['backspace'], run: rubFilter },
  { modes: FILTER, keys: ['ctrl-u'], run: eraseFilter },
  { modes: FILTER, keys: ['escape'], footer: 'clear', run: clearFilter },
  {
    modes: ROWS,
    keys: ['escape'],
    help: 'clear filter, marks',
    footer: 'clear',
    isHere: (model) => hasFilter(model) || hasMarks(model),
    run: clearAll,
  },
];

const COMMANDING: readonly Binding[] = [
  { modes: ROWS, keys: [':'], help: 'command', run: openCommand },
  { modes: COMMAND, keys: ['return'], footer: 'do', run: runCommand },
  { modes: COMMAND, keys: ['tab'], footer: 'complete', run: completeCommand },
  { modes: COMMAND, keys: ['escape'], footer: 'back', run: goBack },
  {
    modes: COMMAND,
    keys: ['backspace'],
    run: (model) => writeCommand(model, Array.from(model.command).slice(0, -1).join('')),
  },
  { modes: COMMAND, keys: ['ctrl-u'], run: (model) => writeCommand(model, '') },
];

const HELPING: readonly Binding[] = [
  {
    modes: HELP,
    keys: ['up', 'k'],
    footer: 'scroll',
    run: (m) => scrollHelp(m, -1, helpHeight(m)),
  },
  {
    modes: HELP,
    keys: ['down', 'j'],
    footer: 'scroll',
    run: (m) => scrollHelp(m, 1, helpHeight(m)),
  },
];

const GENERAL: readonly Binding[] = [
  { modes: ROWS, keys: [' '], help: 'mark; next row', run: markRow },
  { modes: ROWS, keys: ['t'], help: 'tree or flat', run: toggleFlat },
  { modes: ROWS, keys: ['f'], help: 'follow first or last', run: toggleFollow },
  { modes: ROWS, keys: ['m'], help: 'mouse on, off', run: toggleMouse },
  { modes: ROWS, keys: ['y'], help: 'copy the name', run: copyIds },
  { modes: PAGES, keys: ['p'], help: 'pause, go on', footer: 'pause', run: togglePause },
  {
    modes: PAGES,
    keys: ['+'],
    help: 'draw more often',
    run: (m, nowMs) => changeRate(m, 1, nowMs),
  },
  {
    modes: PAGES,
    keys: ['-'],
    help: 'draw less often',
    run: (m, nowMs) => changeRate(m, -1, nowMs),
  },
  { modes: PAGES, keys: ['r'], help: 'fetch now', run: forgetFreshness },
  { modes: ALL_AND_OUTPUT, keys: ['ctrl-l'], help: 'draw anew', run: () => ({ kind: 'redraw' }) },
  { modes: ALL_AND_OUTPUT, keys: ['ctrl-z'], help: 'suspend', run: () => ({ kind: 'suspend' }) },
  { modes: PAGES_AND_OUTPUT, keys: ['?'], help: 'this help', footer: 'help', run: openHelp },
  { modes: HELP, keys: ['?', 'escape'], footer: 'close', run: closeHelp },
  {
    modes: ALL,
    keys: ['q', 'ctrl-c'],
    help: 'quit',
    footer: 'quit',
    run: () => ({ kind: 'quit' }),
  },
];

/** The digits, which lead to the views. */
function viewBindings({ views }: Model): Binding[] {
  return views.slice(0, 9).map((view, index) => ({
    modes: PAGES,
    keys: [String(index + 1)],
    help: view.summary,
    run: (model) => {
      showView(model, view);
      return undefined;
    },
  }));
}

/**
 * Every key that does something in the view that is looked at. While a text is written, what writes
 * a character is a part of it.
 */
export function bindingsOf(model: Model): readonly Binding[] {
  const { bindings } = model.view;
  return [
    ...MOVING,
    ...bindings,
    ...FINDING,
    ...COMMANDING,
    ...PANE_BINDINGS,
    ...HELPING,
    ...viewBindings(model),
    ...runBindings(model),
    ...GENERAL,
  ];
}

/** What the help lists: of the keys of an output there, of the others elsewhere. */
export function helpBindings(model: Model): readonly Binding[] {
  const isOutput = model.modeBehind === 'output';
  return bindingsOf(model).filter(
    ({ modes, help }) =>
      help !== undefined && modes.some((mode) => (mode === 'output') === isOutput),
  );
}

/** Lines of the help: in two columns when one would be longer than the place for it. */
export function helpHeight(model: Model): number {
  const entryCount = helpBindings(model).length;
  return entryCount > paneHeight(model) ? Math.ceil(entryCount / 2) : entryCount;
}

/** Whether `binding` does something now. */
export function isHere(model: Model, { modes, isHere }: Binding): boolean {
  return modes.includes(model.mode) && (isHere?.(model) ?? true);
}

/** What `key` does now, or undefined when it does nothing. */
export function bindingOf(model: Model, key: string): Binding | undefined {
  if (isWriting(model) && isText(key)) return undefined;
  return bindingsOf(model).find((each) => each.keys.includes(key) && isHere(model, each));
}
