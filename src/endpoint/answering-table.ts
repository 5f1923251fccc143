/** The exchanges that an endpoint answers, by what their askers call them: seed and number. */
import { NumberTable } from '../base/number-table.ts';
import type { Answering } from './answering.ts';

/** Askers that are remembered without an exchange of theirs being open: most ask again. */
const IDLE_ASKERS_MAX = 64;

export class AnsweringTable {
  readonly #askers = new Map<number, NumberTable<Answering>>();

  find(seed: number, number: number): Answering | undefined {
    return this.#askers.get(seed)?.get(number);
  }

  add(answering: Answering): void {
    const { seed } = answering.address;
    let asked = this.#askers.get(seed);
    if (asked === undefined) {
      asked = new NumberTable();
      this.#askers.set(seed, asked);
    }
    asked.set(answering.number, answering);
  }

  remove(answering: Answering): void {
    const { seed } = answering.address;
    const asked = this.#askers.get(seed);
    asked?.delete(answering.number);
    if (asked?.size === 0 && this.#askers.size > IDLE_ASKERS_MAX) this.#askers.delete(seed);
  }

  get isEmpty(): boolean {
    for (const asked of this.#askers.values()) if (asked.size > 0) return false;
    return true;
  }

  *all(): Iterable<Answering> {
    for (const asked of this.#askers.values()) yield* asked.values();
  }

  clear(): void {
    this.#askers.clear();
  }
}
