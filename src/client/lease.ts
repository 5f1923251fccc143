/** What brings the durable messages of a service by one connection. */
import type { Asking } from '../endpoint/asking.ts';
import { createDeliverySplitter, type DurableDelivery } from '../protocol/durable.ts';
import type { DagentError } from '../protocol/errors.ts';

/** What a lease needs of its connection. */
export interface LeaseSource {
  open(): Asking;
  call(method: string, args: readonly unknown[]): Promise<unknown>;
  /** The end of a lease is not waited for: the name to which it would be told is given back. */
  forget(lease: Asking): void;
  /** The connection has broken: another one will be used. */
  isLost(): boolean;
}

export interface LeaseHandlers {
  /** The node knows this receiver. */
  onOpen(): void;
  onDelivery(delivery: DurableDelivery): void;
  /** It has ended although its connection stands. */
  onFailure(error: DagentError): void;
}

/** How the node knows this receiver. */
interface Terms {
  readonly receiver: number;
  readonly store: string;
}

function parseTerms(value: unknown): Terms | undefined {
  const { receiver, store } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const areTerms = typeof receiver === 'number' && typeof store === 'string';
  return areTerms ? { receiver, store } : undefined;
}

export class Lease {
  readonly #source: LeaseSource;
  readonly #asking: Asking;
  #terms: Terms | undefined;

  constructor(source: LeaseSource, handlers: LeaseHandlers) {
    this.#source = source;
    const asking = source.open();
    this.#asking = asking;
    asking.onProgress = (value) => {
      this.#terms = parseTerms(value);
      if (this.#terms !== undefined) handlers.onOpen();
    };
    const split = createDeliverySplitter((delivery) => handlers.onDelivery(delivery));
    asking.onData = (_, bytes) => {
      split(bytes);
      asking.grant(bytes.length);
    };
    asking.whenOver(
      () => undefined,
      (error) => {
        if (!source.isLost()) handlers.onFailure(error);
      },
    );
  }

  get isLost(): boolean {
    return this.#source.isLost();
  }

  /** Settles when these are acked for good. */
  async ack(positions: readonly number[]): Promise<void> {
    const { receiver, store } = this.#terms ?? {};
    await this.#source.call('mailbox.ack', [receiver, store, positions]);
  }

  async nack(position: number, wish: { delayMs: number; reason: string }): Promise<void> {
    await this.#source.call('mailbox.nack', [this.#terms?.receiver, position, wish]);
  }

  async extend(positions: readonly number[]): Promise<void> {
    await this.#source.call('mailbox.extend', [this.#terms?.receiver, positions]);
  }

  /** Behind what was said before: no more are wanted. */
  cancel(): void {
    this.#asking.cancel();
    this.#source.forget(this.#asking);
  }
}
