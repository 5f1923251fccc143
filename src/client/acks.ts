/**
 * Acks of the messages that a program has done, gathered for a moment: one call, one sync. That
 * they are done was remembered before.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Held } from './held.ts';
import type { Lease } from './lease.ts';

export interface AcksOptions {
  /** By which lease they go now. */
  lease(): Lease | undefined;
  /** The acks of these are stored; or it is not known whether they are. */
  onAcked(acked: readonly Held[]): void;
  onUnheard(unheard: readonly Held[]): void;
}

export class Acks {
  readonly #options: AcksOptions;
  #gathered: Held[] = [];
  #isScheduled = false;
  #unansweredCount = 0;

  constructor(options: AcksOptions) {
    this.#options = options;
  }

  /** Whether every call has had its answer. */
  get isIdle(): boolean {
    return this.#unansweredCount === 0;
  }

  /** Whether none waits to be sent. */
  get isEmpty(): boolean {
    return this.#gathered.length === 0;
  }

  /** To be acked with the next call. */
  add(held: Held): void {
    this.#gathered.push(held);
    this.#schedule();
  }

  /** By another connection all of it comes again. */
  drop(): void {
    this.#gathered = [];
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      void this.send();
    });
  }

  /** Settles when the gathered acks have left this process, as far as the system takes them. */
  async leave(): Promise<void> {
    void this.send();
    // What was written in a turn is handed to the system at its end.
    await nextTurn();
  }

  /** Gathered acks are on their way when this returns. */
  async send(): Promise<void> {
    const [acks, lease] = [this.#gathered, this.#options.lease()];
    this.#gathered = [];
    const positions = acks.flatMap(({ position }) => (position === undefined ? [] : [position]));
    if (lease === undefined || positions.length === 0) return;
    this.#unansweredCount++;
    const isAcked = await lease.ack(positions).then(
      () => true,
      () => false,
    );
    this.#unansweredCount--;
    if (isAcked) this.#options.onAcked(acks);
    else this.#options.onUnheard(acks);
  }
}
