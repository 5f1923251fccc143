/** Series of values, made to fit the columns of a chart. */
import type { Series } from '../protocol/history.ts';

/** What becomes of several values that share one column. */
export type Gather = 'mean' | 'max';

function gather(values: readonly number[], how: Gather): number | null {
  if (values.length === 0) return null;
  if (how === 'max') return Math.max(...values);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** `values` as `count` columns of as many neighbours each: `count` divides their number. */
export function gatherSeries(values: Series, count: number, how: Gather): Series {
  const each = values.length / count;
  return Array.from({ length: count }, (_, index) => {
    const part = values.slice(index * each, (index + 1) * each);
    return gather(
      part.filter((value) => value !== null),
      how,
    );
  });
}

/** As many columns as fit into `width` cells, of a whole number of minutes each. */
export function columnsWithin(minutes: number, width: number): number {
  for (let each = 1; each < minutes; each++) {
    if (minutes % each === 0 && minutes / each <= width) return minutes / each;
  }
  return 1;
}

/** Values that are known. */
export function knownOf(values: Series): number[] {
  return values.filter((value) => value !== null);
}
