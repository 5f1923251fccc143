/**
 * A test of the data that calls carry, as a map with one operator: `{"eq": 10}`, `{"neq": 10}`,
 * `{"in": [1, 2]}`, `{"gt": 10}`, `{"lt": 10}`, `{"match": {"id": 100}}` (a map that has these
 * entries), `{"and": [A, B, ...]}`, `{"or": [A, B, ...]}`.
 */
import { CRITERIA_DEPTH_MAX } from './limits.ts';
import { isMap } from './pack.ts';
import { isSameValue } from './value.ts';

/** A test of one value. */
export type Criteria = (value: unknown) => boolean;

function isSmaller(one: unknown, other: unknown): boolean {
  if (typeof one === 'number' && typeof other === 'number') return one < other;
  return typeof one === 'string' && typeof other === 'string' && one < other;
}

function hasEntries(value: unknown, entries: Readonly<Record<string, unknown>>): boolean {
  if (!isMap(value)) return false;
  return Object.entries(entries).every(
    ([key, each]) => Object.hasOwn(value, key) && isSameValue(value[key], each),
  );
}

/** The tests of an `and` or `or`; undefined when one of them is none. */
function parseList(value: unknown, depth: number): Criteria[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const tests = value.map((each) => parse(each, depth + 1)).filter((each) => each !== undefined);
  return tests.length === value.length ? tests : undefined;
}

function parse(value: unknown, depth: number): Criteria | undefined {
  if (!isMap(value) || depth > CRITERIA_DEPTH_MAX) return undefined;
  const [[operator, operand] = [], ...others] = Object.entries(value);
  if (others.length > 0) return undefined;
  switch (operator) {
    case 'eq':
      return (each) => isSameValue(each, operand);
    case 'neq':
      return (each) => !isSameValue(each, operand);
    case 'gt':
      return (each) => isSmaller(operand, each);
    case 'lt':
      return (each) => isSmaller(each, operand);
    case 'in':
      return Array.isArray(operand)
        ? (each) => operand.some((one) => isSameValue(one, each))
        : undefined;
    case 'match':
      return isMap(operand) ? (each) => hasEntries(each, operand) : undefined;
    case 'and': {
      const tests = parseList(operand, depth);
      return tests && ((each) => tests.every((test) => test(each)));
    }
    case 'or': {
      const tests = parseList(operand, depth);
      return tests && ((each) => tests.some((test) => test(each)));
    }
    default:
      return undefined;
  }
}

/** The test that a value says; undefined when it is none. */
export function parseCriteria(value: unknown): Criteria | undefined {
  return parse(value, 0);
}
