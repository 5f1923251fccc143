/** Who reads what comes to a program: its listeners, subscribers and consumers. */
import type { Incoming } from '../endpoint/incoming.ts';
import type { DagentError } from '../protocol/errors.ts';
import { abortable, onAborted } from './abort.ts';
import { type Claims, claimOf } from './claims.ts';
import { consume } from './consuming.ts';
import type { DurableQueue } from './durable-queue.ts';
import type { ConsumeOptions } from './letter.ts';
import type { Link } from './link.ts';
import { MessageQueue, queueHandlers } from './message-queue.ts';
import type { SignalOptions } from './options.ts';
import { type Subscription, Subscriptions } from './subscriptions.ts';

export interface ReadersParts {
  readonly claims: Claims;
  /** Directory of the installation, where windows are kept. */
  readonly home: string | undefined;
  /** The connection that stands, or was the last to do so. */
  link(): Link;
}

export class Readers {
  readonly #parts: ReadersParts;
  readonly #subscriptions: Subscriptions;
  readonly #queues = new Set<MessageQueue>();
  readonly #durable = new Set<DurableQueue>();
  /** Those that want no more for now. */
  readonly #full: Set<object>;

  /** `full` is shared with each connection. */
  constructor(parts: ReadersParts, full: Set<object>) {
    this.#parts = parts;
    this.#full = full;
    this.#subscriptions = new Subscriptions(parts.claims, parts.link);
  }

  /** Hands an event to all who want it. */
  deliver(event: Incoming): void {
    this.#subscriptions.deliver(event);
  }

  /** A queue whose reader, when it is slow, slows the connection. `leave` gives back its source. */
  #createQueue(leave: () => void): MessageQueue {
    const queue: MessageQueue = new MessageQueue({
      setPaused: (isPaused) => {
        if (isPaused) this.#full.add(queue);
        else this.#full.delete(queue);
        this.#parts.link().outflow.pace();
      },
      leave,
    });
    return queue;
  }

  /** Keeps a queue until its reader has heard of its end. */
  #keep(queue: MessageQueue, signal: AbortSignal | undefined): MessageQueue {
    this.#queues.add(queue);
    const stop = onAborted(signal, () => queue.end());
    void queue.finished.then(() => {
      stop();
      this.#queues.delete(queue);
    });
    return queue;
  }

  /** Gives a name back, behind what was said in it. */
  unregister(service: string): void {
    const link = this.#parts.link();
    link.endpoint.writer.flush();
    link.endpoint.unhandle(service);
    link.outflow.leave(service);
    this.#parts.claims.release('service', service, link);
  }

  async listen(service: string, { signal }: SignalOptions): Promise<MessageQueue> {
    const queue = this.#createQueue(() => this.unregister(service));
    await this.#parts.claims.make(claimOf(service, queueHandlers(queue)), signal);
    return this.#keep(queue, signal);
  }

  async subscribe(
    patterns: string | readonly string[],
    { signal }: SignalOptions,
  ): Promise<MessageQueue> {
    let subscription: Subscription | undefined;
    const queue = this.#createQueue(() => {
      if (subscription !== undefined) this.#subscriptions.drop(subscription);
    });
    const onEvent = (message: Incoming): void => queue.push({ message, exchange: undefined });
    const opening = this.#subscriptions.open([patterns].flat(), onEvent);
    subscription = await abortable(opening, signal, () => {
      opening.then((late) => this.#subscriptions.drop(late)).catch(() => undefined);
    });
    return this.#keep(queue, signal);
  }

  consume(service: string, options: ConsumeOptions): Promise<DurableQueue> {
    const { claims, home, link } = this.#parts;
    const watch = (queue: DurableQueue): void => void this.#durable.add(queue);
    const leave = (queue: DurableQueue): void => {
      this.#durable.delete(queue);
      this.unregister(service);
    };
    const createQueue = (): MessageQueue => this.#createQueue(() => undefined);
    const node = link().record.name;
    return consume({ claims, home, node, createQueue, watch, leave }, service, options);
  }

  /** The client is over: readers get what is left, then the error, if there is one. */
  end(error: DagentError | undefined): void {
    for (const queue of [...this.#queues, ...this.#durable]) queue.end(error);
  }

  /**
   * Settles when what was handed out durably is acked: consumers ack in the name of their service,
   * which is given back then.
   */
  async drainDurable(): Promise<void> {
    await Promise.all([...this.#durable].map((queue) => queue.drain()));
  }

  /** Nothing more comes; settles when what has come is read. */
  async drain(): Promise<void> {
    const queues = [...this.#queues];
    for (const queue of queues) queue.end();
    await Promise.all(queues.map(({ finished }) => finished));
  }
}
