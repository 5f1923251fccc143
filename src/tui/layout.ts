/** Which lines and cells of the screen are for what. */
import type { Model, Size } from './model.ts';

/** Smallest screen on which it can be used. */
export const COLUMNS_MIN = 60;
export const ROWS_MIN = 8;

/** From this width on, what is open stands beside the rows. */
const WIDE_COLUMNS = 160;

export function isWide({ size }: Model): boolean {
  return size.columns >= WIDE_COLUMNS;
}

/** Whether the rows and a pane are seen at once: it follows the cursor then. */
export function isBeside(model: Model): boolean {
  return model.pane !== null && isWide(model);
}

/** Cells between the rows and what is beside them: a line, and a blank behind it. */
const DIVIDER_CELLS = 2;

/** Cells of a pane: half of a wide screen, all of another. */
export function paneWidth(model: Model): number {
  const { columns } = model.size;
  return isWide(model) ? (columns >> 1) - DIVIDER_CELLS : columns;
}

/** Cells for the rows. */
export function rowsWidth(model: Model): number {
  const { columns } = model.size;
  return isBeside(model) ? columns - paneWidth(model) - DIVIDER_CELLS : columns;
}

export function isTooSmall({ columns, rows }: Size): boolean {
  return columns < COLUMNS_MIN || rows < ROWS_MIN;
}

/**
 * Lines above the rows: two of the header, the banner of a lost link or of a part of the tree, the
 * titles of the columns.
 */
export function headHeight({ link, isCutOff }: Model): number {
  return link.state === 'lost' || isCutOff ? 4 : 3;
}

/** What is said below the rows of what is missing among them, or ''. */
export function noteOf(model: Model): string {
  return model.view.note?.(model) ?? '';
}

/** Lines for the rows: all but the head, a note and the footer. */
export function bodyHeight(model: Model): number {
  const noteHeight = noteOf(model) === '' ? 0 : 1;
  return Math.max(1, model.size.rows - headHeight(model) - noteHeight - 1);
}

/** Lines for a pane in the place of the rows, their titles and their note. */
export function paneHeight(model: Model): number {
  return model.size.rows - headHeight(model);
}
