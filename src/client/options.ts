/** What may go along with what a program sends. */
import type { DagentError } from '../protocol/errors.ts';

/** What ends something that takes its time. */
export interface SignalOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What may go along with a message or a request. */
export interface SendOptions extends SignalOptions {
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly data?: Buffer | undefined;
  /** The registered service in whose name it is sent. */
  readonly from?: string | undefined;
  readonly timeoutMs?: number | undefined;
}

/**
 * For a receiver that is known but away: whether a message is kept for it, and for how long, within
 * 10 s and a day. Absent: a minute.
 */
export type CacheOption = 'no' | { readonly ttlMs: number };

/** What to wait for: that it is in good hands, or in those of its receiver. */
export type ReportOption = 'kept' | 'delivered';

/** What may go along with a message. */
export interface MessageOptions extends SendOptions {
  readonly cache?: CacheOption | undefined;
}

/** What may go along with a message whose sender wants to know. */
export interface DeliverOptions extends MessageOptions {
  /** What to wait for; `kept` when absent. */
  readonly report?: ReportOption | undefined;
  /**
   * Called with the outcome of a message that was kept: nothing when it has arrived, or why it has
   * not, or why nothing will be heard of it.
   */
  readonly onOutcome?: ((error: DagentError | undefined) => void) | undefined;
}

/** What may go along with an event. */
export type PublishOptions = Pick<SendOptions, 'params' | 'data' | 'from'>;

/** What may go along with a durable message. */
export interface DurableOptions extends SendOptions {
  readonly durable: true;
  /** After so many milliseconds it is a dead letter; never when absent. */
  readonly ttlMs?: number | undefined;
  /**
   * Its id, where the program keeps it itself to be able to repeat itself after its own crash: 16
   * hexadecimal digits that it has drawn once for the destination, a dot, and a count from 1.
   */
  readonly id?: string | undefined;
}

/** What may be said of a service whose methods are called. */
export interface ServeOptions extends SignalOptions {
  /** Calls that run at a time; the others wait for their turn. No bound when absent. */
  readonly concurrentMax?: number | undefined;
}
