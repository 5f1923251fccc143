/** Ids of messages that a program has, or has had: the last so many. */

/** Past it, the oldest is forgotten: by then its ack has long been on disk. */
const SEEN_COUNT_MAX = 65_536;

export class SeenIds {
  readonly #states = new Map<string, 'out' | 'done'>();

  find(id: string): 'out' | 'done' | undefined {
    return this.#states.get(id);
  }

  add(id: string, state: 'out' | 'done'): void {
    this.#states.delete(id);
    this.#states.set(id, state);
    if (this.#states.size <= SEEN_COUNT_MAX) return;
    for (const [oldest, of] of this.#states) {
      if (of !== 'done') continue;
      this.#states.delete(oldest);
      return;
    }
  }

  /** Those that are out come again, from another connection: only what is done is known. */
  forgetOut(): void {
    for (const [id, state] of this.#states) if (state === 'out') this.#states.delete(id);
  }

  remove(id: string): void {
    this.#states.delete(id);
  }
}
