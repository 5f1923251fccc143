/** Lines that details are made of. */
import { escapeLine } from '../../base/escape.ts';
import type { Piece } from '../line.ts';
import { cellWidth } from '../width.ts';
import type { DetailLines } from './view.ts';

export const LABEL_CELLS = 12;

/** What something is called, and what it is. */
export function labelLine(label: string, text: string): readonly Piece[] {
  return [{ text: `  ${label.padEnd(LABEL_CELLS)}`, style: 'faint' }, { text }];
}

/** The same of many words, on as many lines as they need. */
export function wordLines(label: string, words: readonly string[], width: number): DetailLines {
  const lines: string[] = [];
  for (const word of words) {
    const line = lines.at(-1);
    const longer = `${line} ${word}`;
    if (line !== undefined && cellWidth(longer) <= width - LABEL_CELLS - 2) {
      lines[lines.length - 1] = longer;
    } else lines.push(word);
  }
  return lines.map((line, index) => labelLine(index === 0 ? label : '', line));
}

/** The title of a section, and how old it is. */
export function titleLine(title: string, age: string): readonly Piece[] {
  return [
    { text: title, style: 'title' },
    { text: age === '' ? '' : `  ${age}`, style: 'faint' },
  ];
}

/** Why something of a section could not be had; nothing when it could. */
export function reasonLine(what: string, reason: string | undefined): DetailLines {
  if (reason === undefined || reason === '') return [];
  return [[{ text: `  ${what}: ${escapeLine(reason)}`, style: 'bad' }]];
}

/** Rows in columns, each as wide as its widest cell. */
export function tableRows(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, cellWidth(cell));
    });
  }
  return rows.map((row) => {
    const cells = row.map((cell, at) => cell + ' '.repeat(widths[at]! - cellWidth(cell)));
    return cells.join('  ').trimEnd();
  });
}

/** The same as lines. */
export function tableLines(rows: readonly (readonly string[])[]): DetailLines {
  return tableRows(rows).map((text) => [{ text: `  ${text}` }]);
}
