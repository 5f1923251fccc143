/** What rows are sorted by: the menu, and what is chosen in it. */
import { drawLine, type LineOptions } from './line.ts';
import type { Model } from './model.ts';
import type { Column, View } from './views/view.ts';

/** The columns that can be sorted by, also those for which the screen is too narrow. */
export function sortables({ view }: Model): readonly Column<unknown>[] {
  return sortablesOf(view);
}

export function sortablesOf(view: View<unknown>): readonly Column<unknown>[] {
  return view.columns.filter(({ sortKey }) => sortKey !== undefined);
}

/** Sorts by a column: the other way round when it is sorted by it. Without a title, not at all. */
export function sortBy(model: Model, title: string | undefined): undefined {
  const { state } = model;
  state.rows = undefined;
  if (title === undefined) {
    state.sort = null;
    return;
  }
  state.sort = { title, isReversed: state.sort?.title === title && !state.sort.isReversed };
}

export function moveSortMenu(model: Model, count: number): undefined {
  const last = sortables(model).length - 1;
  model.sortIndex = Math.max(0, Math.min(model.sortIndex + count, last));
}

/** Sorts by the column under the cursor of the menu, which stays: again, and it is reversed. */
export function chooseSort(model: Model): undefined {
  return sortBy(model, sortables(model)[model.sortIndex]?.title);
}

/** How a column stands in its order: an arrow down where the highest come first. */
export function sortMark({ state, glyphs }: Model, column: Column<unknown>): string {
  const { sort } = state;
  if (sort?.title !== column.title) return '';
  return sort.isReversed === (column.isHighFirst ?? false) ? glyphs.rising : glyphs.falling;
}

/** `rowCount` lines of the menu, around its cursor. */
export function drawSortMenu(model: Model, rowCount: number, options: LineOptions): string[] {
  const columns = sortables(model);
  const offset = Math.max(0, Math.min(model.sortIndex - rowCount + 2, columns.length));
  const lines = [drawLine([{ text: 'sort by', style: 'title' }], options)];
  for (let row = 0; row < rowCount - 1; row++) {
    const column = columns[offset + row];
    const isChosen = offset + row === model.sortIndex;
    const text =
      column === undefined
        ? ''
        : `  ${column.title.toLowerCase()} ${sortMark(model, column)}`.padEnd(options.width);
    lines.push(drawLine([{ text, style: isChosen ? 'selected' : 'plain' }], options));
  }
  return lines;
}
