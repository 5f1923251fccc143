import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  METRICS_SILENT_MAX,
  REPORT_NAME_LENGTH_MAX,
  REPORT_UNIT_LENGTH_MAX,
  SERIES_LINE_BYTES_MAX,
  TIMING_BUCKETS_MAX,
} from '../../src/protocol/limits.ts';
import {
  parseMetricsAnswer,
  parseReport,
  parseSeriesLine,
  parseTiming,
  type Timing,
} from '../../src/protocol/series.ts';

const TIMING: Timing = { zeros: 1, sum: 3, min: 0, max: 2, first: 0, counts: [1, 0, 1] };

test('a report is a counter without a unit unless it says otherwise', () => {
  const plain = { name: 'orders.paid', kind: 'counter', unit: undefined, value: 3, ageMs: 0 };
  assert.equal(parseReport({ name: 'orders.paid', value: 3 }), plain);
  const gauge = { name: 'x', kind: 'gauge', unit: 'ms', value: -3, ageMs: 7 };
  assert.equal(parseReport(gauge), gauge);
  const timing = { name: 'x', kind: 'timing', unit: '', value: TIMING, ageMs: 0 };
  assert.equal(parseReport(timing), timing);
});

test('what is no report says what is wrong with it', () => {
  const wrong: [object, RegExp][] = [
    [{ value: 1 }, /no name, without one/],
    [{ name: 'a b', value: 1 }, /no name, "a b"/],
    [{ name: '.a', value: 1 }, /no name/],
    [{ name: 'x'.repeat(REPORT_NAME_LENGTH_MAX + 1), value: 1 }, /no name/],
    [{ name: 'x', value: 1, kind: 'histogram' }, /counter, gauge or timing/],
    [{ name: 'x', value: 1, unit: 'a b' }, /without blanks/],
    [{ name: 'x', value: 1, unit: 'x'.repeat(REPORT_UNIT_LENGTH_MAX + 1) }, /without blanks/],
    [{ name: 'x', value: '1' }, /no number/],
    [{ name: 'x', value: TIMING }, /no number/],
    [{ name: 'x', value: { ...TIMING, first: 0.5 }, kind: 'timing' }, /no number/],
    [{ name: 'x', value: 1, ageMs: -1 }, /ageMs/],
  ];
  for (const [value, reason] of wrong) assert.match(String(parseReport(value)), reason);
});

test('a timing whose numbers cannot be is none', () => {
  const wrong: object[] = [
    { ...TIMING, counts: new Array(TIMING_BUCKETS_MAX + 1).fill(1) },
    { ...TIMING, counts: [1, -1] },
    { ...TIMING, counts: [1.5] },
    { ...TIMING, zeros: 0, counts: [] },
    { ...TIMING, zeros: 0, counts: [0] },
    { ...TIMING, min: 3 },
    { ...TIMING, min: -1 },
    { ...TIMING, sum: Number.NaN },
    { ...TIMING, first: 1e9 },
  ];
  for (const each of wrong) assert.is(parseTiming(each), undefined, JSON.stringify(each));
});

test('a series is read from its line, and nothing else is', () => {
  const counter = { name: 'x', unit: '', doc: 'X.', kind: 'counter', total: 4, perMinute: null };
  assert.equal(parseSeriesLine(JSON.stringify(counter)), counter);
  for (const line of ['', '[]', 'null', '{}', '{"name":"x","unit":"","kind":"counter"}']) {
    assert.is(parseSeriesLine(line), undefined);
  }
});

test('a timing with all its buckets, full, fits SERIES_LINE_BYTES_MAX', () => {
  const counts = new Array<number>(TIMING_BUCKETS_MAX).fill(Number.MAX_SAFE_INTEGER);
  const timing = { ...TIMING, counts, sum: 1.234_567_890_123e300, max: 1.234_567e300 };
  const [name, doc] = ['x'.repeat(REPORT_NAME_LENGTH_MAX), 'x'.repeat(1_024)];
  const line = JSON.stringify({ name, unit: 'ms', doc, kind: 'timing', timing });
  assert.ok(parseSeriesLine(line) !== undefined);
  assert.ok(line.length < SERIES_LINE_BYTES_MAX);
});

test('an answer that names more than METRICS_SILENT_MAX nodes is none', () => {
  const silent = new Array(METRICS_SILENT_MAX).fill({ node: 'a', below: 0, code: 'E_LOST' });
  const answer = { nodes: 1, silent, silentMore: 0, leftOut: 0 };
  assert.equal(parseMetricsAnswer(answer), answer);
  assert.is(parseMetricsAnswer({ ...answer, silent: [...silent, silent[0]] }), undefined);
  assert.is(parseMetricsAnswer({ ...answer, silent: [{ node: 1 }] }), undefined);
});

test('no value at all makes the parsers throw', () => {
  fc.assert(
    fc.property(fc.anything(), fc.string(), (value, line) => {
      parseReport(value);
      parseTiming(value);
      parseMetricsAnswer(value);
      parseSeriesLine(line);
    }),
  );
});

test.run();
