/**
 * A timing: how long things took, as counts in buckets from which percentiles are read. It is the
 * sketch of Masson, Rim and Lee, "DDSketch: a fast and fully-mergeable quantile sketch with
 * relative-error guarantees" (VLDB 2019). Each bucket reaches to 2^(1/35) times where it begins, so
 * that any percentile is at most 1 % off, and powers of two are ends of buckets.
 *
 * Buckets stand one after the other, TIMING_BUCKETS_MAX at most: then the lowest are taken
 * together, those which the highest leaves no room for. As that depends on the highest alone,
 * timings can be merged in any order and any grouping, with the same result.
 */
import { TIMING_BUCKETS_MAX } from '../protocol/limits.ts';
import type { Timing } from '../protocol/series.ts';

/** Buckets from one power of two to the next. */
const BUCKETS_PER_DOUBLING = 35;
/** What an estimate takes of the end of its bucket, to be as far from both ends. */
const MIDDLE = 2 / (2 ** (1 / BUCKETS_PER_DOUBLING) + 1);

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** How many durations it holds. */
export function countTiming({ zeros, counts }: Timing): number {
  return zeros + sumOf(counts);
}

/** Lets buckets stand from `from` to `to`, or as many of them as there may be. */
function reach(timing: Timing, from: number, to: number): void {
  const lowest = Math.max(from, to - TIMING_BUCKETS_MAX + 1);
  const { first, counts } = timing;
  if (lowest === first && to === first + counts.length - 1) return;
  timing.counts = new Array<number>(to - lowest + 1).fill(0);
  timing.first = lowest;
  for (const [at, count] of counts.entries()) fill(timing, first + at, count);
}

/** Counts in a bucket, or in the lowest there is. */
function fill(timing: Timing, bucket: number, count: number): void {
  const at = Math.max(0, bucket - timing.first);
  timing.counts[at] = (timing.counts[at] ?? 0) + count;
}

function reachBoth(timing: Timing, from: number, to: number): void {
  const { first, counts } = timing;
  if (counts.length === 0) return reach(timing, from, to);
  reach(timing, Math.min(first, from), Math.max(first + counts.length - 1, to));
}

/** A timing of one duration, which is no less than 0. */
export function timingOf(value: number): Timing {
  const timing = { zeros: 0, sum: 0, min: value, max: value, first: 0, counts: [] };
  addDuration(timing, value);
  return timing;
}

/** Adds a duration, which is no less than 0. */
export function addDuration(timing: Timing, value: number): void {
  timing.sum += value;
  timing.min = Math.min(timing.min, value);
  timing.max = Math.max(timing.max, value);
  if (value === 0) {
    timing.zeros++;
    return;
  }
  const bucket = Math.ceil(Math.log2(value) * BUCKETS_PER_DOUBLING);
  reachBoth(timing, bucket, bucket);
  fill(timing, bucket, 1);
}

/** Adds all that another one holds. */
export function mergeTiming(timing: Timing, other: Timing): void {
  timing.sum += other.sum;
  timing.min = Math.min(timing.min, other.min);
  timing.max = Math.max(timing.max, other.max);
  timing.zeros += other.zeros;
  if (other.counts.length === 0) return;
  reachBoth(timing, other.first, other.first + other.counts.length - 1);
  for (const [at, count] of other.counts.entries()) fill(timing, other.first + at, count);
}

/** One that changes apart from the other. */
export function copyTiming(timing: Timing): Timing {
  return { ...timing, counts: [...timing.counts] };
}

/**
 * The duration that `part` (0 to 1) of all are no longer than, by the nearest rank, at most 1 %
 * off.
 */
export function percentileOf(timing: Timing, part: number): number {
  const { zeros, min, max, first, counts } = timing;
  const all = countTiming(timing);
  const rank = Math.max(1, Math.ceil(part * all));
  if (rank === 1) return min;
  if (rank === all) return max;
  let left = rank - zeros;
  if (left <= 0) return 0;
  const at = counts.findIndex((count) => {
    left -= count;
    return left <= 0;
  });
  const estimate = MIDDLE * 2 ** ((first + at) / BUCKETS_PER_DOUBLING);
  return Math.min(max, Math.max(min, estimate));
}

/** How many are no longer than 2^`exponent`: exactly, as that is the end of a bucket. */
export function countUpTo({ zeros, first, counts }: Timing, exponent: number): number {
  const end = exponent * BUCKETS_PER_DOUBLING - first + 1;
  return zeros + sumOf(counts.slice(0, Math.max(0, end)));
}
