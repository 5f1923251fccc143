/** Asking nodes for their series: what has been reported there, or in all of their subtree. */
import { createLineSplitter } from '../base/lines.ts';
import { decodeValue } from '../endpoint/methods.ts';
import { DagentError } from '../protocol/errors.ts';
import { SERIES_LINE_BYTES_MAX } from '../protocol/limits.ts';
import {
  type MetricsAnswer,
  type MetricsScope,
  parseMetricsAnswer,
  parseSeriesLine,
  type Series,
  type Timing,
} from '../protocol/series.ts';
import { countTiming, percentileOf } from '../series/timing.ts';
import type { Client } from './client.ts';

const METHOD = 'metrics.get';
/** The way there and back, besides the time that the node itself has. */
const WAY_MS = 1_000;

export interface MetricsWish {
  readonly scope: MetricsScope;
  /** Of names: `orders.*`. */
  readonly pattern: string;
  /** How long the node may take, milliseconds. */
  readonly withinMs: number;
}

/** What a timing comes to. Percentiles are at most 1 % off. */
export interface TimingFigures {
  readonly count: number;
  readonly sum: number;
  readonly mean: number;
  readonly min: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

type Told = Exclude<Series, { kind: 'timing' }>;
type ToldTiming = Omit<Extract<Series, { kind: 'timing' }>, 'timing'> & TimingFigures;

/** A series as people and scripts read it. */
export type MetricRecord = Told | ToldTiming;

export interface NodeMetrics extends MetricsAnswer {
  readonly series: readonly MetricRecord[];
}

/** Six digits are more than the buckets have. */
function round(value: number): number {
  return Number(value.toPrecision(6));
}

function toFigures(timing: Timing): TimingFigures {
  const count = countTiming(timing);
  const { sum, min, max } = timing;
  const [p50, p90, p95, p99] = [0.5, 0.9, 0.95, 0.99].map((part) =>
    round(percentileOf(timing, part)),
  ) as [number, number, number, number];
  return { count, sum, mean: round(sum / count), min, p50, p90, p95, p99, max };
}

function toRecord(series: Series): MetricRecord {
  if (series.kind !== 'timing') return series;
  const { timing, ...named } = series;
  return { ...named, ...toFigures(timing) };
}

/** The series of a node or its subtree. Throws E_NOT_UNDERSTOOD, and as `call`. */
export async function fetchMetrics(
  client: Client,
  node: string,
  { scope, pattern, withinMs }: MetricsWish,
): Promise<NodeMetrics> {
  const to = `${node}:`;
  const series: MetricRecord[] = [];
  let isOdd = false;
  const lines = createLineSplitter((line) => {
    const each = parseSeriesLine(line.toString('utf8'));
    if (each === undefined) isOdd = true;
    else series.push(toRecord(each));
  }, SERIES_LINE_BYTES_MAX);
  const asking = client.openCall(to, METHOD, [scope, pattern, withinMs], withinMs + WAY_MS);
  asking.onData = (_, bytes) => {
    lines.push(bytes);
    asking.grant(bytes.length);
  };
  const answer = parseMetricsAnswer(decodeValue((await asking.outcome).data));
  if (answer === undefined || isOdd) {
    throw new DagentError('E_NOT_UNDERSTOOD', { service: to, command: METHOD });
  }
  return { ...answer, series };
}
