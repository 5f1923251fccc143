/**
 * The screen as text: exactly as many lines as the terminal has, each exactly as wide. A pure
 * function of the model and the time, so that a screen can be tested, and drawn by whoever draws.
 */
import { escapeLine } from '../base/escape.ts';
import { drawBody } from './body.ts';
import { settle } from './cursor.ts';
import { drawFooter } from './footer.ts';
import { drawHeader } from './header.ts';
import { drawHelp } from './help.ts';
import {
  COLUMNS_MIN,
  isBeside,
  isTooSmall,
  paneHeight,
  paneWidth,
  ROWS_MIN,
  rowsWidth,
} from './layout.ts';
import { drawLine, type LineOptions } from './line.ts';
import type { Model } from './model.ts';
import { drawOutput } from './output-pane.ts';
import { paint } from './palette.ts';
import { drawSortMenu } from './sort-menu.ts';

function drawTooSmall({ size }: Model, options: LineOptions): string[] {
  const { columns, rows } = size;
  const needed = `needs ${COLUMNS_MIN}x${ROWS_MIN}`;
  const text = `terminal too small (${columns}x${rows}, ${needed})`;
  const lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    lines.push(row === rows >> 1 ? drawLine([{ text }], options) : ' '.repeat(columns));
  }
  return lines;
}

/** What stands in the place of details of what is gone. */
function goneText({ view, state, nodes }: Model): string {
  const node = state.selected === null ? undefined : view.nodeOf?.(state.selected);
  if (node === undefined || nodes.slots.has(node)) return 'it is no longer there';
  return `${escapeLine(node)} was forgotten: it was stopped, or lost for a minute`;
}

/** The details of the row under the cursor, scrolled no further than their end. */
function drawDetails(model: Model, nowMs: number, options: LineOptions): string[] {
  const { view, state } = model;
  const height = paneHeight(model);
  const { width } = options;
  const known =
    state.selected === null ? undefined : view.details?.(model, state.selected, { width, nowMs });
  const pieces = known ?? [[{ text: goneText(model), style: 'warning' as const }]];
  // They may have become fewer since they were scrolled.
  const offset = Math.min(model.detailsOffset, Math.max(0, pieces.length - height));
  const shown = pieces.slice(offset, offset + height);
  const lines = shown.map((line) => drawLine(line, options));
  while (lines.length < height) lines.push(' '.repeat(options.width));
  return lines;
}

/** What is open beside the rows, or in their place. */
function drawPane(model: Model, nowMs: number, options: LineOptions): string[] {
  return model.pane === 'output'
    ? drawOutput(model, nowMs, options)
    : drawDetails(model, nowMs, options);
}

/** Whether a narrow screen shows the pane: while that has the keys, or what asks there. */
function isPaneSeen({ mode, pane, prompt }: Model): boolean {
  return pane !== null && (mode === 'prompt' ? prompt?.modeBehind : mode) === pane;
}

/** The rows, and what is beside them. Where the divider is bright, the pane has the keys. */
function drawBeside(model: Model, nowMs: number, options: LineOptions): string[] {
  const width = paneWidth(model);
  const rows = drawBody(model, nowMs, { ...options, width: rowsWidth(model) });
  const pane = drawPane(model, nowMs, { ...options, width });
  const style = model.mode === model.pane ? 'key' : 'faint';
  const divider = paint(options.palette, style, `${model.glyphs.divider} `);
  return rows.map((row, index) => row + divider + pane[index]);
}

function drawMain(model: Model, nowMs: number, options: LineOptions): string[] {
  switch (model.mode) {
    case 'help':
      return drawHelp(model, paneHeight(model), options);
    case 'sort':
      return drawSortMenu(model, paneHeight(model), options);
    default:
      if (isBeside(model)) return drawBeside(model, nowMs, options);
      return isPaneSeen(model) ? drawPane(model, nowMs, options) : drawBody(model, nowMs, options);
  }
}

/** The screen at `nowMs`: `size.rows` lines of `size.columns` cells. */
export function drawScreen(model: Model, nowMs: number): string[] {
  const { size, palette, glyphs } = model;
  const options: LineOptions = { width: size.columns, palette, ellipsis: glyphs.ellipsis };
  if (isTooSmall(size)) return drawTooSmall(model, options);
  const rows = settle(model);
  const head = drawHeader(model, nowMs, options);
  return [...head, ...drawMain(model, nowMs, options), drawFooter(model, rows, nowMs, options)];
}
