/**
 * Series of values as columns of blocks: on one line, or as a chart of several. What is not known
 * is a gap, and no zero: a zero is the lowest block.
 */
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

/** Steps of a column of `rowCount` lines: at least one for what is known, so that it is seen. */
function stepsOf(value: number, top: number, stepCount: number): number {
  const share = top > 0 ? Math.min(1, Math.max(0, value / top)) : 0;
  return Math.max(1, Math.round(share * stepCount));
}

/**
 * `rowCount` lines, the highest first, each as wide as there are values. `levels` are the glyphs of
 * a cell from the lowest to the full one, and `top` is the value of a whole column.
 */
export function drawChart(
  values: Series,
  { levels, rowCount, top }: { levels: string; rowCount: number; top: number },
): string[] {
  const glyphs = Array.from(levels);
  const steps = values.map((value) =>
    value === null ? 0 : stepsOf(value, top, rowCount * glyphs.length),
  );
  return Array.from({ length: rowCount }, (_, row) => {
    const below = (rowCount - 1 - row) * glyphs.length;
    const cells = steps.map((count) => {
      const here = Math.min(count - below, glyphs.length);
      return here <= 0 ? ' ' : glyphs[here - 1];
    });
    return cells.join('');
  });
}

/** The same on one line. */
export function drawSparkline(values: Series, levels: string, top: number): string {
  return drawChart(values, { levels, rowCount: 1, top }).join('');
}
