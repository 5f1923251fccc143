/** A clock that stands still until it is told to go on. */
import type { Clock } from '../../src/ports/clock.ts';

interface Timer {
  dueAtMs: number;
  readonly everyMs: number | undefined;
  readonly then: () => void;
}

export class FakeClock implements Clock {
  #nowMs: number;
  readonly #timers = new Set<Timer>();
  /** Timers are called so much before their time, as those of Node may be. */
  earlyMs = 0;

  constructor(startMs = 1_000_000) {
    this.#nowMs = startMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#nowMs;
  }

  after(ms: number, then: () => void): () => void {
    return this.#add({ dueAtMs: this.#nowMs + ms, everyMs: undefined, then });
  }

  every(ms: number, then: () => void): () => void {
    return this.#add({ dueAtMs: this.#nowMs + ms, everyMs: ms, then });
  }

  #add(timer: Timer): () => void {
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Timers that are set and not yet over. */
  get timerCount(): number {
    return this.#timers.size;
  }

  #nextDue(untilMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (
        timer.dueAtMs - this.earlyMs <= untilMs &&
        (next === undefined || timer.dueAtMs < next.dueAtMs)
      ) {
        next = timer;
      }
    }
    return next;
  }

  /** Lets so much time pass, and calls what is due in its order, each at its own instant. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (let due = this.#nextDue(untilMs); due !== undefined; due = this.#nextDue(untilMs)) {
      this.#nowMs = Math.max(this.#nowMs, due.dueAtMs - this.earlyMs);
      if (due.everyMs === undefined) this.#timers.delete(due);
      else due.dueAtMs += due.everyMs;
      due.then();
    }
    this.#nowMs = untilMs;
  }
}
