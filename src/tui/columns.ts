/** How columns share the width of the screen, and which ones give way when it is narrow. */
import type { Model } from './model.ts';
import type { Column } from './views/view.ts';

export interface PlacedColumn {
  readonly column: Column<unknown>;
  readonly width: number;
}

/** Columns from this priority on are shown only where the others are as wide as is good. */
const SPARE_PRIORITY = 10;
/** Cells before the rows, while some are marked. */
const MARK_CELLS = 2;
/** Blanks between columns. */
export const GAP = 2;

/** Cells before the rows for marks. */
export function markCellsOf({ state }: Model): number {
  return state.marked.size > 0 ? MARK_CELLS : 0;
}

function widthOf(columns: readonly Column<unknown>[]): number {
  return columns.reduce((sum, { width }) => sum + width + GAP, -GAP);
}

/**
 * Shares the cells that are left over among the columns that grow, each up to its greatest width.
 */
function grow(columns: readonly Column<unknown>[], spareCells: number): PlacedColumn[] {
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

/** Those of `columns` that fit into `width` cells, with their widths. */
export function placeColumns(columns: readonly Column<unknown>[], width: number): PlacedColumn[] {
  const kept = [...columns];
  const wish = columns.reduce((sum, each) => sum + (each.widthGood ?? each.width) - each.width, 0);
  while (kept.length > 1) {
    const lowest = kept.reduce((a, b) => (b.priority > a.priority ? b : a));
    const needed = widthOf(kept) + (lowest.priority >= SPARE_PRIORITY ? wish : 0);
    if (needed <= width) break;
    kept.splice(kept.indexOf(lowest), 1);
  }
  return grow(kept, Math.max(0, width - widthOf(kept)));
}
