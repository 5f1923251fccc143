/**
 * Series of values as columns of blocks: on one line, or as a chart of several. What is not known
 * is a gap, and no zero; and only what is nothing has the lowest block.
 */

/** The parts of a cell, from the lowest to the full one. */
export const BLOCKS = '▁▂▃▄▅▆▇█';

/** Values that may not be known. */
type Values = readonly (number | null)[];

/** Steps of a column that has `stepCount`. */
function stepsOf(value: number, top: number, stepCount: number): number {
  const share = top > 0 ? Math.min(1, Math.max(0, value / top)) : 0;
  return 1 + Math.ceil(share * (stepCount - 1));
}

/**
 * `rowCount` lines, the highest first, each as wide as there are values. `levels` are the glyphs of
 * a cell from the lowest to the full one, and `top` is the value of a whole column.
 */
export function drawChart(
  values: Values,
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
export function drawSparkline(values: Values, levels: string, top: number): string {
  return drawChart(values, { levels, rowCount: 1, top }).join('');
}
