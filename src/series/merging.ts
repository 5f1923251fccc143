/**
 * Series of several sources made one: programs and plugins of a node, or nodes of a subtree.
 * Counters add up, timings are merged, of gauges there are the newest, the sum and both ends. The
 * order and the grouping in which they come make no difference; but for the last digits of sums of
 * fractions.
 */
import type { Series } from '../protocol/series.ts';
import { copyTiming, mergeTiming } from './timing.ts';

type Gauge = Extract<Series, { kind: 'gauge' }>;
type Counter = Extract<Series, { kind: 'counter' }>;

function addRates(a: number | null, b: number | null): number | null {
  return a === null ? b : a + (b ?? 0);
}

function isNewer(a: Gauge, b: Gauge): boolean {
  return a.ageMs < b.ageMs || (a.ageMs === b.ageMs && a.value > b.value);
}

function mergeGauges(a: Gauge, b: Gauge): Gauge {
  const { value, ageMs } = isNewer(a, b) ? a : b;
  return {
    ...a,
    ...{ value, ageMs, count: a.count + b.count, sum: a.sum + b.sum },
    ...{ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) },
  };
}

function mergeCounters(a: Counter, b: Counter): Counter {
  return {
    ...a,
    total: a.total + b.total,
    perMinute: addRates(a.perMinute, b.perMinute),
  };
}

/** Two of the same name, kind and unit. The first one's buckets are taken, not copied. */
function mergeFigures(a: Series, b: Series): Series {
  if (a.kind === 'counter' && b.kind === 'counter') return mergeCounters(a, b);
  if (a.kind === 'gauge' && b.kind === 'gauge') return mergeGauges(a, b);
  if (a.kind === 'timing' && b.kind === 'timing') mergeTiming(a.timing, b.timing);
  return a;
}

/** Series by name, kind and unit, up to `max`; those beyond are counted. */
export class MergedSeries {
  readonly #series = new Map<string, Series>();
  readonly #max: number;
  leftOut = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#series.size;
  }

  /** In the order in which their names came first. */
  list(): Iterable<Series> {
    return this.#series.values();
  }

  add(series: Series): void {
    const { name, kind, unit } = series;
    const key = `${name} ${kind} ${unit}`;
    const known = this.#series.get(key);
    if (known !== undefined) {
      const [, doc = ''] = [known.doc, series.doc].sort();
      this.#series.set(key, { ...mergeFigures(known, series), doc });
    } else if (this.#series.size >= this.#max) {
      this.leftOut++;
    } else {
      const own = kind === 'timing' ? { ...series, timing: copyTiming(series.timing) } : series;
      this.#series.set(key, own);
    }
  }

  addAll(others: Iterable<Series>): void {
    for (const series of others) this.add(series);
  }
}
