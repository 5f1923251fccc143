/**
 * Texts that many nodes have in common, kept once: the names of their services, their labels and
 * versions. Every record brings them anew.
 */
import { TOP_TEXTS_MAX } from '../protocol/limits.ts';

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
  if (a === b) return true;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/** What is between the parts of a key: a text that has it too makes two keys alike, no more. */
const BETWEEN = '\0';

/** Returns the value under `key` when it is the same; otherwise `value`, which is kept. */
function keep<T>(kept: Map<string, T>, key: string, value: T, isSame: (known: T) => boolean): T {
  const known = kept.get(key);
  if (known !== undefined && isSame(known)) return known;
  if (kept.size >= TOP_TEXTS_MAX) kept.clear();
  kept.set(key, value);
  return value;
}

export function createPool(): Pool {
  const texts = new Map<string, string>();
  const lists = new Map<string, readonly string[]>();
  const maps = new Map<string, Labels>();
  return {
    text: (text) => keep(texts, text, text, () => true),
    list: (list, known) => {
      if (known !== undefined && isSameList(list, known)) return known;
      return keep(lists, list.join(BETWEEN), list, (other) => isSameList(list, other));
    },
    map: (map, known) => {
      if (known !== undefined && isSameMap(map, known)) return known;
      let key = '';
      for (const name of Object.keys(map)) key += `${name}${BETWEEN}${map[name]}${BETWEEN}`;
      return keep(maps, key, map, (other) => isSameMap(map, other));
    },
  };
}
