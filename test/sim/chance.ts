/** Chance for simulations: everything that is drawn comes from one seed. */
import { createRandom, nextRandom, nextUint32, type Random } from '../../src/base/random.ts';

export class Chance {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = createRandom(seed);
  }

  /** From `min` (included) to `max` (excluded). */
  between(min: number, max: number): number {
    return min + nextRandom(this.#random) * (max - min);
  }

  /** A whole number, both bounds included. */
  integer(min: number, max: number): number {
    return Math.floor(this.between(min, max + 1));
  }

  isHit(probability: number): boolean {
    return nextRandom(this.#random) < probability;
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list[this.integer(0, list.length - 1)];
  }

  shuffle<T>(list: readonly T[]): T[] {
    const rest = [...list];
    const shuffled: T[] = [];
    while (rest.length > 0) shuffled.push(...rest.splice(this.integer(0, rest.length - 1), 1));
    return shuffled;
  }

  /** Time until the next of things that happen so often on average. */
  untilNextMs(meanMs: number): number {
    return -Math.log(1 - nextRandom(this.#random)) * meanMs;
  }

  seed(): number {
    return nextUint32(this.#random);
  }
}
