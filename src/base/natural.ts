/** The order in which people expect names: `web2` before `web10`, whatever the case. */

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

/**
 * A key that sorts as `name` should, by plain comparison of strings: each run of digits is preceded
 * by its length, leading zeros apart, so that a longer number is a greater one. Made once for each
 * name, it spares a comparison that knows numbers, which a sort of 10,000 names does 130,000 times.
 * Names that differ in case or in leading zeros only follow each other in a fixed order.
 */
export function naturalKey(name: string): string {
  const lower = name.toLowerCase();
  let key = '';
  let copied = 0;
  for (let at = 0; at < lower.length; at++) {
    if (!isDigit(lower, at)) continue;
    let end = at + 1;
    while (isDigit(lower, end)) end++;
    let from = at;
    while (from < end - 1 && lower.charCodeAt(from) === 0x30) from++;
    const length = end - from;
    key += `${lower.slice(copied, at)}${length < 10 ? '0' : ''}${length}${lower.slice(from, end)}`;
    copied = end;
    at = end;
  }
  return `${key}${lower.slice(copied)}\0${name}`;
}

/** `items` in the natural order of their names, as a new list. */
export function sortNaturally<T>(items: Iterable<T>, nameOf: (item: T) => string): T[] {
  return Array.from(items, (item) => ({ item, key: naturalKey(nameOf(item)) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ item }) => item);
}
