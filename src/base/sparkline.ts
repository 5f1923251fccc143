/** A row of numbers as a row of small bars, one cell each. */

const BARS = '▁▂▃▄▅▆▇█';

/**
 * Bars from nothing up to `most`, or to the greatest of the values; what is not known is a blank.
 * Only what is nothing has the lowest bar.
 */
export function formatSparkline(values: readonly (number | null)[], most?: number): string {
  const known = values.filter((value) => value !== null);
  const top = most ?? Math.max(...known);
  return values.map((value) => (value === null ? ' ' : barOf(value, top))).join('');
}

function barOf(value: number, top: number): string {
  const share = top > 0 ? Math.min(1, Math.max(0, value / top)) : 0;
  return BARS[Math.ceil(share * (BARS.length - 1))] ?? ' ';
}
