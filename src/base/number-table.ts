/**
 * A map for numbers that mostly count upwards and are forgotten soon: requests that are open.
 *
 * A `Map` makes itself anew after so many deletions, and each time leaves its former table behind
 * as garbage. Once one of these has grown old, it keeps alive its successors, with all that they
 * held, until a collection of the whole heap: at some hundred thousand requests a second that was a
 * third of a daemon's work. Here a number has a place of its own, by its low bits; what finds its
 * place taken is kept aside, in a `Map`, so that whoever chooses numbers cannot make it slow.
 */

/** Places of a new table; always a power of two. */
const PLACES_MIN = 16;

export class NumberTable<T extends object> {
  #numbers = new Float64Array(PLACES_MIN);
  #values: (T | undefined)[] = new Array<undefined>(PLACES_MIN).fill(undefined);
  #placed = 0;
  readonly #aside = new Map<number, T>();

  get size(): number {
    return this.#placed + this.#aside.size;
  }

  /** What is kept under `number`, a whole number. */
  get(number: number): T | undefined {
    const place = number & (this.#values.length - 1);
    if (this.#numbers[place] === number) {
      const value = this.#values[place];
      if (value !== undefined) return value;
    }
    return this.#aside.size === 0 ? undefined : this.#aside.get(number);
  }

  has(number: number): boolean {
    return this.get(number) !== undefined;
  }

  set(number: number, value: T): void {
    if (this.#aside.has(number)) {
      this.#aside.set(number, value);
      return;
    }
    const place = number & (this.#values.length - 1);
    const isTaken = this.#values[place] !== undefined;
    if (isTaken && this.#numbers[place] !== number) this.#aside.set(number, value);
    else this.#put(place, number, value);
    if (!isTaken && this.#placed * 2 > this.#values.length) this.#grow();
  }

  #put(place: number, number: number, value: T): void {
    if (this.#values[place] === undefined) this.#placed++;
    this.#numbers[place] = number;
    this.#values[place] = value;
  }

  /** Twice the places: half of them stay free, and numbers in a row do not meet. */
  #grow(): void {
    const entries = [...this];
    const places = this.#values.length * 2;
    this.#numbers = new Float64Array(places);
    this.#values = new Array<undefined>(places).fill(undefined);
    this.#placed = 0;
    this.#aside.clear();
    for (const [number, value] of entries) {
      const place = number & (places - 1);
      if (this.#values[place] === undefined) this.#put(place, number, value);
      else this.#aside.set(number, value);
    }
  }

  /** Forgets a number. Returns whether it was known. */
  delete(number: number): boolean {
    const place = number & (this.#values.length - 1);
    if (this.#numbers[place] === number && this.#values[place] !== undefined) {
      this.#values[place] = undefined;
      this.#placed--;
      return true;
    }
    return this.#aside.size > 0 && this.#aside.delete(number);
  }

  clear(): void {
    this.#values.fill(undefined);
    this.#placed = 0;
    this.#aside.clear();
  }

  /** All as they are now, in no order: what is changed meanwhile is not seen. */
  [Symbol.iterator](): IterableIterator<[number, T]> {
    const entries: [number, T][] = [];
    for (let place = 0; place < this.#values.length; place++) {
      const value = this.#values[place];
      if (value !== undefined) entries.push([this.#numbers[place] ?? 0, value]);
    }
    entries.push(...this.#aside);
    return entries.values();
  }

  keys(): number[] {
    return Array.from(this, ([number]) => number);
  }

  values(): T[] {
    return Array.from(this, ([, value]) => value);
  }
}
