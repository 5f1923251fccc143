/**
 * Names written short, and written out again: `web[1-40],db[01-04]`, as ClusterShell's node sets
 * are. Short is for people and for files; sets of names are kept as names.
 */
import { sortNaturally } from '../base/natural.ts';

/**
 * A name cut at its numbers: text and numbers in turns, beginning and ending with text. While names
 * are folded a number becomes the bracket that stands for several.
 */
interface Shape {
  readonly texts: readonly string[];
  readonly numbers: readonly string[];
}

/** A number longer than this is text to us: it could not be counted with. */
const DIGITS = /(\d+)/;
const DIGITS_MAX = 15;

function cut(name: string): Shape {
  const texts = [''];
  const numbers: string[] = [];
  for (const [at, part] of name.split(DIGITS).entries()) {
    if (at % 2 === 0 || part.length > DIGITS_MAX) {
      texts[texts.length - 1] += part;
    } else {
      numbers.push(part);
      texts.push('');
    }
  }
  return { texts, numbers };
}

function join({ texts, numbers }: Shape): string {
  return texts.map((text, at) => text + (numbers[at] ?? '')).join('');
}

/** Consecutive numbers of one width as `1-4,7`. */
function formatRanges(numbers: readonly number[], width: number): string[] {
  const sorted = [...numbers].sort((a, b) => a - b);
  const write = (number: number) => String(number).padStart(width, '0');
  const ranges: string[] = [];
  for (let at = 0; at < sorted.length; ) {
    let end = at;
    while (sorted[end + 1] === (sorted[end] ?? 0) + 1) end++;
    const [first, last] = [write(sorted[at] ?? 0), write(sorted[end] ?? 0)];
    ranges.push(end === at ? first : `${first}-${last}`);
    at = end + 1;
  }
  return ranges;
}

/**
 * The bracket for several numbers, or the number when it is one. `09` and `10` are of one width
 * when there are zeros in front of any that wide: then 9 to 10 is `09-10`.
 */
function foldNumbers(digits: readonly string[]): string {
  const [only] = digits;
  if (digits.length === 1 && only !== undefined) return only;
  const padded = new Set(digits.filter((each) => /^0\d/.test(each)).map(({ length }) => length));
  const byWidth = Map.groupBy(digits, ({ length }) => (padded.has(length) ? length : 0));
  const widths = [...byWidth.keys()].sort((a, b) => a - b);
  const ranges = widths.flatMap((width) =>
    formatRanges((byWidth.get(width) ?? []).map(Number), width),
  );
  return `[${ranges.join(',')}]`;
}

/** Folds shapes that differ in the number at `at` only. */
function foldAt(shapes: readonly Shape[], at: number): Shape[] {
  const alike = Map.groupBy(shapes, ({ texts, numbers }) =>
    JSON.stringify([texts, numbers.with(at, '')]),
  );
  return [...alike.values()].flatMap((group) => {
    // What was folded here before cannot be counted with; there is none, each place comes once.
    const [first] = group;
    if (first === undefined) return [];
    const number = foldNumbers(group.map(({ numbers }) => numbers[at] ?? ''));
    return [{ texts: first.texts, numbers: first.numbers.with(at, number) }];
  });
}

/** The parts of {@link foldNames}, in natural order. */
function foldParts(names: Iterable<string>): string[] {
  const byCount = Map.groupBy(Array.from(new Set(names), cut), ({ numbers }) => numbers.length);
  const folded = [...byCount].flatMap(([count, shapes]) => {
    let left: Shape[] = shapes;
    for (let at = count - 1; at >= 0; at--) left = foldAt(left, at);
    return left.map(join);
  });
  return sortNaturally(folded, (part) => part.replace(/\[(\d+)[^\]]*\]/g, '$1'));
}

/** Names in their short form, each once, in natural order. Costs as much as sorting them. */
export function foldNames(names: Iterable<string>): string {
  return foldParts(names).join(',');
}
