/**
 * Texts that many nodes have in common, kept once: the names of their services, their labels and
 * versions. Every record brings them anew.
 */

/**
 * Different values that are kept. More: all are forgotten, and each is kept again when it comes.
 */
const VALUES_MAX = 20_000;

type Labels = Readonly<Record<string, string>>;

export interface Pool {
  text(text: string): string;
  /** `list`, or an equal one that is here already; `known` is looked at first. */
  list(list: readonly string[], known?: readonly string[]): readonly string[];
  /** The same for a map of texts. */
  map(map: Labels, known?: Labels): Labels;
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}

function isSameMap(a: Labels, b: Labels): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/** Returns the value under `key`, which is `value` when there was none. */
function keep<T>(kept: Map<string, T>, key: string, value: T): T {
  const known = kept.get(key);
  if (known !== undefined) return known;
  if (kept.size >= VALUES_MAX) kept.clear();
  kept.set(key, value);
  return value;
}

export function createPool(): Pool {
  const texts = new Map<string, string>();
  const lists = new Map<string, readonly string[]>();
  const maps = new Map<string, Labels>();
  return {
    text: (text) => keep(texts, text, text),
    list: (list, known) => {
      if (known !== undefined && isSameList(list, known)) return known;
      return keep(lists, JSON.stringify(list), list);
    },
    map: (map, known) => {
      if (known !== undefined && isSameMap(map, known)) return known;
      return keep(maps, JSON.stringify(map), map);
    },
  };
}
