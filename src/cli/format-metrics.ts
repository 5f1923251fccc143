/** Series in words: a value, and what else there is to say of it. */
import { formatDuration } from '../base/duration.ts';
import { formatBytes } from '../base/size.ts';
import type { MetricRecord } from '../client/metrics.ts';

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

/** With its unit; at most five digits, or all of a whole number. */
export function formatFigure(value: number, unit: string): string {
  if (unit === 'bytes' && value >= 0) return formatBytes(value);
  if (unit === 'ms' && value >= 0) return formatDuration(value);
  const text = Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(5)));
  return unit === 'percent' ? `${text}%` : `${text} ${unit}`.trimEnd();
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
        const ends = `mean; sum ${show(sum)}, ${show(min)} to ${show(max)}`;
        return [show(sum / count), `${ends} at ${count} nodes`];
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

/** A row: name, kind, value and more. */
export function toRow(record: MetricRecord): string[] {
  return [record.name, record.kind, ...figuresOf(record)];
}

/** Lines no longer than the terminal. Undefined columns: as long as they are. */
export function fitLines(text: string, columns: number | undefined): string {
  if (columns === undefined) return text;
  const fit = (line: string): string =>
    line.length < columns ? line : `${line.slice(0, Math.max(1, columns - 2))}…`;
  return text.split('\n').map(fit).join('\n');
}
