/** The help: every key and what it does, from the same table that the keys work by. */
import { keyLabel } from './glyphs.ts';
import { helpBindings, helpHeight } from './keys.ts';
import { drawLine, type LineOptions, type Piece } from './line.ts';
import type { Model } from './model.ts';
import { fitStart } from './width.ts';

const KEYS_WIDTH = 11;
/** Cells of one entry, at most: they stand side by side, and none is as long as that. */
const ENTRY_WIDTH_MAX = 44;

interface HelpEntry {
  readonly keys: string;
  readonly text: string;
}

function entriesOf(model: Model): HelpEntry[] {
  return helpBindings(model).map(({ keys, help = '' }) => {
    const labels = keys.map((key) => keyLabel(key, model.glyphs)).join(' ');
    return { keys: labels, text: help };
  });
}

function drawEntry({ keys, text }: HelpEntry, { width, ellipsis }: LineOptions): Piece[] {
  const cells = Math.min(ENTRY_WIDTH_MAX, width >> 1);
  return [
    { text: `  ${fitStart(keys, KEYS_WIDTH - 2, ellipsis)}`, style: 'key' },
    { text: fitStart(text, cells - KEYS_WIDTH, ellipsis) },
  ];
}

/** `rowCount` lines of help, from `helpOffset` on. */
export function drawHelp(model: Model, rowCount: number, options: LineOptions): string[] {
  const entries = entriesOf(model);
  const height = helpHeight(model);
  const offset = Math.min(model.helpOffset, Math.max(0, height - rowCount));
  const lines: string[] = [];
  for (let row = offset; row < offset + rowCount; row++) {
    const inRow = row < height ? [entries[row], entries[row + height]] : [];
    const pieces = inRow.flatMap((entry) => (entry === undefined ? [] : drawEntry(entry, options)));
    lines.push(drawLine(pieces, options));
  }
  return lines;
}
