/** The figures of a node as they are, and as they were in the last hour: as lines and as charts. */
import { drawChart, drawSparkline } from '../../base/bars.ts';
import type { Series, TrackId, TrackKind } from '../../protocol/history.ts';
import { columnsWithin, gatherSeries, knownOf } from '../chart.ts';
import type { Fetch } from '../effects.ts';
import { fetchedOf } from '../fetches.ts';
import {
  formatAge,
  formatByteRate,
  formatLoad,
  formatRate,
  formatRtt,
  formatShort,
  formatShortBytes,
  memoryShare,
  UNKNOWN,
} from '../figures.ts';
import type { Piece } from '../line.ts';
import { type Model, STALE_MS } from '../model.ts';
import type { Figure } from '../node-figures.ts';
import { figureOf, type Slot } from '../node-table.ts';
import { fitEnd, fitStart } from '../width.ts';
import { LABEL_CELLS, reasonLine, titleLine } from './detail-lines.ts';
import type { DetailLines, Pane } from './view.ts';

interface Shown {
  readonly label: string;
  readonly id: Figure & TrackId;
  format(value: number): string;
  /** Where its scale ends; without it, at a round number above its highest value. */
  readonly top?: number;
  /** What its scale reaches at least. */
  readonly least?: Figure;
  /** The figure that is its scale. */
  readonly whole?: Figure;
  /** Whether it has a chart as well. */
  readonly hasChart?: true;
}

function formatPercent(percent: number): string {
  return `${Math.round(percent)}%`;
}

const SHOWN: readonly Shown[] = [
  { label: 'cpu', id: 'cpuPercent', format: formatPercent, top: 100, hasChart: true },
  { label: 'load', id: 'load1', format: formatLoad, least: 'cpus', hasChart: true },
  {
    label: 'memory',
    id: 'memoryUsedBytes',
    format: formatShortBytes,
    whole: 'memoryTotalBytes',
    hasChart: true,
  },
  { label: 'disk', id: 'diskUsedPercent', format: formatPercent, top: 100 },
  { label: 'disk read/s', id: 'diskReadBytesPerSecond', format: formatByteRate, hasChart: true },
  { label: 'written/s', id: 'diskWrittenBytesPerSecond', format: formatByteRate, hasChart: true },
  { label: 'net in/s', id: 'netInBytesPerSecond', format: formatByteRate, hasChart: true },
  { label: 'net out/s', id: 'netOutBytesPerSecond', format: formatByteRate, hasChart: true },
  { label: 'round trip', id: 'rttMs', format: formatRtt, hasChart: true },
  { label: 'queue', id: 'queueBytes', format: formatShortBytes, hasChart: true },
  { label: 'messages/s', id: 'deliveredPerSecond', format: formatRate, hasChart: true },
  { label: 'forwarded/s', id: 'forwardedPerSecond', format: formatRate, hasChart: true },
  { label: 'drops/s', id: 'droppedPerSecond', format: formatRate },
  { label: 'mailboxes', id: 'durableWaiting', format: formatShort },
  { label: 'daemon mem', id: 'daemonBytes', format: formatShortBytes },
  { label: 'daemon cpu', id: 'daemonCpuPercent', format: formatPercent },
  { label: 'loop lag', id: 'loopLagMs', format: formatRtt },
];

const VALUE_CELLS = 6;
/** Cells beside a sparkline: label and value before it, the highest value behind. */
const SPARK_MARGIN = LABEL_CELLS + VALUE_CELLS + 4 + 13;
const CHART_LINES = 4;
/** Cells left of a chart for its scale, and between two charts. */
const SCALE_CELLS = 8;
const CHART_GAP = 4;

export function historyOf(node: string): Fetch<'history'> {
  return { source: 'history', node };
}

/** A figure with what is known of it. */
interface Known {
  readonly shown: Shown;
  /** NaN: it is not known now. */
  readonly value: number;
  /** Minute by minute; empty without a history. */
  readonly values: Series;
  /** The highest of the hour and of now; -Infinity without a history. */
  readonly peak: number;
  readonly top: number;
}

function seriesOf(model: Model, node: string, id: TrackId, kind: TrackKind): Series | undefined {
  const tracks = fetchedOf(model, historyOf(node))?.value?.tracks;
  return tracks?.find((track) => track.id === id && track.kind === kind)?.values;
}

/** The next of 1, 2, 5, 10, 20, ...; of bytes, of these in their unit. */
function roundUp(value: number, isBytes: boolean): number {
  if (!(value > 0)) return 0;
  if (isBytes && value > 1_024) return 1_024 * roundUp(value / 1_024, true);
  const unit = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5].find((each) => each * unit >= value) ?? 10) * unit;
}

function lookAt(model: Model, node: string, slot: Slot, shown: Shown): Known {
  const { id, whole } = shown;
  const highest = seriesOf(model, node, id, 'max');
  const values = seriesOf(model, node, id, 'mean') ?? highest ?? [];
  const value = figureOf(model.nodes, id, slot);
  const hour = Math.max(...knownOf(highest ?? values));
  const peak = hour > -Infinity && value > hour ? value : hour;
  const total = whole === undefined ? NaN : figureOf(model.nodes, whole, slot);
  const least = shown.least === undefined ? 0 : figureOf(model.nodes, shown.least, slot) || 0;
  const top = shown.top ?? (total > 0 ? total : roundUp(Math.max(peak, least), /bytes/i.test(id)));
  return { shown, value, values, peak, top };
}

function isKnown({ value, peak }: Known): boolean {
  return !Number.isNaN(value) || peak > -Infinity;
}

/** `3.1G of 16G` is told of what is a part of something. */
function formatValue({ shown, value, top }: Known): string {
  if (Number.isNaN(value)) return UNKNOWN;
  if (shown.whole === undefined) return shown.format(value);
  return formatPercent(100 * memoryShare(value, top));
}

function formatPeak({ shown, peak, top }: Known): string {
  if (peak === -Infinity) return '';
  if (shown.whole === undefined) return `peak ${shown.format(peak)}`;
  return `peak ${formatPercent(100 * memoryShare(peak, top))}`;
}

function figureLine(model: Model, known: Known, width: number, isOld: boolean): readonly Piece[] {
  const { values, top, shown } = known;
  const count = columnsWithin(values.length, width - SPARK_MARGIN);
  const spark = drawSparkline(gatherSeries(values, count, 'max'), model.glyphs.levels, top);
  const { ellipsis } = model.glyphs;
  return [
    { text: `  ${fitStart(shown.label, LABEL_CELLS, ellipsis)}`, style: 'faint' },
    { text: fitEnd(formatValue(known), VALUE_CELLS, ellipsis), style: isOld ? 'faint' : 'plain' },
    { text: `  ${spark}`, style: 'chart' },
    { text: `  ${formatPeak(known)}`, style: 'faint' },
  ];
}

function knownFigures(model: Model, node: string, slot: Slot): Known[] {
  return SHOWN.map((shown) => lookAt(model, node, slot, shown)).filter(isKnown);
}

/** Every figure on a line: what it is, how it was, and its highest value. */
export function figureLines(model: Model, node: string, slot: Slot, pane: Pane): DetailLines {
  const { nowMs, width } = pane;
  const takenAtMs = model.nodes.sampledAtMs[slot]!;
  const age = Number.isNaN(takenAtMs) ? 'none yet' : `${formatAge(nowMs - takenAtMs)} old`;
  const fetched = fetchedOf(model, historyOf(node));
  const hour = Number.isNaN(fetched?.atMs ?? NaN)
    ? ''
    : `; last hour, ${formatAge(nowMs - fetched!.atMs)} old`;
  const known = knownFigures(model, node, slot);
  const isGone = model.nodes.lost[slot] === 1 || model.link.state === 'lost';
  const isOld = isGone || nowMs - takenAtMs > STALE_MS;
  return [
    [],
    titleLine('figures', `${age}${hour}`),
    ...reasonLine('last hour', fetched?.reason),
    ...known.map((each) => figureLine(model, each, width, isOld)),
  ];
}

/** One chart: a title, its lines with their scale, and the time. */
function chartLines(model: Model, known: Known, count: number): readonly (readonly Piece[])[] {
  const { shown, values, top } = known;
  const gathered = gatherSeries(values, count, 'max');
  const { ellipsis, levels } = model.glyphs;
  const rows = drawChart(gathered, { levels, rowCount: CHART_LINES, top });
  const scale = (text: string) => `${fitEnd(text, SCALE_CELLS - 1, ellipsis)} `;
  const title = `${' '.repeat(SCALE_CELLS)}${shown.label}  ${formatValue(known)}`;
  const drawn = rows.map((row, index): readonly Piece[] => [
    { text: scale(index === 0 ? shown.format(top) : ''), style: 'faint' },
    { text: row, style: 'chart' },
  ]);
  const halves = ['-60m', '-30m', 'now'];
  const axis = halves[0]!.padEnd(Math.max(5, count >> 1)) + halves[1]!;
  const time = count < 20 ? '' : axis.padEnd(count - 3) + halves[2]!;
  return [
    [{ text: fitStart(title, SCALE_CELLS + count, ellipsis), style: 'title' }],
    ...drawn,
    [{ text: fitStart(scale('') + time, SCALE_CELLS + count, ellipsis), style: 'faint' }],
  ];
}

/** Charts side by side. */
function beside(charts: readonly (readonly (readonly Piece[])[])[]): DetailLines {
  const [first = []] = charts;
  const gap: Piece = { text: ' '.repeat(CHART_GAP) };
  return first.map((_, row) =>
    charts.flatMap((chart, index) => [...(index === 0 ? [] : [gap]), ...chart[row]!]),
  );
}

/**
 * Charts of the last hour, as many side by side as fit, of all that was more than zero; nothing
 * while it is not known.
 */
export function historyCharts(model: Model, node: string, slot: Slot, pane: Pane): DetailLines {
  const known = knownFigures(model, node, slot).filter(
    ({ shown, values, peak }) => shown.hasChart && knownOf(values).length > 0 && peak > 0,
  );
  const minutes = known[0]?.values.length ?? 0;
  if (minutes === 0) return [];
  const count = columnsWithin(minutes, pane.width - SCALE_CELLS);
  const perLine = Math.max(
    1,
    Math.floor((pane.width + CHART_GAP) / (count + SCALE_CELLS + CHART_GAP)),
  );
  const lines: (readonly Piece[])[] = [[], titleLine('last hour', '')];
  for (let index = 0; index < known.length; index += perLine) {
    const row = known.slice(index, index + perLine);
    lines.push(...beside(row.map((each) => chartLines(model, each, count))), []);
  }
  return lines.slice(0, -1);
}
