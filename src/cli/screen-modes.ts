/**
 * What a program has changed of the terminal that it writes to, for when it cannot undo that
 * itself: it was left or killed, or the way to it broke. Nothing else is touched.
 *
 * The sequences are those of ECMA-48, and of xterm ("XTerm Control Sequences").
 */

const MOUSE = [9, 1000, 1001, 1002, 1003, 1005, 1006, 1015, 1016];
const OTHER_SCREEN = [47, 1047, 1049];

/** Private modes that programs set, and whether they are on without that. */
const USUAL: ReadonlyMap<number, boolean> = new Map([
  [1, false], // keys of the cursor as an application wants them
  [5, false], // black and white are changed
  [6, false], // places are counted within the margins
  [7, true], // lines wrap
  [25, true], // the cursor is seen
  [1004, false], // it is told when the window has the keyboard
  [2004, false], // what is pasted stands in brackets
  [2026, false], // what is written is not shown yet
  ...MOUSE.map((mode) => [mode, false] as const),
  ...OTHER_SCREEN.map((mode) => [mode, false] as const),
]);

/** In this order: some belong to the screen that is left, some to the one that is come back to. */
const ORDER = [
  ...['keyboard', 'modified keys', ...USUAL.keys()],
  ...['margins', 'look', 'charset', 'cursor', 'keypad'],
] as const;
type Change = (typeof ORDER)[number];

/** A control sequence: prefix, parameters, what is between, and its end; or a shorter one. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it begins with an escape
const SEQUENCE = /\x1b(?:\[([<=>?]?)([\d;:]*)([ -/]*)([@-~])|([=>c])|\(([ -~]))/g;
/** What may be the beginning of one. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it begins with an escape
const BEGINNING = /\x1b(?:\[[ -?]{0,64}|\()?$/;

export class ScreenModes {
  #rest = '';
  readonly #undoing = new Map<Change, string>();
  /** Settings of the keyboard that lie on the stack that some terminals have. */
  #keyboards = 0;

  /** Takes what is written to the terminal. */
  push(bytes: Buffer): void {
    const text = this.#rest + bytes.toString('latin1');
    for (const [, prefix, params = '', between, end, plain, charset] of text.matchAll(SEQUENCE)) {
      if (end !== undefined) this.#hear(`${prefix}${between}${end}`, params);
      else if (charset !== undefined) this.#note('charset', charset !== 'B', '\x1b(B');
      else if (plain === 'c') this.#forget();
      else this.#note('keypad', plain === '=', '\x1b>');
    }
    this.#rest = BEGINNING.exec(text)?.[0] ?? '';
  }

  /** The terminal was reset. */
  #forget(): void {
    this.#keyboards = 0;
    this.#undoing.clear();
  }

  #note(change: Change, isChanged: boolean, undoing: string): void {
    if (isChanged) this.#undoing.set(change, undoing);
    else this.#undoing.delete(change);
  }

  #hear(kind: string, params: string): void {
    const numbers = params.split(/[;:]/).map(Number);
    const [first = 0, second = 0] = numbers;
    if (kind === '?h' || kind === '?l') this.#setModes(numbers, kind === '?h');
    else if (kind === 'm') this.#note('look', !/^0*$/.test(params), '\x1b[0m');
    else if (kind === 'r') this.#note('margins', params !== '', '\x1b7\x1b[r\x1b8');
    else if (kind === ' q') this.#note('cursor', first !== 0, '\x1b[0 q');
    else if (kind === '>m' && first === 4) this.#note('modified keys', second !== 0, '\x1b[>4;0m');
    else if (kind === '>u') this.#setKeyboards(this.#keyboards + 1);
    else if (kind === '<u') this.#setKeyboards(this.#keyboards - (first || 1));
  }

  #setKeyboards(count: number): void {
    this.#keyboards = Math.max(0, count);
    this.#note('keyboard', count > 0, `\x1b[<${count}u`);
  }

  #setModes(modes: readonly number[], isOn: boolean): void {
    for (const mode of modes) {
      const isUsual = USUAL.get(mode);
      if (isUsual === undefined) continue;
      this.#note(mode, isOn !== isUsual, `\x1b[?${mode}${isUsual ? 'h' : 'l'}`);
    }
  }

  /** What undoes all that it has not undone itself: nothing, most of the time. */
  get undoing(): string {
    const isElsewhere = OTHER_SCREEN.some((mode) => this.#undoing.has(mode));
    // A picture on this very screen stays, and what follows stands below it.
    const below = this.#undoing.has('keypad') && !isElsewhere ? '\x1b[999H\r\n' : '';
    return ORDER.map((change) => this.#undoing.get(change) ?? '').join('') + below;
  }
}
