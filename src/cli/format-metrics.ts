/** Series in words: a value, and what else there is to say of it. */
import { formatDuration } from '../base/duration.ts';
import { formatBytes } from '../base/size.ts';
import type { MetricRecord } from '../client/metrics.ts';
import { foldNames } from '../protocol/node-set.ts';
import type { SilentNode } from '../protocol/series.ts';
import type { Column } from './table-fit.ts';

/**
 * Those who could not be heard, together where the reason is the same, and how many more there are.
 */
export function sayMissed(silent: readonly SilentNode[], moreCount: number): string[] {
  const lines = [...Map.groupBy(silent, ({ code }) => code)].map(([code, group]) => {
    const below = group.reduce((sum, each) => sum + each.below, 0);
    const others = below === 0 ? '' : `, and with it ${below} below`;
    return `not heard: ${foldNames(group.map(({ node }) => node))}${others} (${code})`;
  });
  return moreCount === 0 ? lines : [...lines, `not heard: ${moreCount} more`];
}

/** Whether nodes tell it of themselves. */
function isOwn({ name }: MetricRecord): boolean {
  return /^(dagent|host)\./.test(name);
}

/**
 * What is shown of an answer: what was reported, and then, when `isFull` or nothing else is there,
 * what nodes tell of themselves. Of their counters, which are many, not those that are zero.
 */
export function chooseRecords(records: readonly MetricRecord[], isFull: boolean): MetricRecord[] {
  const reported = records.filter((each) => !isOwn(each));
  if (!isFull && reported.length > 0) return reported;
  const isIdle = (each: MetricRecord): boolean => each.kind === 'counter' && each.total === 0;
  return [...reported, ...records.filter((each) => isOwn(each) && (isFull || !isIdle(each)))];
}

/** With its unit; at most four digits, or all of a whole number. */
export function formatFigure(value: number, unit: string): string {
  if (unit === 'bytes' && value >= 0) return formatBytes(value);
  if (unit === 'bytes/s' && value >= 0) return `${formatBytes(value)}/s`;
  if (unit === 'ms' && value >= 0) return formatDuration(value);
  const text = Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
  if (unit === 'percent') return `${text}%`;
  return unit === '1/s' ? `${text}/s` : `${text} ${unit}`.trimEnd();
}

/** Value, and more of it. Of a level at several nodes the value is the mean. */
function figuresOf(record: MetricRecord): [string, string] {
  const show = (value: number): string => formatFigure(value, record.unit);
  switch (record.kind) {
    case 'counter': {
      const { total, perMinute } = record;
      const rate = perMinute === null ? '' : `${Number(perMinute.toPrecision(3))} a minute`;
      return [show(total), rate];
    }
    case 'gauge': {
      const { value, count, sum, min, max, ageMs } = record;
      if (count > 1) {
        const all = record.unit === 'percent' ? '' : `sum ${show(sum)}, `;
        const ends = `${all}${show(min)} to ${show(max)}`;
        return [show(sum / count), `mean of ${count} nodes; ${ends}`];
      }
      return [show(value), ageMs === 0 ? '' : `${formatDuration(ageMs)} ago`];
    }
    default: {
      const { count, p50, p95, p99, max } = record;
      const parts = [`p95 ${show(p95)}`, `p99 ${show(p99)}`, `max ${show(max)}`];
      return [show(p50), `median of ${count}; ${parts.join(', ')}`];
    }
  }
}

/** The columns of {@link toRow}. */
export const METRIC_COLUMNS: readonly Column[] = [
  { head: 'NAME', isText: true },
  { head: 'KIND', priority: 4 },
  { head: 'VALUE', priority: 1, isNumber: true },
  { head: 'MORE', priority: 3, isText: true },
];

/** A row: name, kind, value and more. */
export function toRow(record: MetricRecord): string[] {
  return [record.name, record.kind, ...figuresOf(record)];
}
