/** Writing to stdout: data only, one record per line. */
import Table from 'cli-table3';
import { escapeLine } from '../base/escape.ts';

/** Writes a line of text. */
export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes one record of a stream (NDJSON). */
export function printRecord(record: unknown): void {
  process.stdout.write(`${JSON.stringify(record)}\n`);
}

/** Settles when stdout has taken what was written; undefined when it has. */
export function stdoutDrained(): Promise<unknown> | undefined {
  const { stdout } = process;
  if (!stdout.writableNeedDrain) return undefined;
  return new Promise((resolve) => stdout.once('drain', resolve));
}

/** Writes one document. */
export function printDocument(document: unknown): void {
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}

const NO_BORDERS = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '' },
  ...{ right: '', 'right-mid': '', middle: '  ' },
};

/**
 * Whether colours are wanted on a stream: NO_COLOR, DAGENT_NO_COLOR, CLICOLOR_FORCE, then the
 * terminal.
 */
export function hasColour(stream: { readonly isTTY?: boolean }): boolean {
  const { NO_COLOR, DAGENT_NO_COLOR, CLICOLOR_FORCE, CLICOLOR, TERM } = process.env;
  if (NO_COLOR || DAGENT_NO_COLOR || TERM === 'dumb') return false;
  if (CLICOLOR_FORCE && CLICOLOR_FORCE !== '0') return true;
  return stream.isTTY === true && CLICOLOR !== '0';
}

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
