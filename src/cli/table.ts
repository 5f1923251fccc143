/** Tables for people: columns under headings, without borders, a line for each row. */
import { escapeLine } from '../base/escape.ts';
import { cellWidth, cutToWidth } from './cells.ts';
import { lineWidth } from './output.ts';
import { type Column, type FittedColumn, fitColumns, GAP, headOf } from './table-fit.ts';

/** A cell in its place. The last one of a row is followed by nothing. */
function place(text: string, width: number, column: Column | undefined): string {
  const cut = cutToWidth(text, width);
  const blanks = ' '.repeat(width - cellWidth(cut));
  const isNumber = typeof column === 'object' && column.isNumber === true;
  return isNumber ? blanks + cut : cut + blanks;
}

function formatRow(
  row: readonly string[],
  columns: readonly Column[],
  fitted: readonly FittedColumn[],
): string {
  return fitted
    .map(({ at, width }) => place(row[at] ?? '', width, columns[at]))
    .join(' '.repeat(GAP))
    .trimEnd();
}

/**
 * A table in lines of at most `widthMax` cells. What comes from nodes is escaped. Without headings
 * there is no line of them, and a column for each cell of the longest row.
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  widthMax = lineWidth(),
): string {
  const heads = columns.map(headOf);
  const lines = rows.map((row) => row.map(escapeLine));
  if (heads.some((head) => head !== '')) lines.unshift(heads);
  const count = lines.reduce((most, { length }) => Math.max(most, length), columns.length);
  const all: Column[] = Array.from({ length: count }, (_, at) => columns[at] ?? '');
  const widths = all.map((_, at) =>
    lines.reduce((width, row) => Math.max(width, cellWidth(row[at] ?? '')), 0),
  );
  const fitted = fitColumns(all, widths, widthMax);
  return lines.map((row) => formatRow(row, all, fitted)).join('\n');
}
