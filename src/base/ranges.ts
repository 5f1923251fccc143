/**
 * A set of whole numbers as ranges, ascending and apart: what has been numbered one by one and is
 * mostly complete takes little room in it, however much it is.
 */

export interface Ranges {
  /** First and last number of each range, both included, one range after the other. */
  readonly bounds: number[];
}

export function createRanges(bounds: readonly number[] = []): Ranges {
  return { bounds: [...bounds] };
}

/** Index in `bounds` of the first range that ends at `number` or later. */
function find({ bounds }: Ranges, number: number): number {
  // What comes is mostly at the end.
  if (bounds.length > 0 && number > bounds[bounds.length - 1]!) return bounds.length;
  let low = 0;
  let high = bounds.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bounds[2 * middle + 1]! < number) low = middle + 1;
    else high = middle;
  }
  return 2 * low;
}

export function hasNumber(ranges: Ranges, number: number): boolean {
  const at = find(ranges, number);
  return at < ranges.bounds.length && ranges.bounds[at]! <= number;
}

/** Adds all numbers from `first` to `last`. */
export function addRange(ranges: Ranges, first: number, last: number): void {
  const { bounds } = ranges;
  const at = find(ranges, first - 1);
  let end = at;
  let low = first;
  let high = last;
  for (; end < bounds.length && bounds[end]! <= last + 1; end += 2) {
    low = Math.min(low, bounds[end]!);
    high = Math.max(high, bounds[end + 1]!);
  }
  if (end === at + 2) {
    bounds[at] = low;
    bounds[at + 1] = high;
  } else bounds.splice(at, end - at, low, high);
}

export function removeNumber(ranges: Ranges, number: number): void {
  if (!hasNumber(ranges, number)) return;
  const { bounds } = ranges;
  const at = find(ranges, number);
  const low = bounds[at]!;
  const high = bounds[at + 1]!;
  const rest = [low, number - 1, number + 1, high];
  bounds.splice(at, 2, ...rest.slice(low === number ? 2 : 0, high === number ? 2 : 4));
}

/** The first number from `number` on that is not in the set. */
export function nextAbsent(ranges: Ranges, number: number): number {
  const at = find(ranges, number);
  const isInside = at < ranges.bounds.length && ranges.bounds[at]! <= number;
  return isInside ? ranges.bounds[at + 1]! + 1 : number;
}
