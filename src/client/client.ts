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
import type { Asking, Reply } from '../endpoint/asking.ts';
import { CallServer } from '../endpoint/call-server.ts';
import { Endpoint, type ServiceHandlers } from '../endpoint/endpoint.ts';
import type { Incoming } from '../endpoint/incoming.ts';
import type { Served } from '../endpoint/methods.ts';
import type { OutgoingRequest } from '../endpoint/outgoing.ts';
import { DagentError, errorFromData } from '../protocol/errors.ts';
import { At, encodeFrame, headOf, Kind } from '../protocol/frame.ts';
import { pack, unpackMap } from '../protocol/pack.ts';
import type { NodeRecord } from '../protocol/record.ts';
import { Caller } from './caller.ts';
import { Confirmations } from './confirmations.ts';
import { type ConnectOptions, openSession, type Session } from './connection.ts';
import { type Delivery, deliver, keepingOf } from './delivery.ts';
import type { DirectStatistics } from './direct-lazy.ts';
import { Durable } from './durable.ts';
import type { ConsumeOptions, DurableQueue } from './durable-queue.ts';
import { MessageQueue, queueHandlers } from './message-queue.ts';
import { type NameEntry, Names } from './names.ts';
import type {
  DeliverOptions,
  DurableOptions,
  MessageOptions,
  PublishOptions,
  SendOptions,
  ServeOptions,
} from './options.ts';
import { Outflow } from './outflow.ts';
import { type Subscription, Subscriptions } from './subscriptions.ts';

/** Bytes that may wait in our own socket before `send` says to wait. */
const SEND_QUEUE_BYTES = 1_048_576;

export class Client extends Caller {
  /** The daemon that this program is connected to. */
  readonly node: string;
  readonly record: NodeRecord;
  readonly realm: string | null;
  /** Settles when the connection is over; with the error when we did not end it. */
  readonly closed: Promise<DagentError | undefined>;
  readonly #session: Session;
  readonly #endpoint: Endpoint;
  readonly #confirmations: Confirmations;
  readonly #subscriptions: Subscriptions;
  readonly #outflow: Outflow;
  readonly #names: Names;
  readonly #durable: Durable;
  #isClosing = false;
  /** What the daemon gave as its reason to end the connection. */
  #error: DagentError | undefined;
  /** Why nothing can be sent any more. */
  #lost: DagentError | undefined;
  #onClosed: (error: DagentError | undefined) => void = () => undefined;

  constructor(session: Session, options: ConnectOptions = {}) {
    super();
    const { answer: welcome, connection, url } = session;
    this.#session = session;
    this.#confirmations = new Confirmations(connection);
    this.#subscriptions = new Subscriptions({
      subscribe: (pattern, then) => this.#confirmations.ask(Kind.SUBSCRIBE, { pattern }, then),
      unsubscribe: (pattern) =>
        connection.write(encodeFrame({ kind: Kind.UNSUBSCRIBE }, pack({ pattern }))),
    });
    this.record = welcome.record;
    this.node = welcome.record.name;
    this.realm = welcome.realm;
    this.#names = new Names(url, this.record.id);
    this.closed = new Promise((resolve) => {
      this.#onClosed = resolve;
    });
    const identity = { node: this.node, service: welcome.endpoint, seed: welcome.seed };
    this.#endpoint = new Endpoint(identity, {
      write: (bytes, onTaken) => connection.write(bytes, onTaken),
      schedule: (flush) => queueMicrotask(flush),
    });
    this.#endpoint.onEvent = (event) => this.#subscriptions.deliver(event);
    this.#endpoint.onLinkFrame = (frame) => this.#handleLinkFrame(frame);
    this.#durable = new Durable(this.#endpoint, this);
    this.#outflow = new Outflow(this.#endpoint, connection, url, options.direct !== false);
    session.attach({
      onFrames: (run) => this.#endpoint.receive(run),
      onClose: (error) => this.#handleClose(error),
      onDrain: () => this.#outflow.handleDrain(),
    });
  }

  #handleLinkFrame(frame: Buffer): void {
    const kind = frame[At.KIND];
    if (kind === Kind.REGISTERED || kind === Kind.PONG) this.#confirmations.handle(frame);
    else if (kind === Kind.GOODBYE) this.#error = errorFromData(unpackMap(headOf(frame)).error);
  }

  #handleClose(lost: DagentError): void {
    const error = this.#error ?? lost;
    this.#end(error);
    this.#onClosed(this.#isClosing ? undefined : error);
  }

  /** Nothing can be sent any more. */
  #end(error: DagentError): void {
    if (this.#lost !== undefined) return;
    this.#lost = error;
    this.#endpoint.close(error);
    this.#confirmations.fail(error);
    void this.#outflow.end();
    this.#names.close();
  }

  get endpoint(): Endpoint {
    return this.#endpoint;
  }

  /**
   * Takes a name on this node. What comes to it goes to `handlers`.
   * Throws E_NAME_INVALID, E_SERVICE_TAKEN, E_TOO_MANY_SERVICES, E_CONNECTION_LOST.
   */
  register(service: string, handlers: ServiceHandlers = {}): Promise<void> {
    // Only then, and at once: who has the name already keeps what comes to it, and what comes right
    // behind the word of the daemon finds us.
    const then = (): void => this.#endpoint.handle(service, handlers);
    return this.#confirmations.ask(Kind.REGISTER, { service }, then);
  }

  /** Gives a name back. */
  unregister(service: string): void {
    this.#endpoint.unhandle(service);
    this.#outflow.leave(service);
    this.#session.connection.write(encodeFrame({ kind: Kind.UNREGISTER }, pack({ service })));
  }

  /**
   * What the node knows of a name, without asking it: `NODE:SERVICE`, or `SERVICE` for its own, or
   * else one that is up somewhere. Undefined: it knows none, or its name map cannot be read here.
   * Throws E_ADDRESS_INVALID.
   */
  lookUp(to: string): NameEntry | undefined {
    return this.#lost === undefined ? this.#names.find(to) : undefined;
  }

  /**
   * Sends a message, at most once. False: this side is ahead of the daemon; await {@link drained}
   * before the next one. Throws E_ADDRESS_INVALID, E_TOO_LARGE. `durable`: see {@link Durable}.
   */
  send(to: string, command: string, options: DurableOptions): Promise<void>;
  send(to: string, command: string, options?: MessageOptions): boolean;
  send(to: string, command: string, options: MessageOptions | DurableOptions = {}): unknown {
    if ('durable' in options) return this.#durable.send(to, command, options);
    const { params, data, from, cache } = options;
    const out = { to, command, params, data, from };
    const line = this.#endpoint.send(cache === undefined ? out : { ...out, ...keepingOf(cache) });
    return line.queuedBytes() < SEND_QUEUE_BYTES;
  }

  /** Settles when what was sent has left this process, or the connection is over. */
  drained(): Promise<void> {
    return this.#outflow.drained();
  }

  /**
   * Settles when the daemon has taken all that was sent: what becomes of a broadcast or an event
   * from there on nobody is told. Throws what the connection was lost by.
   */
  taken(): Promise<void> {
    this.#endpoint.writer.flush();
    return this.#confirmations.read();
  }

  /**
   * Sends a message and settles when its receiver has it, or, unless `report` is `delivered`, when
   * a node keeps it because its receiver is away. Throws what became of it otherwise: E_EXPIRED
   * when it was away for too long, E_DEADLINE when there is no word within `timeoutMs`.
   */
  async deliver(to: string, command: string, options: DeliverOptions = {}): Promise<Delivery> {
    const { params, data, from } = options;
    return deliver(this.#endpoint, { to, command, params, data, from }, options);
  }

  /** Asks, and settles with the reply. Throws what the other side, or the way there, says. */
  request(to: string, command: string, options: SendOptions = {}): Promise<Reply> {
    const { params, data, from, timeoutMs } = options;
    const out = { to, command, params, data, from, timeoutMs };
    return new Promise((resolve, reject) => this.#endpoint.request(out).whenOver(resolve, reject));
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
    const server = new CallServer(served, { ...options, node: this.node, timer: systemClock });
    void this.closed.then(() => server.stop());
    return this.register(service, server.handlers);
  }

  /**
   * Takes a name and yields what comes to it, messages and requests alike; a request is answered by
   * its `exchange`. A reader that is slow slows the connection. Throws as {@link register}.
   */
  async listen(service: string): Promise<MessageQueue> {
    const queue: MessageQueue = new MessageQueue({
      setPaused: (isPaused) => this.#outflow.setPaused(queue, isPaused),
      leave: () => this.unregister(service),
    });
    void this.closed.then((error) => queue.end(error));
    await this.register(service, queueHandlers(queue));
    return queue;
  }

  /** Takes a name, and the durable messages that come, and have come, to it: {@link Durable}. */
  consume(service: string, options: ConsumeOptions = {}): Promise<DurableQueue> {
    return this.#durable.consume(service, options);
  }

  /**
   * Publishes an event, at most once, to all who subscribed to its topic, wherever they are. False:
   * as with {@link send}. Throws E_TOPIC_INVALID, E_TOO_LARGE.
   */
  publish(topic: string, options: PublishOptions = {}): boolean {
    this.#endpoint.publish({ topic, ...options });
    return this.#session.connection.queuedBytes < SEND_QUEUE_BYTES;
  }

  /**
   * Yields the events whose topics match one of the patterns (`orders.*.paid`, `orders.>`), each
   * once; `message.to` is the topic. Settles when the daemon knows; the rest of the tree does a
   * moment later. A reader that is slow misses some. Throws E_TOPIC_INVALID, E_TOO_MANY_TOPICS,
   * E_CONNECTION_LOST; the reader gets the last one too.
   */
  async subscribe(...patterns: readonly [string, ...string[]]): Promise<MessageQueue> {
    let subscription: Subscription | undefined;
    const queue: MessageQueue = new MessageQueue({
      setPaused: (isPaused) => this.#outflow.setPaused(queue, isPaused),
      leave: () => subscription !== undefined && this.#subscriptions.drop(subscription),
    });
    const onEvent = (message: Incoming): void => queue.push({ message, exchange: undefined });
    subscription = await this.#subscriptions.open(patterns, onEvent);
    void this.closed.then((error) => queue.end(error));
    return queue;
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
    return this.#outflow.statistics();
  }

  /** Sends what is left, then ends the connection. What is asked and has no outcome yet fails. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#outflow.flush();
    const reason = 'this program has closed it';
    this.#end(new DagentError('E_CONNECTION_LOST', { node: this.node, reason }));
    this.#session.connection.close();
    await Promise.all([this.closed, this.#outflow.end()]);
  }
}

/**
 * Connects this program to a daemon. Throws E_NO_DAEMON, E_VIA_UNKNOWN, E_CONNECT and what it
 * refuses with.
 */
export async function connect(options: ConnectOptions = {}): Promise<Client> {
  return new Client(await openSession(options), options);
}
