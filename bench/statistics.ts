/** Percentiles of measured values: the arithmetic of every figure that the bench prints. */

/**
 * The value below which the fraction `at` (0 to 1) of `values` lies, interpolated linearly between
 * the two nearest (type 7 of Hyndman and Fan, 1996). NaN when there are no values.
 */
export function quantile(values: readonly number[], at: number): number {
  const sorted = Float64Array.from(values).sort();
  const position = (sorted.length - 1) * at;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

/** The middle value: what the bench reports, because one disturbed round does not move it. */
function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** What is kept of a series of rounds. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly values: readonly number[];
}

/** Median and extremes of `values`. */
export function summarise(values: readonly number[]): Summary {
  return {
    median: median(values),
    min: quantile(values, 0),
    max: quantile(values, 1),
    values,
  };
}
