/** What the mouse does. */
import { openDetails } from './actions.ts';
import { GAP, markCellsOf, placeColumns } from './columns.ts';
import { selectRow, settle } from './cursor.ts';
import { tabAt } from './header.ts';
import { bindingOf } from './keys.ts';
import { bodyHeight, headHeight, isBeside, rowsWidth } from './layout.ts';
import { isWriting, type Model } from './model.ts';
import type { MouseEvent } from './mouse-input.ts';
import { sortBy } from './sort-menu.ts';

/** Has the terminal report buttons and the wheel, in numbers of any size; and no more. */
export const MOUSE_ON = '\x1b[?1000h\x1b[?1006h';
export const MOUSE_OFF = '\x1b[?1006l\x1b[?1000l';

/** Rows that a notch of the wheel is worth. */
const WHEEL_ROWS = 3;

/** Does what the arrow keys do, a few times. */
function turnWheel(model: Model, isDown: boolean, nowMs: number): undefined {
  if (isWriting(model)) return;
  const key = isDown ? 'down' : 'up';
  for (let row = 0; row < WHEEL_ROWS; row++) bindingOf(model, key)?.run(model, nowMs);
}

/** Sorts by the column whose title was clicked on; again, the other way round. */
function clickTitle(model: Model, column: number): undefined {
  const { view } = model;
  const markCells = markCellsOf(model);
  let start = markCells;
  for (const placed of placeColumns(view.columns, rowsWidth(model) - markCells)) {
    const end = start + placed.width + GAP;
    if (column < end) {
      return placed.column.sortKey === undefined ? undefined : sortBy(model, placed.column.title);
    }
    start = end;
  }
  return undefined;
}

/** The cursor goes to the row that was clicked on; where it is already, the details open. */
function clickRow(model: Model, line: number): undefined {
  const rows = settle(model);
  const { state } = model;
  const index = state.offset + line;
  if (index >= rows.count) return undefined;
  if (index === state.selectedIndex && rows.id(index) === state.selected) return openDetails(model);
  state.follow = null;
  return selectRow(model, rows, index);
}

/** Does what the digit does that was clicked on, or that is before the name. */
function clickTab(model: Model, column: number, nowMs: number): undefined {
  const digit = tabAt(model, column, nowMs);
  if (digit !== undefined && !isWriting(model)) bindingOf(model, digit)?.run(model, nowMs);
}

/** What a mouse did. */
export function takeMouse(model: Model, event: MouseEvent, nowMs: number): undefined {
  const { mode, pane } = model;
  if (pane !== null && isBeside(model) && (mode === 'rows' || mode === pane)) {
    // The keys go where the mouse is.
    model.mode = event.column < rowsWidth(model) ? 'rows' : pane;
  }
  if (event.kind === 'wheel') return turnWheel(model, event.isDown, nowMs);
  if (event.row === 0) return clickTab(model, event.column, nowMs);
  if (model.mode !== 'rows') return undefined;
  const line = event.row - headHeight(model);
  if (line === -1) return clickTitle(model, event.column);
  return line >= 0 && line < bodyHeight(model) ? clickRow(model, line) : undefined;
}
