/**
 * Finding a fact by its path, `memory.total`, `disks.size`, `packages.installed.nginx`, as people
 * write it: a unit at the end of a name may be left out, the elements of a list are all looked at,
 * or one of them by its name.
 */

export type FactValue = string | number | boolean | null;

/** What is at a path: values, several where there are lists on the way; or why there is none. */
export type Found =
  | { readonly values: readonly FactValue[] }
  | { readonly reason: string; readonly similarIn: readonly string[] };

type Fields = Readonly<Record<string, unknown>>;

/** Ends of names that may be left out, in the order in which they are tried. */
const UNITS = ['Bytes', 'Percent', 'Ms'];
/** Fields by which one element of a list is called. */
const NAMES = ['name', 'mount'];
/** Names of fields that are compared with what was typed. */
const SIMILAR_COUNT_MAX = 2_000;
/** So many names of fields are told to who asked for one that is not there. */
const TOLD_COUNT_MAX = 12;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isValue(value: unknown): value is FactValue {
  return value === null || /^(string|number|boolean)$/.test(typeof value);
}

/** The name under which `fields` have what was typed as `name`. */
function nameIn(fields: Fields, name: string): string | undefined {
  const names = [name, ...UNITS.map((unit) => name + unit)];
  return names.find((each) => Object.hasOwn(fields, each));
}

/** Names may have dots themselves: the longest one that is there counts. */
function enter(fields: Fields, path: readonly string[]): Step | undefined {
  for (let count = path.length; count > 0; count--) {
    const name = nameIn(fields, path.slice(0, count).join('.'));
    if (name !== undefined) return { value: fields[name], rest: path.slice(count) };
  }
  return undefined;
}

interface Step {
  readonly value: unknown;
  readonly rest: readonly string[];
}

/** The element that the path names, where it begins with the name of one. */
function findNamed(list: readonly unknown[], path: readonly string[]): Step | undefined {
  for (const element of list) {
    if (!isFields(element)) continue;
    for (const key of NAMES) {
      const name = element[key];
      if (typeof name !== 'string' || name === '') continue;
      const isNamed = [name, ''].join('.') === `${path.join('.')}.`.slice(0, name.length + 1);
      if (isNamed) return { value: element, rest: path.slice(name.split('.').length) };
    }
  }
  return undefined;
}

function findInList(list: readonly unknown[], path: readonly string[]): Found {
  // Of an empty list nobody can say what its elements would have.
  if (list.length === 0) return { values: [] };
  const named = path.length > 0 ? findNamed(list, path) : undefined;
  if (named !== undefined && named.rest.length > 0) return findFact(named.value, named.rest);
  const found = list.map((element) => findFact(element, path));
  const values = found.flatMap((each) => ('values' in each ? each.values : []));
  const [first = { values: [] }] = found;
  return found.some((each) => 'values' in each) ? { values } : first;
}

function findInFields(fields: Fields, path: readonly string[]): Found {
  const step = enter(fields, path);
  if (step !== undefined) return findFact(step.value, step.rest);
  const names = Object.keys(fields);
  const told = names.length <= TOLD_COUNT_MAX ? `: there are ${names.join(', ')}` : '';
  const what = path.length === 0 ? 'it has fields of its own' : 'there is no such field';
  return { reason: what + told, similarIn: names.slice(0, SIMILAR_COUNT_MAX) };
}

/** What is at `path` in facts, of a class or of a part of one. */
export function findFact(facts: unknown, path: readonly string[]): Found {
  if (Array.isArray(facts)) return findInList(facts, path);
  if (isFields(facts)) return findInFields(facts, path);
  if (path.length === 0 && isValue(facts)) return { values: [facts] };
  // What is null has no fields to look at, and the host has said so.
  if (facts === null) return { values: [null] };
  return { reason: 'there is no such field', similarIn: [] };
}
