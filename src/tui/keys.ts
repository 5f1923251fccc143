/**
 * The one table of keys: it says what a key does, what the footer offers and what the help lists.
 * A key that writes a character is called by it, any other by a word: `j`, `up`, `ctrl-d`.
 */
import { helpHeight, type Mode, type Model } from './model.ts';

export type Action =
  | 'up'
  | 'down'
  | 'pageUp'
  | 'pageDown'
  | 'first'
  | 'last'
  | 'fold'
  | 'unfold'
  | 'toggle'
  | 'unfoldAll'
  | 'filter'
  | 'keepFilter'
  | 'clearFilter'
  | 'eraseFilter'
  | 'rubFilter'
  | 'pause'
  | 'help'
  | 'helpUp'
  | 'helpDown'
  | 'redraw'
  | 'suspend'
  | 'quit';

export interface Binding {
  readonly action: Action;
  readonly modes: readonly Mode[];
  /** The first one stands for all in the footer. */
  readonly keys: readonly string[];
  /** What the help says; without it, it is not listed there. */
  readonly help?: string;
  /** What the footer says; neighbours with one word stand together. */
  readonly footer?: string;
  /** Whether it would do something now; without it, always. */
  readonly isHere?: (model: Model) => boolean;
}

const TREE: readonly Mode[] = ['tree'];
const FILTER: readonly Mode[] = ['filter'];
const HELP: readonly Mode[] = ['help'];
const TREE_AND_FILTER: readonly Mode[] = ['tree', 'filter'];
const ALL: readonly Mode[] = ['tree', 'filter', 'help'];

function isWhole(model: Model): boolean {
  return model.filter === '';
}

function hasFilter(model: Model): boolean {
  return model.filter !== '' || model.mode === 'filter';
}

/** Whether two columns of help are longer than the place for them. */
function isHelpLong(model: Model): boolean {
  const listed = BINDINGS.filter(({ help }) => help !== undefined).length;
  return Math.ceil(listed / 2) > helpHeight(model);
}

/**
 * Every key that does something. While a filter is written, what writes a character is its text.
 */
export const BINDINGS: readonly Binding[] = [
  { action: 'up', modes: TREE_AND_FILTER, keys: ['up', 'k'], help: 'row up', footer: 'move' },
  { action: 'down', modes: TREE_AND_FILTER, keys: ['down', 'j'], help: 'row down', footer: 'move' },
  { action: 'pageUp', modes: TREE, keys: ['pageup', 'ctrl-u'], help: 'half a page up' },
  { action: 'pageDown', modes: TREE, keys: ['pagedown', 'ctrl-d'], help: 'half a page down' },
  { action: 'first', modes: TREE, keys: ['home', 'g'], help: 'first row' },
  { action: 'last', modes: TREE, keys: ['end', 'G'], help: 'last row' },
  {
    action: 'fold',
    modes: TREE,
    keys: ['left', 'h'],
    help: 'fold; go to parent',
    footer: 'fold',
    isHere: isWhole,
  },
  { action: 'fold', modes: TREE, keys: ['left', 'h'], footer: 'parent', isHere: hasFilter },
  {
    action: 'unfold',
    modes: TREE,
    keys: ['right', 'l'],
    help: 'unfold',
    footer: 'fold',
    isHere: isWhole,
  },
  { action: 'toggle', modes: TREE, keys: [' '], help: 'fold or unfold', isHere: isWhole },
  { action: 'unfoldAll', modes: TREE, keys: ['*'], help: 'unfold all', isHere: isWhole },
  { action: 'filter', modes: TREE, keys: ['/'], help: 'filter names', footer: 'filter' },
  { action: 'keepFilter', modes: FILTER, keys: ['return'], footer: 'keep' },
  {
    action: 'clearFilter',
    modes: TREE_AND_FILTER,
    keys: ['escape'],
    help: 'clear the filter',
    footer: 'clear',
    isHere: hasFilter,
  },
  { action: 'rubFilter', modes: FILTER, keys: ['backspace'] },
  { action: 'eraseFilter', modes: FILTER, keys: ['ctrl-u'] },
  { action: 'pause', modes: TREE, keys: ['p'], help: 'pause, go on', footer: 'pause' },
  { action: 'redraw', modes: ALL, keys: ['ctrl-l'], help: 'draw anew' },
  { action: 'suspend', modes: ALL, keys: ['ctrl-z'], help: 'suspend' },
  { action: 'helpUp', modes: HELP, keys: ['up', 'k'], footer: 'scroll', isHere: isHelpLong },
  { action: 'helpDown', modes: HELP, keys: ['down', 'j'], footer: 'scroll', isHere: isHelpLong },
  { action: 'help', modes: TREE, keys: ['?'], help: 'this help', footer: 'help' },
  { action: 'help', modes: HELP, keys: ['?', 'escape'], footer: 'close' },
  { action: 'quit', modes: ALL, keys: ['q', 'ctrl-c'], help: 'quit', footer: 'quit' },
];

/** Whether `key` writes a character. */
export function isText(key: string): boolean {
  return !/^(?:[a-z]{2,}|ctrl-.+)$/.test(key);
}

/** What `key` does now, or undefined when it does nothing. */
export function actionOf(model: Model, key: string): Action | undefined {
  if (model.mode === 'filter' && isText(key)) return undefined;
  const isBound = ({ modes, keys, isHere }: Binding) =>
    modes.includes(model.mode) && keys.includes(key) && (isHere?.(model) ?? true);
  return BINDINGS.find(isBound)?.action;
}

/** What a terminal's parser says of one piece of input, as far as it is used here. */
export interface Keypress {
  readonly upArrow: boolean;
  readonly downArrow: boolean;
  readonly leftArrow: boolean;
  readonly rightArrow: boolean;
  readonly pageUp: boolean;
  readonly pageDown: boolean;
  readonly home: boolean;
  readonly end: boolean;
  readonly return: boolean;
  readonly escape: boolean;
  readonly backspace: boolean;
  readonly delete: boolean;
  readonly ctrl: boolean;
  readonly meta: boolean;
}

const WORDS: readonly (readonly [keyof Keypress, string])[] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'return'],
  ['escape', 'escape'],
  ['backspace', 'backspace'],
];

/** The key that writes `character`: those of the control characters have words. */
function keyOfCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code === 13 || code === 10) return 'return';
  if (code === 27) return 'escape';
  if (code === 8 || code === 127) return 'backspace';
  return code < 32 ? `ctrl-${String.fromCharCode(code + 96)}` : character;
}

/**
 * The keys of one piece of input: several when they were typed faster than they were read, or
 * pasted.
 */
export function keysOf(input: string, press: Keypress): string[] {
  const word = WORDS.find(([flag]) => press[flag]);
  if (word !== undefined) return [word[1]];
  if (press.meta || press.delete) return [];
  if (press.ctrl) return input === '' ? [] : [`ctrl-${input}`];
  return Array.from(input, keyOfCharacter);
}
