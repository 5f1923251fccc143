/**
 * What came to a service and was not read yet, as an async iterator that slows its source when
 * full.
 */
import type { Answering } from '../endpoint/answering.ts';
import type { ServiceHandlers } from '../endpoint/endpoint.ts';
import type { Incoming } from '../endpoint/incoming.ts';
import type { DagentError } from '../protocol/errors.ts';

export interface Received {
  readonly message: Incoming;
  /** Answers it, when it is a request. */
  readonly exchange: Answering | undefined;
}

/**
 * Messages that may wait, and their data, before the connection is paused: whichever comes first.
 */
const QUEUE_COUNT_MAX = 1024;
const QUEUE_BYTES_MAX = 4_194_304;
/** Part of that below which it goes on. */
const QUEUE_LOW = 1 / 4;

/** Where the messages come from. */
export interface QueueSource {
  /** Stops, or goes on with, what fills the queue. */
  setPaused(isPaused: boolean): void;
  /** No more are wanted. Called once. */
  leave(): void;
}

export class MessageQueue implements AsyncIterableIterator<Received> {
  readonly #source: QueueSource;
  readonly #waiting: Received[] = [];
  /** Readers that found nothing, in their order: several may read one queue. */
  #wakes: (() => void)[] = [];
  #waitingBytes = 0;
  #isPaused = false;
  #end: { readonly error: DagentError | undefined } | undefined;
  /** Settles when the reader has heard of the end. */
  readonly finished: Promise<void>;
  #finish: () => void = () => undefined;

  constructor(source: QueueSource) {
    this.#source = source;
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** How full it is: 1 is what is allowed. */
  get #fullness(): number {
    return Math.max(this.#waiting.length / QUEUE_COUNT_MAX, this.#waitingBytes / QUEUE_BYTES_MAX);
  }

  push(received: Received): void {
    this.#waiting.push(received);
    this.#waitingBytes += received.message.data.length;
    if (!this.#isPaused && this.#fullness >= 1) {
      this.#isPaused = true;
      this.#source.setPaused(true);
    }
    this.#wakes.shift()?.();
  }

  /** No more are taken; an error is thrown to the readers after what is left. */
  end(error?: DagentError): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    this.#source.leave();
    const wakes = this.#wakes;
    this.#wakes = [];
    for (const wake of wakes) wake();
  }

  async next(): Promise<IteratorResult<Received>> {
    for (;;) {
      const received = this.#waiting.shift();
      if (received !== undefined) {
        this.#waitingBytes -= received.message.data.length;
        this.#resume();
        return { value: received, done: false };
      }
      if (this.#end !== undefined) {
        this.#finish();
        if (this.#end.error !== undefined) throw this.#end.error;
        return { value: undefined, done: true };
      }
      await new Promise<void>((resolve) => this.#wakes.push(resolve));
    }
  }

  #resume(): void {
    if (!this.#isPaused || this.#fullness > QUEUE_LOW) return;
    this.#isPaused = false;
    this.#source.setPaused(false);
  }

  /** The reader wants no more: who waits for an answer is told so. */
  return(): Promise<IteratorResult<Received>> {
    this.end();
    for (const { message, exchange } of this.#waiting.splice(0)) {
      const values = { service: message.to, command: message.command };
      exchange?.reject({ code: 'E_NOT_UNDERSTOOD', values });
    }
    this.#waitingBytes = 0;
    this.#resume();
    this.#finish();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** What puts all that comes to a service into a queue. */
export function queueHandlers(queue: MessageQueue): ServiceHandlers {
  return {
    onMessage: (message) => queue.push({ message, exchange: undefined }),
    onRequest: (exchange) => queue.push({ message: exchange.request, exchange }),
  };
}
