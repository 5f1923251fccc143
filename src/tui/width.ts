/**
 * Widths in terminal cells, by grapheme. Almost all text here is ASCII, where the width is the
 * length; the rest is measured by the library that Ink measures with, so that both agree.
 */
import stringWidth from 'string-width';

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
/** With the arrows, lines, blocks and shapes that the screen is drawn with: a cell each. */
const NARROW = /^[\x20-\x7e\u2026\u2190-\u2193\u2500-\u25fc\u2713]*$/;

/**
 * The graphemes of `text`. What finds them is made when it is needed: the first time takes 15 ms,
 * and most screens are without.
 */
function graphemesOf(text: string): string[] {
  const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text);
  return Array.from(segments, ({ segment }) => segment);
}

/** Cells that `text` takes, which has no control characters. */
export function cellWidth(text: string): number {
  return NARROW.test(text) ? text.length : stringWidth(text);
}

/** As much of `text` as fits into `width` cells. */
function takeCells(text: string, width: number): string {
  if (PRINTABLE_ASCII.test(text)) return text.slice(0, width);
  let taken = '';
  let used = 0;
  for (const grapheme of graphemesOf(text)) {
    used += cellWidth(grapheme);
    if (used > width) break;
    taken += grapheme;
  }
  return taken;
}

/** `text` without its first `count` characters. */
export function dropCharacters(text: string, count: number): string {
  if (PRINTABLE_ASCII.test(text)) return text.slice(count);
  return graphemesOf(text).slice(count).join('');
}

/** `text`, or when it is wider than `width` cells, its beginning with `ellipsis` (one cell). */
export function cutToWidth(text: string, width: number, ellipsis: string): string {
  if (cellWidth(text) <= width) return text;
  return width <= 0 ? '' : takeCells(text, width - 1) + ellipsis;
}

/** `text` cut or padded on the right to exactly `width` cells. */
export function fitStart(text: string, width: number, ellipsis: string): string {
  const cut = cutToWidth(text, width, ellipsis);
  return cut + ' '.repeat(Math.max(0, width - cellWidth(cut)));
}

/** `text` cut, or padded on the left, to exactly `width` cells. */
export function fitEnd(text: string, width: number, ellipsis: string): string {
  const cut = cutToWidth(text, width, ellipsis);
  return ' '.repeat(Math.max(0, width - cellWidth(cut))) + cut;
}
