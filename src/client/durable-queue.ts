/**
 * Durable messages of a service as they come, each of them to be acked: what is not acked comes
 * again, to this program or to the next one of that name.
 */
import type { Asking } from '../endpoint/asking.ts';
import {
  createDeliverySplitter,
  type DurableContent,
  type DurableDelivery,
  decodeContent,
} from '../protocol/durable.ts';
import type { DagentError } from '../protocol/errors.ts';
import { SeenIds } from './seen-ids.ts';

/** What a receiver may say about how it wants its messages. */
export interface ConsumeOptions {
  /** Messages that it has at a time, acked ones not counted: 1 to 1,024; 256 when absent. */
  readonly count?: number | undefined;
  /** After so long without a word it comes again: 1 s to a day; 30 s when absent. */
  readonly leaseMs?: number | undefined;
  /** Whether the program has done a message in a former life: it is acked and not handed out. */
  isDone?(id: string): boolean;
  /** What was done by way of a former connection of this process. */
  readonly seen?: SeenIds | undefined;
}

/** A durable message. */
export interface Letter extends DurableContent {
  /** 16 hexadecimal digits, a dot and a count: the same however often it comes. */
  readonly id: string;
  readonly from: string;
  readonly sentAtMs: number;
  /** From 1. */
  readonly attempt: number;
  /** Somebody may have had it before. */
  readonly isRepeated: boolean;
  /** It is done: settles when it can never come again. Throws when that is not known. */
  ack(): Promise<void>;
  /** It could not be done: it comes again, after a while if wanted. */
  nack(more?: { readonly delayMs?: number; readonly reason?: string }): Promise<void>;
  /** It takes longer: the time of the lease begins anew. */
  extend(): Promise<void>;
}

/** What the queue needs of its client. */
export interface ConsumeSource {
  openLease(): Asking;
  call(method: string, args: readonly unknown[]): Promise<unknown>;
  /** No more are wanted. Called once. */
  leave(): void;
}

/** How the node knows this receiver. */
interface Lease {
  readonly receiver: number;
  readonly store: string;
}

/** What is not read is asked to stay ours so often, as a part of the lease. */
const EXTENDS_PER_LEASE = 3;
const LEASE_MS_DEFAULT = 30_000;

function parseLease(value: unknown): Lease | undefined {
  const { receiver, store } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const isLease = typeof receiver === 'number' && typeof store === 'string';
  return isLease ? { receiver, store } : undefined;
}

/** Positions that are acked together. */
interface Acks {
  readonly positions: number[];
  readonly done: Promise<void>;
}

export class DurableQueue implements AsyncIterableIterator<Letter> {
  readonly #source: ConsumeSource;
  readonly #isDone: (id: string) => boolean;
  readonly #asking: Asking;
  readonly #lease: Promise<Lease>;
  readonly #seen: SeenIds;
  readonly #waiting: DurableDelivery[] = [];
  readonly #timer: NodeJS.Timeout;
  #wakes: (() => void)[] = [];
  #acks: Acks | undefined;
  readonly #unsettled = new Set<Promise<void>>();
  #end: { readonly error: DagentError | undefined } | undefined;

  constructor(source: ConsumeSource, options: ConsumeOptions = {}) {
    this.#source = source;
    this.#seen = options.seen ?? new SeenIds();
    this.#isDone = (id) => options.isDone?.(id) === true;
    const asking = source.openLease();
    this.#asking = asking;
    this.#lease = new Promise((resolve, reject) => {
      asking.onProgress = (value) => {
        const lease = parseLease(value);
        if (lease !== undefined) resolve(lease);
      };
      asking.outcome.then(() => this.end(), reject);
    });
    this.#lease.catch((error: DagentError) => this.end(error));
    asking.outcome.catch((error: DagentError) => this.end(error));
    const split = createDeliverySplitter((delivery) => this.#receive(delivery));
    asking.onData = (_, bytes) => {
      split(bytes);
      asking.grant(bytes.length);
    };
    const leaseMs = options.leaseMs ?? LEASE_MS_DEFAULT;
    this.#timer = setInterval(() => this.#extendWaiting(), leaseMs / EXTENDS_PER_LEASE);
    this.#timer.unref();
  }

  /** Settles when the node knows this receiver. Throws why it does not. */
  async opened(): Promise<void> {
    await this.#lease;
  }

  #receive(delivery: DurableDelivery): void {
    // What is left when it ends belongs to the next receiver.
    if (this.#end !== undefined) return;
    const id = idOf(delivery);
    const state = this.#seen.find(id);
    // The program is at it: its ack is for this one too.
    if (state === 'out') return;
    if (state === 'done' || this.#isDone(id)) {
      // Its ack was lost, or is under way. The next time it comes is as good.
      this.#ack(delivery.position).catch(() => undefined);
      return;
    }
    this.#seen.add(id, 'out');
    this.#waiting.push(delivery);
    this.#wakes.shift()?.();
  }

  /** Acks are gathered for a moment: one call, one sync. */
  #ack(position: number): Promise<void> {
    if (this.#acks === undefined) {
      const positions: number[] = [];
      const done = new Promise<void>((resolve) => setImmediate(resolve)).then(() =>
        this.#sendAcks(positions),
      );
      this.#acks = { positions, done };
      this.#unsettled.add(done);
      const forget = (): boolean => this.#unsettled.delete(done);
      done.then(forget, forget);
    }
    this.#acks.positions.push(position);
    return this.#acks.done;
  }

  /** Settles when what was acked is known to be, or that it is not. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#unsettled]);
  }

  async #sendAcks(positions: readonly number[]): Promise<void> {
    this.#acks = undefined;
    const { receiver, store } = await this.#lease;
    await this.#source.call('mailbox.ack', [receiver, store, positions]);
  }

  async #tell(method: string, args: readonly unknown[]): Promise<void> {
    const { receiver } = await this.#lease;
    await this.#source.call(method, [receiver, ...args]);
  }

  #extendWaiting(): void {
    const positions = this.#waiting.map(({ position }) => position);
    // When it fails, the connection says so.
    if (positions.length > 0) this.#tell('mailbox.extend', [positions]).catch(() => undefined);
  }

  #letterOf(delivery: DurableDelivery): Letter {
    const { position, from, sentAtMs, attempt, isRepeated, content } = delivery;
    const id = idOf(delivery);
    return {
      id,
      from,
      sentAtMs,
      attempt,
      isRepeated,
      ...decodeContent(content),
      ack: () => {
        this.#seen.add(id, 'done');
        return this.#ack(position);
      },
      nack: ({ delayMs = 0, reason = '' } = {}) => {
        this.#seen.remove(id);
        return this.#tell('mailbox.nack', [position, { delayMs, reason }]);
      },
      extend: () => this.#tell('mailbox.extend', [[position]]),
    };
  }

  /** Takes no more; an error is thrown to the readers after what is left. */
  end(error?: DagentError): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    clearInterval(this.#timer);
    const leave = (): void => {
      this.#asking.cancel();
      this.#source.leave();
    };
    // What was acked is said first: else it would come again.
    if (this.#acks === undefined) leave();
    else void this.#acks.done.then(leave, leave);
    const wakes = this.#wakes;
    this.#wakes = [];
    for (const wake of wakes) wake();
  }

  async next(): Promise<IteratorResult<Letter>> {
    for (;;) {
      const delivery = this.#end === undefined ? this.#waiting.shift() : undefined;
      if (delivery !== undefined) return { value: this.#letterOf(delivery), done: false };
      if (this.#end?.error !== undefined) throw this.#end.error;
      if (this.#end !== undefined) return { value: undefined, done: true };
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

function idOf({ sender, sequence }: DurableDelivery): string {
  return `${sender}.${sequence}`;
}
