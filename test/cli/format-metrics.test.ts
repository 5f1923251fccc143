import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseRecords, formatFigure, toRow } from '../../src/cli/format-metrics.ts';
import type { MetricRecord } from '../../src/client/metrics.ts';

function counter(name: string, total: number, perMinute: number | null = null): MetricRecord {
  return { name, unit: '', doc: '', kind: 'counter', total, perMinute };
}

function namesOf(records: readonly MetricRecord[], isFull: boolean): string[] {
  return chooseRecords(records, isFull).map(({ name }) => name);
}

test('a value has its unit, and few digits', () => {
  assert.is(formatFigure(12, ''), '12');
  assert.is(formatFigure(123_456_789, 'orders'), '123456789 orders');
  assert.is(formatFigure(1 / 3, ''), '0.3333');
  assert.is(formatFigure(2_048, 'bytes/s'), '2.0 KiB/s');
  assert.is(formatFigure(4.51, '1/s'), '4.51/s');
  assert.is(formatFigure(2_048, 'bytes'), '2.0 KiB');
  assert.is(formatFigure(1_500, 'ms'), '1.5s');
  assert.is(formatFigure(-3, 'ms'), '-3 ms');
  assert.is(formatFigure(40.5, 'percent'), '40.5%');
});

test('a counter has its rate, where that is known', () => {
  assert.equal(toRow(counter('hits', 9, 1.23456)), ['hits', 'counter', '9', '1.23 a minute']);
  assert.equal(toRow(counter('hits', 9)), ['hits', 'counter', '9', '']);
});

test('a gauge has its age, and at several nodes the mean, the sum and both ends', () => {
  const one = { name: 'depth', unit: 'm', doc: '', kind: 'gauge', value: 5, ageMs: 2_000 } as const;
  const alone = { ...one, count: 1, sum: 5, min: 5, max: 5 };
  assert.equal(toRow(alone), ['depth', 'gauge', '5 m', '2.0s ago']);
  const many = { ...one, count: 2, sum: 12, min: 5, max: 7 };
  assert.equal(toRow(many)[2], '6 m');
  assert.is(toRow({ ...many, unit: 'percent' })[3], 'mean of 2 nodes; 5% to 7%');
  assert.is(toRow(many)[3], 'mean of 2 nodes; sum 12 m, 5 m to 7 m');
});

test('a timing has its median, and more in a row', () => {
  const percentiles = { p50: 10, p90: 20, p95: 30, p99: 40 };
  const figures = { count: 7, sum: 100, mean: 14, min: 1, max: 50, ...percentiles };
  const row = toRow({ name: 'took', unit: 'ms', doc: '', kind: 'timing', ...figures });
  assert.equal(row.slice(2), ['10ms', 'median of 7; p95 30ms, p99 40ms, max 50ms']);
});

test('what nodes tell of themselves is shown when asked for, or nothing else is there', () => {
  const own = [counter('dagent.lost', 0), counter('dagent.held', 3), counter('host.x', 1)];
  const all = [counter('hits', 0), ...own];
  assert.equal(namesOf(all, false), ['hits']);
  assert.equal(namesOf(own, false), ['dagent.held', 'host.x']);
  assert.equal(namesOf(all, true), ['hits', 'dagent.lost', 'dagent.held', 'host.x']);
});

test.run();
