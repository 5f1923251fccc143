/** Widths of text in terminal cells. Almost all of it is ASCII, where the width is the length. */
import stringWidth from 'string-width';

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
const ELLIPSIS = '…';

/** Cells that `text` takes, which has no control characters. */
export function cellWidth(text: string): number {
  return PRINTABLE_ASCII.test(text) ? text.length : stringWidth(text);
}

/** `text`, or when it is wider than `width` cells, its beginning with an ellipsis. */
export function cutToWidth(text: string, width: number): string {
  if (cellWidth(text) <= width) return text;
  if (PRINTABLE_ASCII.test(text)) return text.slice(0, width - 1) + ELLIPSIS;
  let taken = '';
  let used = 0;
  for (const sign of text) {
    used += cellWidth(sign);
    if (used >= width) break;
    taken += sign;
  }
  return taken + ELLIPSIS;
}
