/**
 * Pieces of input as keys. A key that writes a character is called by it, any other by a word:
 * `j`, `up`, `ctrl-d`.
 */

/** Whether `key` writes a character. */
export function isText(key: string): boolean {
  return !/^(?:[a-z]{2,}|ctrl-.+)$/.test(key);
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
  readonly tab: boolean;
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
  ['tab', 'tab'],
];

/** The key that writes `character`: those of the control characters have words. */
function keyOfCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code === 13 || code === 10) return 'return';
  if (code === 27) return 'escape';
  if (code === 9) return 'tab';
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
