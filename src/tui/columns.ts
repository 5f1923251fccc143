/**
 * The columns of the tree: what each shows, how wide it is, and which ones give way when the screen
 * is narrow.
 */
import { escapeLine } from '../base/escape.ts';
import type { NodeStatus } from '../protocol/status.ts';
import {
  formatAge,
  formatLoad,
  formatRtt,
  formatUptime,
  loadPerCpu,
  memoryShare,
  namedServices,
  UNKNOWN,
} from './figures.ts';
import type { Glyphs } from './glyphs.ts';
import type { Style } from './palette.ts';
import type { TreeRow } from './tree-order.ts';

/** What a cell can be made from. */
export interface CellContext {
  readonly row: TreeRow;
  /** All rows: those above draw the branches. */
  readonly rows: readonly TreeRow[];
  readonly glyphs: Glyphs;
  readonly nowMs: number;
  /** Until when we know that what is up was up: no later than the link, or the pause. */
  readonly knownAtMs: number;
}

export interface Cell {
  readonly text: string;
  /** Kept whole behind the text, which is cut in favour of it. */
  readonly suffix?: string;
  /** Drawn before the text, in another style. */
  readonly prefix?: string;
  readonly style?: Style;
  /** Keeps its style in a row that is drawn faintly. */
  readonly isLoud?: boolean;
}

export interface Column {
  readonly title: string;
  /** Cells that it needs. */
  readonly width: number;
  /** Its share of the cells that are left over, and how many it has a use for altogether. */
  readonly growth?: number;
  readonly widthMax?: number;
  readonly isRight?: boolean;
  /** Whether it shows figures of the host, which are old when no new ones came. */
  readonly isSampled?: boolean;
  /** The highest number gives way first. */
  readonly priority: number;
  readonly cell: (context: CellContext) => Cell;
}

export interface PlacedColumn {
  readonly column: Column;
  readonly width: number;
}

/** Blanks between columns. */
export const GAP = 2;

/** A load above these, for each processor, is shown as high, as too high. */
const LOAD_HIGH = 0.7;
const LOAD_TOO_HIGH = 1;
/** The same for the part of the memory that is used. */
const MEMORY_HIGH = 0.8;
const MEMORY_TOO_HIGH = 0.95;
const BAR_CELLS = 4;

function grade(value: number, high: number, tooHigh: number): Style {
  if (value >= tooHigh) return 'bad';
  return value >= high ? 'warning' : 'plain';
}

/** The branches before a row's name. */
function branches({ row, rows, glyphs }: CellContext): string {
  if (row.depth === 0) return row.hasChildren ? `${mark(row, glyphs)} ` : '';
  let drawn = (row.isLast ? glyphs.lastBranch : glyphs.branch) + mark(row, glyphs);
  for (let at = rows[row.parent]; at !== undefined && at.parent >= 0; at = rows[at.parent]) {
    drawn = (at.isLast ? glyphs.nothing : glyphs.through) + drawn;
  }
  return `${drawn} `;
}

function mark(row: TreeRow, glyphs: Glyphs): string {
  if (!row.hasChildren) return glyphs.childless;
  return row.hidden > 0 ? glyphs.folded : glyphs.open;
}

function nameCell(context: CellContext): Cell {
  const { row } = context;
  const prefix = branches(context);
  const text = escapeLine(row.entry.name);
  if (row.hidden > 0) return { prefix, text, suffix: ` +${row.hidden}` };
  return row.isMatch ? { prefix, text } : { prefix, text, style: 'faint' };
}

function stateCell({ row, glyphs }: CellContext): Cell {
  return row.entry.status.state === 'up'
    ? { text: `${glyphs.up} up`, style: 'good' }
    : { text: `${glyphs.lost} lost`, style: 'bad', isLoud: true };
}

function loadCell({ row }: CellContext): Cell {
  const { sample } = row.entry.status;
  if (sample === null) return { text: UNKNOWN };
  const style = grade(loadPerCpu(sample), LOAD_HIGH, LOAD_TOO_HIGH);
  return { text: formatLoad(sample.load1), style };
}

function memoryCell({ row, glyphs }: CellContext): Cell {
  const { sample } = row.entry.status;
  if (sample === null) return { text: UNKNOWN };
  const share = memoryShare(sample);
  const fullCells = Math.round(share * BAR_CELLS);
  const bar = glyphs.full.repeat(fullCells) + glyphs.empty.repeat(BAR_CELLS - fullCells);
  const percent = `${Math.round(share * 100)}%`.padStart(5);
  return { text: bar + percent, style: grade(share, MEMORY_HIGH, MEMORY_TOO_HIGH) };
}

function uptimeOf({ state, startedAtMs }: NodeStatus, nowMs: number): string {
  return state === 'up' ? formatUptime(nowMs - startedAtMs) : UNKNOWN;
}

function ageOf({ row, nowMs }: CellContext): string {
  const { sampledAtMs } = row.entry;
  return sampledAtMs === null ? UNKNOWN : formatAge(nowMs - sampledAtMs);
}

const COLUMNS: readonly Column[] = [
  { title: 'NAME', width: 19, growth: 2, widthMax: 48, priority: 0, cell: nameCell },
  { title: 'ROLE', width: 5, priority: 5, cell: ({ row }) => ({ text: row.entry.status.role }) },
  { title: 'STATE', width: 6, priority: 1, cell: stateCell },
  {
    title: 'RTT',
    width: 6,
    isRight: true,
    priority: 4,
    cell: ({ row }) => ({ text: formatRtt(row.entry.status.rttMs) }),
  },
  { title: 'LOAD', width: 5, isRight: true, isSampled: true, priority: 2, cell: loadCell },
  { title: 'MEM', width: 9, isRight: true, isSampled: true, priority: 3, cell: memoryCell },
  {
    title: 'UP',
    width: 6,
    isRight: true,
    priority: 6,
    cell: ({ row, knownAtMs }) => ({ text: uptimeOf(row.entry.status, knownAtMs) }),
  },
  {
    title: 'AGE',
    width: 4,
    isRight: true,
    isSampled: true,
    priority: 8,
    cell: (context) => ({ text: ageOf(context) }),
  },
  {
    title: 'SERVICES',
    width: 9,
    growth: 3,
    priority: 7,
    cell: ({ row }) => ({ text: namedServices(row.entry.status).join(' ') }),
  },
];

function widthOf(columns: readonly Column[]): number {
  return columns.reduce((sum, { width }) => sum + width + GAP, -GAP);
}

/**
 * Shares the cells that are left over among the columns that grow, each up to its greatest width.
 */
function grow(columns: readonly Column[], spareCells: number): PlacedColumn[] {
  let spare = spareCells;
  let growth = columns.reduce((sum, column) => sum + (column.growth ?? 0), 0);
  return columns.map((column) => {
    const share = column.growth === undefined ? 0 : Math.floor((spare * column.growth) / growth);
    const width = Math.min(column.width + share, column.widthMax ?? Infinity);
    spare -= width - column.width;
    growth -= column.growth ?? 0;
    return { column, width };
  });
}

/** The columns that fit into `width` cells, with their widths. */
export function placeColumns(width: number): PlacedColumn[] {
  const kept = [...COLUMNS];
  while (kept.length > 1 && widthOf(kept) > width) {
    const lowest = kept.reduce((a, b) => (b.priority > a.priority ? b : a));
    kept.splice(kept.indexOf(lowest), 1);
  }
  return grow(kept, Math.max(0, width - widthOf(kept)));
}
