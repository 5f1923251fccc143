/** The last hour of a node for people: a line for each figure. */

import { BLOCKS, drawSparkline } from '../base/bars.ts';
import { formatDuration } from '../base/duration.ts';
import { formatBytes } from '../base/size.ts';
import { FIGURES, type FigureUnit } from '../protocol/figures.ts';
import type { NodeHistory, Series, TrackId } from '../protocol/history.ts';
import type { NodeState } from '../protocol/status.ts';
import type { Column } from './table-fit.ts';

export const STATS_COLUMNS: readonly Column[] = [
  { head: 'FIGURE', priority: 0 },
  { head: 'NOW', priority: 2, isNumber: true },
  { head: 'MEAN', priority: 3, isNumber: true },
  { head: 'MOST', priority: 4, isNumber: true },
  { head: 'LAST HOUR', priority: 1 },
];

const UNKNOWN = '-';
const PERCENT = 100;

function unitOf(id: TrackId): FigureUnit {
  return FIGURES.find((figure) => figure.id === id)?.unit ?? 'ms';
}

/** A figure in its unit, in three digits or so. */
function formatFigure(unit: FigureUnit, value: number | undefined): string {
  if (value === undefined) return UNKNOWN;
  switch (unit) {
    case 'bytes':
      return formatBytes(value);
    case 'bytes/s':
      return `${formatBytes(value)}/s`;
    case 'percent':
      return `${formatShort(value)}%`;
    case '1/s':
      return `${formatShort(value)}/s`;
    case 'ms':
      return `${formatShort(value)} ms`;
    default:
      return formatShort(value);
  }
}

function formatShort(value: number): string {
  return String(Number(value.toPrecision(value < 1 ? 2 : 3)));
}

function knownOf(values: Series): number[] {
  return values.filter((value) => value !== null);
}

function meanOf(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Cells from which on there is room for all bars; with fewer, two minutes share one. */
const WIDE = 112;

/** One value for each two minutes. */
function pair(values: Series): Series {
  return values.flatMap((_, at) => {
    return at % 2 === 0 ? [meanOf(knownOf(values.slice(at, at + 2))) ?? null] : [];
  });
}

/** One line: how the node is, and, to the minute, when it was heard last. */
export function describeStanding({ node, tracks, stepMs }: NodeHistory, state: NodeState): string {
  if (state === 'up') return `${node} is up`;
  const pastCounts = tracks.map(({ values }) => {
    return values.length - 1 - values.findLastIndex((value) => value !== null);
  });
  const pastMs = Math.min(...pastCounts) * stepMs;
  const ago = pastMs < stepMs ? 'within the last minute' : `${formatDuration(pastMs)} ago`;
  return `${node} is lost; heard last ${ago}`;
}

/** Rows for {@link STATS_COLUMNS}: figures of which nothing is known have no row. */
export function statsRows(
  { tracks }: NodeHistory,
  width: number,
  state: NodeState = 'up',
): string[][] {
  const ids = [...new Set(tracks.map(({ id }) => id))];
  return ids.flatMap((id) => {
    const ofIt = tracks.filter((track) => track.id === id);
    const values = (ofIt.find(({ kind }) => kind === 'mean') ?? ofIt[0])?.values ?? [];
    const known = knownOf(values);
    if (known.length === 0) return [];
    const unit = unitOf(id);
    const most = Math.max(...ofIt.flatMap((track) => knownOf(track.values)));
    const now = state === 'up' ? known.at(-1) : undefined;
    const numbers = [now, meanOf(known), most];
    const bars = width < WIDE ? pair(values) : values;
    const top = unit === 'percent' ? PERCENT : Math.max(...knownOf(bars));
    const line = drawSparkline(bars, BLOCKS, top);
    return [[id, ...numbers.map((number) => formatFigure(unit, number)), line]];
  });
}
