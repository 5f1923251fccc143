import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TIMING_BUCKETS_MAX } from '../../src/protocol/limits.ts';
import { parseTiming, type Timing } from '../../src/protocol/series.ts';
import {
  addDuration,
  copyTiming,
  countTiming,
  countUpTo,
  mergeTiming,
  percentileOf,
  timingOf,
} from '../../src/series/timing.ts';

/** The promise: a percentile is at most so much off. */
const ERROR_MAX = 0.01;
const PARTS = [0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1];

function timingOfAll(values: readonly number[]): Timing {
  const [first = 0, ...rest] = values;
  const timing = timingOf(first);
  for (const value of rest) addDuration(timing, value);
  return timing;
}

function merge(...timings: readonly Timing[]): Timing {
  const [first, ...rest] = timings;
  const merged = copyTiming(first as Timing);
  for (const timing of rest) mergeTiming(merged, timing);
  return merged;
}

/** The percentile itself, by the nearest rank. */
function exactPercentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(part * sorted.length)) - 1] ?? 0;
}

function assertNear(timing: Timing, values: readonly number[]): void {
  for (const part of PARTS) {
    const exact = exactPercentile(values, part);
    const off = Math.abs(percentileOf(timing, part) - exact);
    // A part of a millionth for the arithmetic at the very end of a bucket.
    assert.ok(off <= exact * (ERROR_MAX + 1e-6), `p${part} of ${values}: off by ${off}`);
  }
}

/** Milliseconds, from a hundredth to an hour; also none at all. */
const duration = fc.oneof(
  fc.constant(0),
  fc.double({ min: -2, max: 6.5, noNaN: true }).map((exponent) => 10 ** exponent),
);
const durations = fc.array(duration, { minLength: 1, maxLength: 300 });
/** Whole ones, so that sums are exact; some so large that buckets are taken together. */
const whole = fc.oneof(
  fc.nat({ max: 100_000 }),
  fc.nat({ max: 12 }).map((power) => 10 ** power),
);
const wholes = fc.array(whole, { minLength: 1, maxLength: 60 });

test('a percentile is at most 1 % from the exact one', () => {
  fc.assert(fc.property(durations, (values) => assertNear(timingOfAll(values), values)));
});

test('percentiles of merged timings are those of all values together', () => {
  const groups = fc.array(durations, { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(groups, (lists) => assertNear(merge(...lists.map(timingOfAll)), lists.flat())),
  );
});

test('merging is the same in any grouping and any order, and as counting at one place', () => {
  fc.assert(
    fc.property(wholes, wholes, wholes, (a, b, c) => {
      const [left, middle, right] = [a, b, c].map(timingOfAll) as [Timing, Timing, Timing];
      const all = merge(merge(left, middle), right);
      assert.equal(merge(left, merge(middle, right)), all);
      assert.equal(merge(right, left, middle), all);
      assert.equal(timingOfAll([...a, ...b, ...c]), all);
    }),
  );
});

test('a merged timing is apart from those that it is made of', () => {
  const [a, b] = [timingOfAll([1, 2]), timingOfAll([1, 5_000])];
  const before = structuredClone([a, b]);
  addDuration(merge(a, b), 7);
  assert.equal([a, b], before);
});

test('of more than TIMING_BUCKETS_MAX the lowest are taken together, and none is lost', () => {
  const timing = timingOf(1e-6);
  for (let value = 1e-5; value < 1e12; value *= 1.5) addDuration(timing, value);
  assert.is(timing.counts.length, TIMING_BUCKETS_MAX);
  const values = [1e-6];
  for (let value = 1e-5; value < 1e12; value *= 1.5) values.push(value);
  assert.is(countTiming(timing), values.length);
  assert.ok(Math.abs(percentileOf(timing, 0.9) / exactPercentile(values, 0.9) - 1) < ERROR_MAX);
  assert.is(timing.min, 1e-6);
});

test('a duration that nothing has room beside takes all buckets to itself', () => {
  const timing = timingOfAll([1e-300, 1e-300, 1e18]);
  assert.is(timing.counts.length, TIMING_BUCKETS_MAX);
  assert.is(countTiming(timing), 3);
  assert.is(percentileOf(timing, 1), 1e18);
});

test('what took no time is counted apart, and is the lowest', () => {
  const timing = timingOfAll([0, 0, 0, 8]);
  assert.is(percentileOf(timing, 0.75), 0);
  assert.is(percentileOf(timing, 1), 8);
  assert.is(timing.min, 0);
});

test('up to a power of two it is counted exactly', () => {
  const values = [0, 0.25, 0.26, 1, 1.001, 2, 3, 4, 4.1, 1_024];
  const timing = timingOfAll(values);
  for (const exponent of [-40, -2, -1, 0, 1, 2, 9, 10, 40]) {
    const exact = values.filter((value) => value <= 2 ** exponent).length;
    assert.is(countUpTo(timing, exponent), exact, `2^${exponent}`);
  }
});

test('what travels is the same at the other end', () => {
  fc.assert(
    fc.property(durations, (values) => {
      const timing = timingOfAll(values);
      assert.equal(parseTiming(JSON.parse(JSON.stringify(timing))), timing);
    }),
  );
});

test.run();
