/**
 * How the columns of a table share a terminal: a row is one line, whatever the width. Texts are cut
 * first, then columns give way.
 */

/** A heading alone is a column that gives way before those to its left. */
export type Column = string | ColumnOptions;

export interface ColumnOptions {
  readonly head: string;
  /** The column with the greatest number gives way first; its place in the table without one. */
  readonly priority?: number;
  /** Cells may be cut: their beginning is of use. */
  readonly isText?: boolean;
  /** Cells stand on the right. */
  readonly isNumber?: boolean;
}

/** A column that has room, by its place in the table, and the cells that it gets. */
export interface FittedColumn {
  readonly at: number;
  readonly width: number;
}

/** Blanks between columns. */
export const GAP = 2;
/** A text of fewer cells is of no use. */
const TEXT_MIN = 12;

export function headOf(column: Column): string {
  return typeof column === 'string' ? column : column.head;
}

function optionsOf(column: Column, at: number): { priority: number; isText: boolean } {
  if (typeof column === 'string') return { priority: at, isText: false };
  return { priority: column.priority ?? at, isText: column.isText === true };
}

function totalOf(columns: readonly { readonly width: number }[]): number {
  return columns.reduce((sum, { width }) => sum + width + GAP, -GAP);
}

/** Cuts the widest text by as much as is needed, as far as it goes; then the next one. */
function cutTexts(columns: readonly Column[], fitted: FittedColumn[], widthMax: number): void {
  const texts = fitted
    .filter(({ at }) => optionsOf(columns[at] ?? '', at).isText)
    .sort((a, b) => b.width - a.width);
  for (const text of texts) {
    const excess = totalOf(fitted) - widthMax;
    if (excess <= 0) return;
    const width = Math.max(Math.min(TEXT_MIN, text.width), text.width - excess);
    fitted[fitted.indexOf(text)] = { at: text.at, width };
  }
}

/**
 * The columns that fit into `widthMax` cells. `widths` are those that they would like. The most
 * important one is always there, and is cut when it must be.
 */
export function fitColumns(
  columns: readonly Column[],
  widths: readonly number[],
  widthMax: number,
): FittedColumn[] {
  const kept = columns.map((column, at) => ({ at, ...optionsOf(column, at) }));
  for (;;) {
    const fitted: FittedColumn[] = kept.map(({ at }) => ({ at, width: widths[at] ?? 0 }));
    cutTexts(columns, fitted, widthMax);
    if (totalOf(fitted) <= widthMax) return fitted;
    if (kept.length <= 1) return fitted.map(({ at }) => ({ at, width: Math.max(1, widthMax) }));
    const last = kept.reduce((a, b) => (b.priority > a.priority ? b : a));
    kept.splice(kept.indexOf(last), 1);
  }
}
