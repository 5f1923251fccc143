/**
 * The library that a program links: connect, register, send, request, call, serve, listen, publish,
 * subscribe, close.
 *
 * @example
 * const client = await connect();
 * await client.serve('greeter', {
 *   'greet.hello': { doc: 'Greets.', args: ['name'], run: ([name]) => `hello, ${name}` },
 * });
 * console.log(await client.call('greeter', 'greet.hello', ['Ada']));
 * await client.close();
 */

import { systemClock } from '../adapters/system-clock.ts';
import { createRandom } from '../base/random.ts';
import type { Asking, Reply } from '../endpoint/asking.ts';
import { CallServer } from '../endpoint/call-server.ts';
import type { Endpoint, ServiceHandlers } from '../endpoint/endpoint.ts';
import type { Served } from '../endpoint/methods.ts';
import type { OutgoingRequest } from '../endpoint/outgoing.ts';
import type { DagentError } from '../protocol/errors.ts';
import { SEND_QUEUE_BYTES } from '../protocol/limits-client.ts';
import type { NodeRecord } from '../protocol/record.ts';
import { abortable } from './abort.ts';
import { Caller } from './caller.ts';
import { claimOf } from './claims.ts';
import type { ConnectOptions, Session } from './connection.ts';
import { type Delivery, deliver, keepingOf } from './delivery.ts';
import type { DirectStatistics } from './direct-lazy.ts';
import { drain } from './draining.ts';
import type { DurableQueue } from './durable-queue.ts';
import { FlagClient } from './flags.ts';
import type { ConsumeOptions } from './letter.ts';
import type { Link } from './link.ts';
import type { MessageQueue } from './message-queue.ts';
import type { NameEntry } from './names.ts';
import type {
  DeliverOptions,
  DurableOptions,
  MessageOptions,
  PublishOptions,
  SendOptions,
  ServeOptions,
  SignalOptions,
} from './options.ts';
import { type ClientParts, createParts } from './parts.ts';
import type { ReportStatistics, ValueOptions } from './reports.ts';
import { checkTimeout, outcomeOf } from './requesting.ts';
import { dialFirst } from './standing.ts';

export class Client extends Caller {
  /** Settles when the client is over; with the error when the program has not closed it. */
  readonly closed: Promise<DagentError | undefined>;
  readonly #parts: ClientParts;
  /** That of the connection that stands. */
  #endpoint: Endpoint;

  constructor(session: Session, options: ConnectOptions = {}) {
    super();
    this.#parts = createParts(session, options, (link) => {
      this.#endpoint = link.endpoint;
    });
    this.#endpoint = this.#link.endpoint;
    this.closed = this.#parts.standing.closed;
  }

  get #link(): Link {
    return this.#parts.standing.link;
  }

  /** The daemon that this program is connected to, or was last. */
  get node(): string {
    return this.#link.record.name;
  }

  get record(): NodeRecord {
    return this.#link.record;
  }

  get realm(): string | null {
    return this.#link.realm;
  }

  /** Whether the connection stands. */
  get isConnected(): boolean {
    return this.#parts.standing.isUp;
  }

  /** Whether the connection was lost, and is being made again. */
  get isReturning(): boolean {
    return this.#parts.standing.isReturning;
  }

  /** Settles when the connection stands. Throws why it never will; the reason of the signal. */
  async connected({ signal }: SignalOptions = {}): Promise<void> {
    await abortable(this.#parts.standing.up(), signal);
  }

  get endpoint(): Endpoint {
    return this.#endpoint;
  }

  /** Conditions that people should know of. */
  get flags(): FlagClient {
    return new FlagClient(this);
  }

  /**
   * Takes a name on this node, by this connection and by each later one. What comes to it goes to
   * `handlers`. Throws E_NAME_INVALID, E_SERVICE_TAKEN, E_TOO_MANY_SERVICES; what the client is
   * over by, and the reason of the signal.
   */
  register(
    service: string,
    handlers: ServiceHandlers = {},
    { signal }: SignalOptions = {},
  ): Promise<void> {
    return this.#parts.claims.make(claimOf(service, handlers), signal);
  }

  /** Gives a name back. */
  unregister(service: string): void {
    this.#parts.readers.unregister(service);
  }

  /**
   * What the node knows of a name, without asking it: `NODE:SERVICE`, or `SERVICE` for its own, or
   * else one that is up somewhere. Undefined: it knows none, or its name map cannot be read here.
   * Throws E_ADDRESS_INVALID.
   */
  lookUp(to: string): NameEntry | undefined {
    return this.#parts.standing.isUp ? this.#link.names.find(to) : undefined;
  }

  /**
   * Sends a message, at most once. False: await {@link drained} before the next one. Throws
   * E_ADDRESS_INVALID, E_ARGUMENT_INVALID, E_TOO_LARGE, its signal's reason, what it was lost by.
   * `durable`: settles when it is stored, by whichever connection: {@link Deposits}.
   */
  send(to: string, command: string, options: DurableOptions): Promise<void>;
  send(to: string, command: string, options?: MessageOptions): boolean;
  send(to: string, command: string, options: MessageOptions | DurableOptions = {}): unknown {
    if ('durable' in options) return this.#parts.deposits.send(to, command, options);
    const { params, data, from, cache, signal } = options;
    signal?.throwIfAborted();
    const out = { to, command, params, data, from };
    const line = this.#endpoint.send(cache === undefined ? out : { ...out, ...keepingOf(cache) });
    return line.queuedBytes() < SEND_QUEUE_BYTES;
  }

  /** Settles when what was sent has left this process, or the connection is over. */
  drained(): Promise<void> {
    return this.#link.outflow.drained();
  }

  /** Settles when the daemon has taken all that was sent. Throws what it was lost by instead. */
  taken(): Promise<void> {
    this.#endpoint.writer.flush();
    return this.#link.confirmations.read();
  }

  /**
   * Sends a message and settles when its receiver has it, or, unless `report` is `delivered`, when
   * a node keeps it because its receiver is away. Throws what became of it otherwise: E_EXPIRED
   * when it was away for too long; after `timeoutMs` E_KEPT when it may arrive yet, and E_DEADLINE.
   */
  async deliver(to: string, command: string, options: DeliverOptions = {}): Promise<Delivery> {
    const { params, data, from } = options;
    return deliver(this.#endpoint, { to, command, params, data, from }, options);
  }

  /**
   * Asks, and settles with the reply. Throws what the other side, or the way there, says: also that
   * the connection was lost, as it is not asked twice. The signal cancels it.
   */
  request(to: string, command: string, options: SendOptions = {}): Promise<Reply> {
    const { params, data, from, timeoutMs, signal } = options;
    const out = (ms?: number) => ({ to, command, params, data, from, timeoutMs: ms });
    return outcomeOf(() => this.#endpoint.request(out(checkTimeout(timeoutMs))), signal);
  }

  /** Opens an exchange with streams. */
  open(out: OutgoingRequest): Asking {
    return this.#endpoint.request(out);
  }

  /**
   * Takes a name and answers calls to it, of methods by `class.method` and of classes by their
   * names. Throws as {@link register}, and E_USAGE.
   */
  serve(service: string, served: Served, options: ServeOptions = {}): Promise<void> {
    const nodeNow = (): string => this.node;
    const server = new CallServer(served, {
      ...options,
      timer: systemClock,
      // A later connection may be to another one.
      get node() {
        return nodeNow();
      },
    });
    void this.closed.then(() => server.stop());
    return this.register(service, server.handlers, options);
  }

  /**
   * Takes a name and yields what comes to it, messages and requests alike; a request is answered by
   * its `exchange`. A reader that is slow slows the connection. Throws as {@link register}; the
   * signal ends it, later too.
   */
  listen(service: string, options: SignalOptions = {}): Promise<MessageQueue> {
    return this.#parts.readers.listen(service, options);
  }

  /**
   * Takes a name, and the durable messages that come, and have come, to it, each to be acked. What
   * a former program of that name has not acked is among them; what is in its window, or `isDone`,
   * is not. Throws as {@link register}, and E_STORE_VERSION, E_CANNOT_WRITE, E_STATE_BROKEN.
   */
  consume(service: string, options: ConsumeOptions = {}): Promise<DurableQueue> {
    return this.#parts.readers.consume(service, options);
  }

  /**
   * Publishes an event, at most once, to all who subscribed to its topic, wherever they are. False:
   * as with {@link send}. Throws E_TOPIC_INVALID, E_TOO_LARGE.
   */
  publish(topic: string, options: PublishOptions = {}): boolean {
    this.#endpoint.publish({ topic, ...options });
    return this.#link.queuedBytes < SEND_QUEUE_BYTES;
  }

  /**
   * Yields the events whose topics match one of the patterns (`orders.*.paid`, `orders.>`), each
   * once; `message.to` is the topic. Settles when the daemon knows; the rest of the tree does a
   * moment later. A reader that is slow misses some. Throws E_TOPIC_INVALID, E_TOO_MANY_TOPICS,
   * what the client is over by, and the reason of the signal, which ends it later too.
   */
  subscribe(
    patterns: string | readonly string[],
    options: SignalOptions = {},
  ): Promise<MessageQueue> {
    return this.#parts.readers.subscribe(patterns, options);
  }

  /**
   * Reports a value of this program: a counter adds up unless `kind` says otherwise. It goes to the
   * node every second. Throws E_ARGUMENT_INVALID, E_REPORT_KIND, and when it is closed, as `call`.
   */
  report(name: string, value: number, options: ValueOptions = {}): void {
    this.#parts.reports.add(name, value, options);
  }

  /** What became of reports. */
  reportStatistics(): ReportStatistics {
    return this.#parts.reports.statistics();
  }

  /**
   * By which way what is sent to a destination goes now: `direct` past the daemon, by a connection
   * to the program that has the service. Throws E_ADDRESS_INVALID.
   */
  wayTo(to: string): 'daemon' | 'direct' {
    return this.#endpoint.laneOf(to).line.isDirect ? 'direct' : 'daemon';
  }

  /** Figures of the direct connections of this program. */
  directStatistics(): DirectStatistics {
    return this.#link.outflow.statistics();
  }

  /**
   * Ends in good order: names and subscriptions are given back; what has come is read, answered and
   * acked; what was asked has its outcome, and what was sent durably is stored; then it closes. The
   * signal closes it at once, and its reason is thrown.
   */
  async drain({ signal }: SignalOptions = {}): Promise<void> {
    try {
      await abortable(drain(this.#parts), signal);
    } finally {
      await this.close();
    }
  }

  /** Sends what is left, then ends the connection. What is asked and has no outcome yet fails. */
  close(): Promise<void> {
    const { standing, reports } = this.#parts;
    return reports.isIdle ? standing.close() : reports.finish().then(() => standing.close());
  }
}

/**
 * Connects this program to a daemon, and again whenever the connection is lost, unless `reconnect`
 * is false. Throws E_NO_DAEMON, E_VIA_UNKNOWN, E_CONNECT and what it refuses with, at once or after
 * `waitMs`; and the reason of the signal.
 */
export async function connect(options: ConnectOptions = {}): Promise<Client> {
  return new Client(await dialFirst(options, createRandom(process.pid)), options);
}
