/** At most so many at a time. Who does not get in may wait, holding nothing, and try once more. */

export class Gate {
  readonly #countMax: number;
  #count = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /** Whether there is room; who gets in must leave. */
  tryEnter(): boolean {
    if (this.#count >= this.#countMax) return false;
    this.#count++;
    return true;
  }

  leave(): void {
    this.#count--;
    this.wakeNext();
  }

  /** Settles when there may be room. Who then does not come in calls {@link wakeNext}. */
  free(): Promise<void> {
    if (this.#count < this.#countMax) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Lets the one that has waited longest try. */
  wakeNext(): void {
    if (this.#count < this.#countMax) this.#waiting.shift()?.();
  }
}
