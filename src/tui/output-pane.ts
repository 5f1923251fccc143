/** The output of what runs on nodes, as it is drawn: a title with how far it is, and its lines. */
import { escapeLine } from '../base/escape.ts';
import { VERDICTS } from '../protocol/exec.ts';
import { formatAge, formatCount } from './figures.ts';
import { paneHeight } from './layout.ts';
import { drawEnds, drawLine, type LineOptions, type Piece } from './line.ts';
import type { Model } from './model.ts';
import { isFound, type Output, type OutputLine, openCount, topOf } from './output.ts';
import { nodesOf, titleOf } from './runs/spec.ts';
import { cellWidth, dropCharacters, fitStart } from './width.ts';

/** Most cells of the name of a node before its lines. */
const SOURCE_CELLS_MAX = 20;

/** Lines of an output that are seen: all of the pane but its title. */
export function outputHeight(model: Model): number {
  return paneHeight(model) - 1;
}

/** `running 3s`, and how many nodes are done and how. */
function stateOf(output: Output, nowMs: number): string {
  const { endedAtMs, startedAtMs, isCancelled, verdicts, progress, isFollowing } = output;
  const took = formatAge((endedAtMs ?? nowMs) - startedAtMs);
  const word = endedAtMs !== null ? 'ended after' : isCancelled ? 'ending' : 'running';
  const counts = VERDICTS.flatMap((verdict) => {
    const count = verdicts.get(verdict);
    return count === undefined ? [] : [`${formatCount(count)} ${verdict}`];
  });
  const open = verdicts.size > 0 && endedAtMs === null ? openCount(output) : 0;
  return [
    ...(progress === '' ? [] : [progress]),
    ...counts,
    ...(open > 0 ? [`${formatCount(open)} open`] : []),
    `${word} ${took}`,
    ...(isFollowing ? [] : ['not following']),
  ].join('  ');
}

/** Which of the outputs it is, where there are several. */
function placeOf({ outputs }: Model, output: Output): string {
  return outputs.length === 1 ? '' : `${outputs.indexOf(output) + 1}/${outputs.length} `;
}

function drawTitle(model: Model, output: Output, nowMs: number, options: LineOptions): string {
  const isBad = [...output.verdicts.keys()].some((verdict) => verdict !== 'ok');
  const state = ` ${stateOf(output, nowMs)}`;
  const title = `${placeOf(model, output)}${escapeLine(titleOf(output.spec))}`;
  const width = Math.max(10, options.width - cellWidth(state));
  return drawEnds(
    [{ text: fitStart(title, width, options.ellipsis), style: 'title' }],
    [{ text: state, style: isBad ? 'bad' : 'faint' }],
    options,
  );
}

/** `text` in pieces: what is searched for is shown. */
function searched({ search }: Output, { text, style }: OutputLine): Piece[] {
  if (search === '') return [{ text, style }];
  const pieces: Piece[] = [];
  let rest = text;
  for (;;) {
    const at = rest.toLowerCase().indexOf(search.toLowerCase());
    if (at < 0) return [...pieces, { text: rest, style }];
    const end = at + search.length;
    pieces.push({ text: rest.slice(0, at), style });
    pieces.push({ text: rest.slice(at, end), style: 'selected' });
    rest = rest.slice(end);
  }
}

function drawOutputLine(
  output: Output,
  line: OutputLine,
  sourceCells: number,
  options: LineOptions,
): string {
  const { column } = output;
  const text = column === 0 ? line.text : dropCharacters(line.text, column);
  const source =
    sourceCells === 0 ? '' : `${fitStart(line.source, sourceCells, options.ellipsis)}  `;
  const style = output.search !== '' && isFound(output, line) ? 'key' : 'faint';
  return drawLine([{ text: source, style }, ...searched(output, { ...line, text })], options);
}

/** Cells for the names of nodes; none where there is only one. */
function sourceCells({ spec }: Output, shown: readonly OutputLine[]): number {
  if (nodesOf(spec).length === 1) return 0;
  const widest = shown.reduce((most, { source }) => Math.max(most, cellWidth(source)), 0);
  return Math.min(widest, SOURCE_CELLS_MAX);
}

/** What stands where there is no line. */
function emptyText({ endedAtMs }: Output): string {
  return endedAtMs === null ? 'nothing yet' : 'it wrote nothing';
}

/** As many lines as a pane has. */
export function drawOutput(model: Model, nowMs: number, options: LineOptions): string[] {
  const output = shownOutput(model);
  const height = outputHeight(model);
  const lines: string[] = [];
  if (output !== undefined) {
    lines.push(drawTitle(model, output, nowMs, options));
    const from = topOf(output, height) - output.first;
    const shown = output.lines.slice(from, from + height);
    const cells = sourceCells(output, shown);
    lines.push(...shown.map((line) => drawOutputLine(output, line, cells, options)));
    if (shown.length === 0)
      lines.push(drawLine([{ text: emptyText(output), style: 'faint' }], options));
  }
  while (lines.length <= height) lines.push(' '.repeat(options.width));
  return lines;
}

/** The output that is looked at. */
export function shownOutput({ outputs, outputId }: Model): Output | undefined {
  return outputs.find(({ id }) => id === outputId);
}
