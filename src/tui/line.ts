/** Puts pieces of text side by side on one line of exactly the screen's width. */
import { type Palette, paint, type Style } from './palette.ts';
import { cellWidth, fitStart } from './width.ts';

export interface Piece {
  readonly text: string;
  readonly style?: Style;
}

/** The pieces side by side, each in its style. */
export function paintPieces(palette: Palette, pieces: readonly Piece[]): string {
  return pieces.map(({ text, style }) => paint(palette, style ?? 'plain', text)).join('');
}

export function widthOfPieces(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { text }) => sum + cellWidth(text), 0);
}

export interface LineOptions {
  readonly width: number;
  readonly palette: Palette;
  readonly ellipsis: string;
}

/** The pieces from the left; what does not fit is cut, and the rest of the line is blank. */
export function drawLine(pieces: readonly Piece[], options: LineOptions): string {
  const { width, palette, ellipsis } = options;
  const drawn: Piece[] = [];
  let left = width;
  for (const piece of pieces) {
    const pieceWidth = cellWidth(piece.text);
    if (pieceWidth > left) {
      drawn.push({ ...piece, text: fitStart(piece.text, left, ellipsis) });
      return paintPieces(palette, drawn);
    }
    drawn.push(piece);
    left -= pieceWidth;
  }
  return paintPieces(palette, drawn) + ' '.repeat(left);
}

/** As {@link drawLine}, with `right` at the right end; `left` is cut in favour of it. */
export function drawEnds(
  left: readonly Piece[],
  right: readonly Piece[],
  options: LineOptions,
): string {
  const width = widthOfPieces(right);
  if (width >= options.width) return drawLine(right, options);
  return (
    drawLine(left, { ...options, width: options.width - width }) +
    drawLine(right, { ...options, width })
  );
}
