/**
 * Brings lines to the terminal: what is there already is not sent again. Ink draws nothing (ADR
 * 0026); this stands behind an interface, so that something else can draw without a view knowing.
 */
import { cellWidth } from './width.ts';

export interface Painter {
  /** Makes the screen show `lines`, each exactly as wide as the screen. */
  paint(lines: readonly string[]): void;
  /** Forgets what is on the screen: someone else has written there, or it has another size. */
  forget(): void;
}

/** SGR sequences: as `paint` of palette.ts sets them, they begin a style and end it, in turn. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
const STYLING = /\x1b\[[\d;]*m/g;

/** Goes to the upper left corner and erases all. */
export const ERASE = '\x1b[H\x1b[J';

/** Characters that both lines begin with, up to where no style is open and no pair is cut. */
function commonStart(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  let at = 0;
  while (at < end && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return lastOutside(a, at);
}

/** The last place up to `limit` that is in no sequence, in no style and in no cluster. */
function lastOutside(line: string, limit: number): number {
  let outside = 0;
  let isOpen = false;
  for (const match of line.slice(0, limit).matchAll(STYLING)) {
    isOpen = !isOpen;
    outside = isOpen ? match.index : match.index + match[0].length;
  }
  if (isOpen) return outside;
  // Plain text from there on: as far as it is ASCII, each character is a cell.
  let at = outside;
  while (at < limit && line.charCodeAt(at) >= 0x20 && line.charCodeAt(at) < 0x7f) at++;
  // What follows may join the last one.
  return at < line.length && line.charCodeAt(at) >= 0x80 ? Math.max(outside, at - 1) : at;
}

/** Where the plain ASCII at the end of `line` begins, not before `limit`. */
function asciiEnd(line: string, limit: number): number {
  const styles = line.lastIndexOf('\x1b');
  const from = styles < 0 ? limit : Math.max(limit, line.indexOf('m', styles) + 1);
  let at = line.length;
  while (at > from && line.charCodeAt(at - 1) >= 0x20 && line.charCodeAt(at - 1) < 0x7f) at--;
  return at;
}

/** Where in `b` the end begins that both have in common, behind `start` and outside of styles. */
function commonEnd(a: string, b: string, start: number): number {
  const countMax = Math.min(a.length, b.length) - start;
  let count = 0;
  while (count < countMax && a.at(-1 - count) === b.at(-1 - count)) count++;
  const end = b.length - count;
  const [first, ...more] = b.slice(end).matchAll(STYLING);
  // Without a sequence it is plain text, unless it begins as the end of one, in either line.
  if (first === undefined) {
    return Math.max(asciiEnd(b, end), b.length - a.length + asciiEnd(a, a.length - count));
  }
  // An odd number: the first one ends a style that begins before the common end.
  return end + first.index + (more.length % 2 === 0 ? first[0].length : 0);
}

/** What makes `was`, which is on line `row` (from 0), to `line`. */
function change(was: string | undefined, line: string, row: number): string {
  if (was === undefined) return `\x1b[${row + 1};1H${line}`;
  const start = commonStart(was, line);
  const end = commonEnd(was, line, start);
  const column = cellWidth(line.slice(0, start).replace(STYLING, ''));
  return `\x1b[${row + 1};${column + 1}H${line.slice(start, end)}`;
}

/** Writes the parts of lines that are others, in one piece for each frame. */
export function createPainter(write: (text: string) => void): Painter {
  let shown: readonly string[] = [];
  return {
    paint: (lines) => {
      let text = '';
      lines.forEach((line, row) => {
        if (line !== shown[row]) text += change(shown[row], line, row);
      });
      shown = lines;
      if (text !== '') write(text);
    },
    forget: () => {
      shown = [];
    },
  };
}
