/**
 * Durable messages of a service as they come, each of them to be acked: what is not acked comes
 * again, to this program or to the next one of that name. It goes on by the next connection when
 * one breaks. What the program is at then comes again as well: it is not handed out once more, and
 * acked when the program has done it.
 */
import type { WindowFile } from '../adapters/window-file.ts';
import { type DurableDelivery, decodeContent, formatId } from '../protocol/durable.ts';
import { DagentError } from '../protocol/errors.ts';
import {
  MAILBOX_LEASE_COUNT_MAX,
  MAILBOX_LEASE_MS_DEFAULT,
  REJOIN_MS_MAX,
} from '../protocol/limits.ts';
import { Acks } from './acks.ts';
import { createHeld, expectAck, type Held, HeldTable } from './held.ts';
import { Lease, type LeaseSource } from './lease.ts';
import type { ConsumeOptions, Letter } from './letter.ts';
import type { MessageQueue } from './message-queue.ts';

/** What is not read is asked to stay ours so often, as a part of the lease. */
const EXTENDS_PER_LEASE = 3;

/** What the queue needs besides its connections. */
export interface QueueParts {
  /** What is not durable, if it is wanted. */
  readonly plain: MessageQueue | undefined;
  readonly window: Pick<WindowFile, 'has' | 'add' | 'refresh'>;
  /** No more are wanted: the name is given back. Called once. */
  leave(): void;
}

function swallow(): void {}

function endError(): DagentError {
  const values = { node: 'the mailbox', reason: 'no more is taken from it' };
  return new DagentError('E_CONNECTION_LOST', values);
}

export class DurableQueue implements AsyncIterableIterator<Letter> {
  /** What comes that is not durable, where that is wanted. */
  readonly plain: MessageQueue | undefined;
  readonly #parts: QueueParts;
  readonly #options: ConsumeOptions;
  readonly #held = new HeldTable();
  readonly #waiting: DurableDelivery[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #opened: Promise<void>;
  #settleOpened: (error?: DagentError) => void = swallow;
  #isOpened = false;
  #lease: Lease | undefined;
  readonly #acks: Acks;
  #wakes: (() => void)[] = [];
  /** It hands out no more, and ends when what is out is done. */
  #isDraining = false;
  #emptied: (() => void)[] = [];
  #handedCount = 0;
  #end: { readonly error: DagentError | undefined } | undefined;

  constructor(parts: QueueParts, options: ConsumeOptions = {}) {
    this.plain = parts.plain;
    this.#parts = parts;
    this.#options = options;
    this.#acks = new Acks({
      lease: () => this.#lease,
      onAcked: (acked) => this.#handleAcked(acked),
      onUnheard: (unheard) => this.#handleUnheard(unheard),
    });
    this.#opened = new Promise((resolve, reject) => {
      this.#settleOpened = (error) => (error === undefined ? resolve() : reject(error));
    });
    this.#opened.catch(swallow);
    const leaseMs = options.leaseMs ?? MAILBOX_LEASE_MS_DEFAULT;
    this.#timer = setInterval(() => this.#extendWaiting(), leaseMs / EXTENDS_PER_LEASE);
    this.#timer.unref();
  }

  /** Settles when the node knows this receiver. Throws why it does not. */
  opened(): Promise<void> {
    return this.#opened;
  }

  /** Takes what comes by a connection; what came by a former one comes again. */
  begin(source: LeaseSource): void {
    if (this.#end !== undefined) return;
    // In its order, and so only what the program is at is still known.
    this.#dropWaiting();
    for (const held of this.#held.values()) held.position = undefined;
    this.#acks.drop();
    try {
      // Meanwhile another program may have had the name.
      this.#parts.window.refresh();
    } catch (error) {
      return this.end(error as DagentError);
    }
    const lease: Lease = new Lease(source, {
      onOpen: () => {
        this.#isOpened = true;
        this.#settleOpened();
      },
      onDelivery: (delivery) => this.#receive(lease, delivery),
      onFailure: (error) => {
        if (lease !== this.#lease) return;
        if (!this.#isOpened || !error.isRetryable) return this.end(error);
        const again = (): void => {
          if (lease === this.#lease && !lease.isLost) this.begin(source);
        };
        setTimeout(again, REJOIN_MS_MAX).unref();
      },
    });
    this.#lease = lease;
  }

  #receive(lease: Lease, delivery: DurableDelivery): void {
    // What is left when it ends belongs to the next receiver.
    if (this.#end !== undefined || lease !== this.#lease) return;
    const known = this.#held.get(delivery);
    if (known !== undefined) {
      known.position = delivery.position;
      // It was done, and its ack was not heard.
      if (known.isDone) this.#acks.add(known);
      return;
    }
    const held = createHeld(delivery, delivery.position);
    const isKnownDone = (): boolean => this.#options.isDone?.(formatId(delivery)) === true;
    if (this.#parts.window.has(delivery) || isKnownDone()) {
      this.#held.add(held);
      this.#finish(held);
    } else if (!this.#isDraining) {
      this.#held.add(held);
      this.#waiting.push(delivery);
      this.#wakes.shift()?.();
    }
  }

  #finish(held: Held): void {
    held.isDone = true;
    if (this.#end !== undefined || this.#held.get(held) !== held) this.#giveUp(held);
    else if (held.position !== undefined) this.#acks.add(held);
  }

  #handleAcked(acked: readonly Held[]): void {
    for (const held of acked) this.#forget(held);
    for (const held of acked) held.resolve();
    if (this.#end !== undefined) this.#leave();
  }

  /** They come again, and are acked then without being handed out. */
  #handleUnheard(unheard: readonly Held[]): void {
    if (this.#end === undefined) return;
    for (const held of unheard) this.#giveUp(held);
    this.#leave();
  }

  /** Gives the name back, when what was acked in it has been answered. */
  #leave(): void {
    if (!this.#acks.isIdle) return;
    this.#lease?.cancel();
    this.#parts.leave();
  }

  #giveUp(held: Held): void {
    this.#forget(held);
    // What kept it from being remembered is what can be mended.
    held.reject(held.failure ?? this.#end?.error ?? endError());
  }

  #forget(held: Held): void {
    this.#held.delete(held);
    if (this.#held.size === 0) for (const wake of this.#emptied.splice(0)) wake();
  }

  #dropWaiting(): void {
    for (const delivery of this.#waiting.splice(0)) {
      const held = this.#held.get(delivery);
      if (held !== undefined) this.#held.delete(held);
    }
  }

  #extendWaiting(): void {
    const positions = this.#waiting.map(({ position }) => position);
    // When it fails, the connection says so.
    if (positions.length > 0) this.#lease?.extend(positions).catch(swallow);
  }

  #letterOf(delivery: DurableDelivery): Letter {
    const { from, sentAtMs, attempt, isRepeated, content } = delivery;
    const held = this.#held.get(delivery) ?? createHeld(delivery, undefined);
    const { command, params, data } = decodeContent(content);
    return {
      id: formatId(delivery),
      from,
      sentAtMs,
      attempt,
      isRepeated,
      command,
      params,
      data,
      ack: () => this.#ack(held),
      nack: async ({ delayMs = 0, reason = '' } = {}) => {
        const { position } = held;
        this.#forget(held);
        // Where it has not come again yet, it comes by itself.
        if (position !== undefined) await this.#lease?.nack(position, { delayMs, reason });
      },
      extend: async () => {
        if (held.position !== undefined) await this.#lease?.extend([held.position]);
      },
    };
  }

  /** A message is done: it is remembered first, and acked then. */
  #ack(held: Held): Promise<void> {
    if (held.acked !== undefined) return held.acked;
    const acked = expectAck(held);
    // At once: whoever is killed in the next moment has done it all the same.
    try {
      this.#parts.window.add(held);
    } catch (error) {
      held.failure = error;
    }
    this.#finish(held);
    // Nothing is handed out that could not be remembered either.
    if (held.failure !== undefined) this.end(held.failure as DagentError);
    return acked;
  }

  /** Settles when what was acked is known to be, or that it is not. */
  async settled(): Promise<void> {
    const all = this.#held.values().flatMap(({ acked }) => acked ?? []);
    await Promise.allSettled(all);
  }

  /** Hands out no more; gives the name back, and settles, when what is out is acked, or nacked. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    this.#dropWaiting();
    this.#wakeAll();
    if (this.#held.size > 0 && this.#end === undefined) {
      await new Promise<void>((resolve) => this.#emptied.push(resolve));
    }
    this.end();
  }

  #wakeAll(): void {
    for (const wake of this.#wakes.splice(0)) wake();
  }

  /** Takes no more; an error is thrown to the readers. */
  end(error?: DagentError): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    clearInterval(this.#timer);
    this.#dropWaiting();
    // What was acked is said first: else it would come again.
    void this.#acks.send();
    for (const held of this.#held.values()) {
      const isUnsaid = held.position === undefined || this.#lease?.isLost !== false;
      if (held.isDone && isUnsaid) this.#giveUp(held);
    }
    this.#leave();
    this.plain?.end(error);
    this.#settleOpened(error ?? endError());
    this.#wakeAll();
    for (const wake of this.#emptied.splice(0)) wake();
  }

  /**
   * What somebody has had before may have been his end, and be ours: the acks must have left then,
   * or what is done is taken for what we were at. As many as one can have had may be such.
   */
  #mustSayAcks(): boolean {
    if (this.#acks.isEmpty || this.#handedCount >= MAILBOX_LEASE_COUNT_MAX) return false;
    return this.#waiting[0]?.isRepeated === true;
  }

  async next(): Promise<IteratorResult<Letter>> {
    for (;;) {
      while (this.#mustSayAcks()) await this.#acks.leave();
      const delivery = this.#waiting.shift();
      if (delivery !== undefined) {
        this.#handedCount++;
        return { value: this.#letterOf(delivery), done: false };
      }
      if (this.#end?.error !== undefined) throw this.#end.error;
      if (this.#end !== undefined || this.#isDraining) return { value: undefined, done: true };
      await new Promise<void>((resolve) => this.#wakes.push(resolve));
    }
  }

  /** The reader wants no more: what it has not acked goes to the next one. */
  return(): Promise<IteratorResult<Letter>> {
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
