/** The rows that are seen, under the titles of their columns. */
import { GAP, markCellsOf, type PlacedColumn, placeColumns } from './columns.ts';
import { settle } from './cursor.ts';
import { bodyHeight, noteOf } from './layout.ts';
import { drawLine, type LineOptions, type Piece, paintPieces } from './line.ts';
import { type Model, STALE_MS } from './model.ts';
import { paint } from './palette.ts';
import { sortMark } from './sort-menu.ts';
import type { Cell, CellContext, Rows } from './views/view.ts';
import { cellWidth, cutToWidth, fitEnd, fitStart } from './width.ts';

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
  readonly rows: Rows<unknown>;
  readonly columns: readonly PlacedColumn[];
  readonly options: LineOptions;
  readonly nowMs: number;
  readonly knownAtMs: number;
  readonly markCells: number;
}

/** Whether a cell is drawn faintly: it says what was, not what is. */
function isPast(
  cell: Cell,
  { column }: PlacedColumn,
  item: unknown,
  context: CellContext,
): boolean {
  const { model, nowMs } = context;
  if (model.link.state === 'lost') return true;
  if (model.view.isPast?.(item, model)) return cell.isLoud !== true;
  const takenAtMs = column.takenAtMs?.(item, model) ?? model.view.takenAtMs?.(model) ?? NaN;
  return nowMs - takenAtMs > STALE_MS;
}

function markPiece(model: Model, id: string, markCells: number): Piece {
  const mark = model.state.marked.has(id) ? model.glyphs.marked : '';
  return { text: mark.padEnd(markCells), style: 'key' };
}

/** A row. Its cells are as wide as they must be, so nothing is measured again. */
function drawRow(model: Model, index: number, draw: RowDrawing): string {
  const { rows, columns, options, nowMs, knownAtMs, markCells } = draw;
  const { palette, ellipsis, width } = options;
  const item = rows.item(index);
  const context: CellContext = { model, rows, index, glyphs: model.glyphs, nowMs, knownAtMs };
  const pieces: Piece[] = [markPiece(model, rows.id(index), markCells)];
  let used = 0;
  for (const placed of columns) {
    if (used > 0) pieces.push({ text: ' '.repeat(GAP) });
    used += placed.width + (used > 0 ? GAP : 0);
    const cell = placed.column.cell(item, context);
    const shown: Cell = isPast(cell, placed, item, context) ? { ...cell, style: 'faint' } : cell;
    pieces.push(...drawCell(shown, placed, ellipsis));
  }
  pieces.push({ text: ' '.repeat(width - markCells - used) });
  const { selected, selectedIndex } = model.state;
  // It is on none while details are read of one that is gone.
  const isSelected = index === selectedIndex && rows.id(index) === selected;
  if (!isSelected) return paintPieces(palette, pieces);
  const style = model.link.state === 'lost' ? 'selectedPast' : 'selected';
  return paint(palette, style, pieces.map(({ text }) => text).join(''));
}

function drawTitles(model: Model, { columns, options, markCells }: RowDrawing): string {
  const titles = columns.map(({ column, width }) => {
    const title = column.title + sortMark(model, column);
    const fit = column.isRight ? fitEnd : fitStart;
    return fit(title, width, options.ellipsis);
  });
  const text = (' '.repeat(markCells) + titles.join(' '.repeat(GAP))).padEnd(options.width);
  return drawLine([{ text, style: 'heading' }], options);
}

/** The last instant of which we know something. */
function knownAt({ link, pausedAtMs }: Model, nowMs: number): number {
  return Math.min(nowMs, pausedAtMs ?? nowMs, link.state === 'lost' ? link.sinceMs : nowMs);
}

/** The titles and the rows around the cursor, or what stands where there is none. */
export function drawBody(model: Model, nowMs: number, options: LineOptions): string[] {
  const rows = settle(model);
  const { state, view } = model;
  const height = bodyHeight(model);
  const markCells = markCellsOf(model);
  const columns = placeColumns(view.columns, options.width - markCells);
  const knownAtMs = knownAt(model, nowMs);
  const draw: RowDrawing = { rows, columns, options, nowMs, knownAtMs, markCells };
  const lines = [drawTitles(model, draw)];
  const last = Math.min(rows.count, state.offset + height);
  for (let index = state.offset; index < last; index++) lines.push(drawRow(model, index, draw));
  if (rows.count === 0) {
    lines.push(drawLine([{ text: view.emptyText(model), style: 'faint' }], options));
  }
  while (lines.length < height + 1) lines.push(' '.repeat(options.width));
  const note = noteOf(model);
  if (note !== '') lines.push(drawLine([{ text: note, style: 'warning' }], options));
  return lines;
}
