/**
 * A `Map` for what comes and goes quickly, in the order in which it came.
 *
 * A `Map` makes a new table after so many deletions, and its former table points to that one. When
 * a table that is garbage has grown old, it so keeps alive its successors, with all that they held,
 * until a collection of the whole heap. This one is copied to a new map instead, to which nothing
 * points from before. For numbers see number-table.ts, which is faster and has no order.
 */

/** Deletions after which a small one is copied. */
const DELETIONS_MIN = 64;

export class FreshMap<Key, Value> {
  #map = new Map<Key, Value>();
  #deletions = 0;

  get size(): number {
    return this.#map.size;
  }

  get(key: Key): Value | undefined {
    return this.#map.get(key);
  }

  has(key: Key): boolean {
    return this.#map.has(key);
  }

  set(key: Key, value: Value): void {
    this.#map.set(key, value);
  }

  /** Forgets a key. Returns whether it was known. */
  delete(key: Key): boolean {
    if (!this.#map.delete(key)) return false;
    this.#deletions++;
    // What is copied is less than what was deleted since the last time.
    if (this.#deletions >= DELETIONS_MIN && this.#deletions >= this.#map.size) this.#renew();
    return true;
  }

  #renew(): void {
    this.#map = new Map(this.#map);
    this.#deletions = 0;
  }

  clear(): void {
    this.#map = new Map();
    this.#deletions = 0;
  }

  keys(): IterableIterator<Key> {
    return this.#map.keys();
  }

  /** What is deleted while one goes through them may come all the same; so with the others. */
  values(): IterableIterator<Value> {
    return this.#map.values();
  }

  [Symbol.iterator](): IterableIterator<[Key, Value]> {
    return this.#map[Symbol.iterator]();
  }
}
