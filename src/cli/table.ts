/** Tables for people: columns under headings, without borders, a line for each row. */
import Table from 'cli-table3';
import { escapeLine } from '../base/escape.ts';
import { cellWidth, cutToWidth } from './cells.ts';
import { lineWidth } from './output.ts';
import { type Column, type FittedColumn, fitColumns, GAP, headOf } from './table-fit.ts';

const NO_BORDERS = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '' },
  ...{ right: '', 'right-mid': '', middle: ' '.repeat(GAP) },
};
const STYLE = { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true };

/**
 * Rows that the library draws at a time. It looks at each pair of them: 10,000 rows at once took it
 * 53 s, and 2.4 s by tens; all columns have their widths beforehand, so that it makes no difference
 * to what is drawn.
 */
const ROWS_DRAWN = 10;

function isNumber(column: Column | undefined): boolean {
  return typeof column === 'object' && column.isNumber === true;
}

/** Draws rows whose columns have their widths. */
function drawRows(
  rows: readonly (readonly string[])[],
  columns: readonly Column[],
  fitted: readonly FittedColumn[],
): string[] {
  const colWidths = fitted.map(({ width }) => Math.max(1, width));
  const colAligns = fitted.map(({ at }) => (isNumber(columns[at]) ? 'right' : 'left'));
  const lines: string[] = [];
  for (let from = 0; from < rows.length; from += ROWS_DRAWN) {
    const table = new Table({ style: STYLE, chars: NO_BORDERS, colWidths, colAligns });
    for (const row of rows.slice(from, from + ROWS_DRAWN)) {
      table.push(fitted.map(({ at, width }) => cutToWidth(row[at] ?? '', width)));
    }
    lines.push(...table.toString().split('\n'));
  }
  return lines.map((line) => line.trimEnd());
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
  return drawRows(lines, all, fitted).join('\n');
}
