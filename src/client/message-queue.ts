/**
 * What came to a service and was not read yet, as an async iterator that slows its source when
 * full.
 */
import type { Answering } from '../endpoint/answering.ts';
import type { Incoming } from '../endpoint/incoming.ts';
import type { DagentError } from '../protocol/errors.ts';

export interface Received {
  readonly message: Incoming;
  /** Answers it, when it is a request. */
  readonly exchange: Answering | undefined;
}

/** Messages that may wait before the connection is paused, and below which it goes on. */
const QUEUE_COUNT_MAX = 1024;
const QUEUE_COUNT_LOW = 256;

export class MessageQueue implements AsyncIterableIterator<Received> {
  readonly #setPaused: (isPaused: boolean) => void;
  readonly #waiting: Received[] = [];
  #wake: (() => void) | undefined;
  #isPaused = false;
  #end: { readonly error: DagentError | undefined } | undefined;

  constructor(setPaused: (isPaused: boolean) => void) {
    this.#setPaused = setPaused;
  }

  push(received: Received): void {
    this.#waiting.push(received);
    if (!this.#isPaused && this.#waiting.length >= QUEUE_COUNT_MAX) {
      this.#isPaused = true;
      this.#setPaused(true);
    }
    this.#wake?.();
  }

  /** No more will come; an error is thrown to the reader after what is left. */
  end(error?: DagentError): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<Received>> {
    for (;;) {
      const received = this.#waiting.shift();
      if (received !== undefined) {
        this.#resume();
        return { value: received, done: false };
      }
      if (this.#end !== undefined) {
        if (this.#end.error !== undefined) throw this.#end.error;
        return { value: undefined, done: true };
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #resume(): void {
    if (!this.#isPaused || this.#waiting.length > QUEUE_COUNT_LOW) return;
    this.#isPaused = false;
    this.#setPaused(false);
  }

  return(): Promise<IteratorResult<Received>> {
    this.end();
    this.#waiting.length = 0;
    this.#resume();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
