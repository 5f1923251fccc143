/**
 * The screen as text: exactly as many lines as the terminal has, each exactly as wide. A pure
 * function of the model and the time, so that a screen can be tested, and drawn by whoever draws.
 */
import { type Cell, GAP, type PlacedColumn, placeColumns } from './columns.ts';
import { drawFooter } from './footer.ts';
import { drawHeader } from './header.ts';
import { drawHelp } from './help.ts';
import { drawLine, type LineOptions, type Piece, paintPieces } from './line.ts';
import {
  bodyHeight,
  COLUMNS_MIN,
  helpHeight,
  isTooSmall,
  type Model,
  ROWS_MIN,
  settle,
} from './model.ts';
import { paint } from './palette.ts';
import type { TreeRow } from './tree-order.ts';
import { cellWidth, cutToWidth, fitEnd, fitStart } from './width.ts';

/** Figures that were not renewed for this long are drawn as old: three times they did not come. */
const STALE_MS = 15_000;

function isStale({ entry }: TreeRow, nowMs: number): boolean {
  return entry.sampledAtMs !== null && nowMs - entry.sampledAtMs > STALE_MS;
}

/** The pieces of one cell, together as wide as its column. */
function drawCell(cell: Cell, { column, width }: PlacedColumn, ellipsis: string): Piece[] {
  const { text, prefix = '', suffix = '', style = 'plain' } = cell;
  if (column.isRight) return [{ text: fitEnd(text, width, ellipsis), style }];
  // A deep tree may leave no place for names: the branches give way.
  const branches = prefix.length < width - 1 ? prefix : '';
  const room = Math.max(1, width - branches.length - suffix.length);
  const name = cutToWidth(text, room, ellipsis);
  const rest = width - branches.length - cellWidth(name);
  return [
    { text: branches, style: 'faint' },
    { text: name, style },
    { text: fitStart(suffix, rest, ellipsis), style: suffix === '' ? 'plain' : 'faint' },
  ];
}

/** What the rows of one screen have in common. */
interface RowDrawing {
  readonly columns: readonly PlacedColumn[];
  readonly options: LineOptions;
  readonly nowMs: number;
  readonly knownAtMs: number;
  readonly isLinkLost: boolean;
}

/** Whether a cell is drawn faintly: it says what was, not what is. */
function isPast(cell: Cell, { column }: PlacedColumn, row: TreeRow, draw: RowDrawing): boolean {
  if (draw.isLinkLost) return true;
  if (row.entry.status.state === 'lost') return cell.isLoud !== true;
  return column.isSampled === true && isStale(row, draw.nowMs);
}

/** A row. Its cells are as wide as they must be, so nothing is measured again. */
function drawRow(model: Model, rows: readonly TreeRow[], index: number, draw: RowDrawing): string {
  const { columns, options, nowMs, knownAtMs } = draw;
  const { palette, ellipsis, width } = options;
  const row = rows[index]!;
  const pieces: Piece[] = [];
  let used = 0;
  for (const placed of columns) {
    if (used > 0) pieces.push({ text: ' '.repeat(GAP) });
    used += placed.width + (used > 0 ? GAP : 0);
    const cell = placed.column.cell({ row, rows, glyphs: model.glyphs, nowMs, knownAtMs });
    const shown: Cell = isPast(cell, placed, row, draw) ? { ...cell, style: 'faint' } : cell;
    pieces.push(...drawCell(shown, placed, ellipsis));
  }
  pieces.push({ text: ' '.repeat(width - used) });
  if (index !== model.selectedIndex) return paintPieces(palette, pieces);
  return paint(palette, 'selected', pieces.map(({ text }) => text).join(''));
}

function drawTitles(columns: readonly PlacedColumn[], options: LineOptions): string {
  const titles = columns.map(({ column: { title, isRight }, width }) =>
    isRight ? fitEnd(title, width, options.ellipsis) : fitStart(title, width, options.ellipsis),
  );
  const text = titles.join(' '.repeat(GAP)).padEnd(options.width);
  return drawLine([{ text, style: 'heading' }], options);
}

/** What stands where there is no row. */
function emptyText(model: Model): string {
  if (model.filter !== '') return `no node or service matches ${model.filter}`;
  if (model.link.state === 'connecting') return 'waiting for the first word from the daemon';
  return 'no node is known';
}

function drawBody(model: Model, rows: readonly TreeRow[], draw: RowDrawing): string[] {
  const height = bodyHeight(model);
  const { options } = draw;
  const last = Math.min(rows.length, model.offset + height);
  const lines: string[] = [];
  for (let index = model.offset; index < last; index++) {
    lines.push(drawRow(model, rows, index, draw));
  }
  if (rows.length === 0)
    lines.push(drawLine([{ text: emptyText(model), style: 'faint' }], options));
  while (lines.length < height) lines.push(' '.repeat(options.width));
  return lines;
}

function drawTooSmall({ size }: Model, options: LineOptions): string[] {
  const { columns, rows } = size;
  const needed = `needs ${COLUMNS_MIN}x${ROWS_MIN}`;
  const text = `terminal too small (${columns}x${rows}, ${needed})`;
  const lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    lines.push(row === rows >> 1 ? drawLine([{ text }], options) : ' '.repeat(columns));
  }
  return lines;
}

/** The last instant of which we know something. */
function knownAt({ link, pausedAtMs }: Model, nowMs: number): number {
  return Math.min(nowMs, pausedAtMs ?? nowMs, link.state === 'lost' ? link.sinceMs : nowMs);
}

/** The screen at `nowMs`: `size.rows` lines of `size.columns` cells. */
export function view(model: Model, nowMs: number): string[] {
  const { size, palette, glyphs } = model;
  const options: LineOptions = { width: size.columns, palette, ellipsis: glyphs.ellipsis };
  if (isTooSmall(size)) return drawTooSmall(model, options);
  const rows = settle(model);
  const footer = drawFooter(model, rows, options);
  if (model.mode === 'help') {
    const head = drawHeader(model, nowMs, options);
    return [...head, ...drawHelp(model, helpHeight(model), options), footer];
  }
  const draw: RowDrawing = {
    columns: placeColumns(size.columns),
    options,
    nowMs,
    knownAtMs: knownAt(model, nowMs),
    isLinkLost: model.link.state === 'lost',
  };
  return [
    ...drawHeader(model, nowMs, options),
    drawTitles(draw.columns, options),
    ...drawBody(model, rows, draw),
    footer,
  ];
}
