/**
 * Values that travel in calls: null, booleans, numbers, texts, bytes, instants, lists and maps of
 * them. All else would arrive as something different, or do harm there.
 */
import { toText } from '../base/text.ts';
import { VALUE_COUNT_MAX, VALUE_DEPTH_MAX } from './limits.ts';

/**
 * Names that mean something to the objects of JavaScript. The last one is what the decoder makes of
 * the first.
 */
const HOSTILE_KEYS: ReadonlySet<string> = new Set([
  '__proto__',
  'constructor',
  'prototype',
  '__proto_',
]);

/** Goes through a value and stops at the first flaw. */
class Inspection {
  #count = 0;

  /** What is wrong with it; undefined when it can travel. */
  flawOf(value: unknown, depth: number): string | undefined {
    switch (typeof value) {
      case 'object':
        return value === null ? undefined : this.#flawOfObject(value, depth);
      case 'function':
      case 'symbol':
      case 'bigint':
        return `a ${typeof value} is in it`;
      default:
        return undefined;
    }
  }

  #flawOfObject(value: object, depth: number): string | undefined {
    if (ArrayBuffer.isView(value) || value instanceof Date) return undefined;
    if (depth >= VALUE_DEPTH_MAX) {
      return `it has more than ${VALUE_DEPTH_MAX} lists and maps within each other`;
    }
    if (++this.#count > VALUE_COUNT_MAX)
      return `it has more than ${VALUE_COUNT_MAX} lists and maps`;
    if (Array.isArray(value)) return this.#flawOfAll(value, depth);
    const isPlain = Object.getPrototypeOf(value) === Object.prototype;
    const kind = isPlain ? '[object Object]' : Object.prototype.toString.call(value);
    // The object of a class is the map of its fields; a Map, a Set, an Error is not.
    if (kind !== '[object Object]') return `a ${kind.slice(8, -1)} is in it`;
    for (const key of Object.keys(value)) {
      if (HOSTILE_KEYS.has(key)) return `a map in it has the key ${key}`;
    }
    return this.#flawOfAll(Object.values(value), depth);
  }

  #flawOfAll(values: readonly unknown[], depth: number): string | undefined {
    for (const value of values) {
      const flaw = this.flawOf(value, depth + 1);
      if (flaw !== undefined) return flaw;
    }
    return undefined;
  }
}

/** Why a value cannot travel, or must not be taken; undefined when it may. */
export function flawOf(value: unknown): string | undefined {
  return new Inspection().flawOf(value, 0);
}

/** Whether two values are the same, all that is in them included. */
export function isSameValue(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object') return false;
  if (one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  if (one instanceof Date || other instanceof Date) return toText(one) === toText(other);
  const entries = Object.entries(one);
  const others = other as Readonly<Record<string, unknown>>;
  return (
    entries.length === Object.keys(other).length &&
    entries.every(([key, value]) => Object.hasOwn(other, key) && isSameValue(value, others[key]))
  );
}
