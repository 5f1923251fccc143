/** Tables for people. Apart from other output, because its library takes a while to load. */
import Table from 'cli-table3';
import { escapeLine } from '../base/escape.ts';

const NO_BORDERS = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '' },
  ...{ right: '', 'right-mid': '', middle: '  ' },
};

/** Columns under a heading, without borders. What comes from nodes is escaped. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const style = { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true };
  const table = new Table({ head: [...head], style, chars: NO_BORDERS });
  for (const row of rows) table.push(row.map(escapeLine));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
