/** The one timer of a state machine that says when it wants to be called next. */
import type { Clock } from '../ports/clock.ts';

export class Wakeup {
  readonly #clock: Pick<Clock, 'monotonicMs' | 'after'>;
  readonly #onDue: () => void;
  #stopTimer: () => void = () => undefined;
  #isStopped = false;

  constructor(clock: Pick<Clock, 'monotonicMs' | 'after'>, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Calls at an instant, instead of at that which was said before; never for infinity. */
  at(atMs: number): void {
    this.#stopTimer();
    if (this.#isStopped || atMs === Number.POSITIVE_INFINITY) return;
    const waitMs = Math.max(1, Math.ceil(atMs - this.#clock.monotonicMs()));
    this.#stopTimer = this.#clock.after(waitMs, () => {
      // Timers count whole milliseconds and may be early by less than one. Nothing would be due
      // then, and as the next time would still be the same, nobody would ask again.
      if (this.#clock.monotonicMs() < atMs) this.at(atMs);
      else this.#onDue();
    });
  }

  /** Calls no more. */
  stop(): void {
    this.#isStopped = true;
    this.#stopTimer();
  }
}
