/**
 * Whether a daemon that says nothing is still there: the system tells when it dies, not when it
 * stands still. Only for connections that send little: where a program sends much, a daemon waits
 * for those who receive it, and until then reads and answers nothing.
 */
import type { Clock } from '../ports/clock.ts';
import { DagentError } from '../protocol/errors.ts';
import { PINGS_PER_HOLD } from '../protocol/limits.ts';

export interface PulseOptions {
  readonly clock: Clock;
  readonly holdMs: number;
  /** Settles when the daemon has answered. */
  ask(): Promise<void>;
  /** Whether this side reads nothing for now, since much has come that is still to be used. */
  isPaused?(): boolean;
  /** Nothing was heard for the hold time. It is not called again until something was. */
  onSilent(error: DagentError): void;
  /** Something was heard after that. */
  onHeard?(): void;
}

export class Pulse {
  readonly #options: PulseOptions;
  /** Ends it. */
  readonly stop: () => void;
  /**
   * Rounds in which nothing was heard. They are counted, and no time is taken: who was stopped
   * oneself has much to hear that came meanwhile.
   */
  #silentRounds = 0;
  #isAsking = false;

  constructor(options: PulseOptions) {
    this.#options = options;
    const { clock, holdMs } = options;
    this.stop = clock.every(holdMs / PINGS_PER_HOLD, () => this.#round());
  }

  /** Something came from the daemon. */
  heard(): void {
    const wasSilent = this.#silentRounds > PINGS_PER_HOLD;
    this.#silentRounds = 0;
    if (wasSilent) this.#options.onHeard?.();
  }

  #round(): void {
    const { holdMs, isPaused, onSilent } = this.#options;
    if (isPaused?.() === true) return this.heard();
    this.#silentRounds++;
    if (this.#silentRounds === PINGS_PER_HOLD + 1) {
      onSilent(new DagentError('E_HOLD_TIME', { ms: holdMs }));
    }
    // Nothing is lost on the way: to ask once is enough.
    if (!this.#isAsking) void this.#ask();
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    // Where the connection is lost, whoever has it hears of that.
    await this.#options.ask().then(
      () => this.heard(),
      () => undefined,
    );
    this.#isAsking = false;
  }
}
