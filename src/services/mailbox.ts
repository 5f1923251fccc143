/**
 * The mailboxes of a node as methods of its own service: programs leave durable messages and lease
 * them, nodes hand them on to each other, people look into them. What is promised is in
 * docs/adr/0012-durable-delivery.md. The store is opened when it is needed: who keeps nothing pays
 * nothing.
 */
import { assert } from '../base/assert.ts';
import type { Asking } from '../endpoint/asking.ts';
import { type CallContext, decodeValue, type Method } from '../endpoint/methods.ts';
import { encodeTransfer, parseTransfer } from '../mailbox/handover.ts';
import type { MailboxEvent, Transfer } from '../mailbox/io.ts';
import type { MailboxConfig } from '../mailbox/state.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import { BUILTIN_SERVICE, isNodeName, parseAddress } from '../protocol/address.ts';
import { DELIVERY_CHANNEL } from '../protocol/durable.ts';
import type { PartialSample } from '../protocol/figures.ts';
import { REQUEST_MS_DEFAULT } from '../protocol/limits.ts';
import { invalid, parseTaken, readLease, readNumber, readPositions } from './mailbox-args.ts';
import { createDeliveryWriter } from './mailbox-deliveries.ts';
import { depositRuns } from './mailbox-deposits.ts';
import { MailboxDriver, type Outcomes, type Taken } from './mailbox-driver.ts';
import { collectFigures, createMailboxOrders } from './mailbox-orders.ts';
import { MailboxSearch } from './mailbox-search.ts';

export interface MailboxComponents {
  readonly config: Pick<MailboxConfig, 'node' | 'seed'> & Partial<MailboxConfig>;
  readonly clock: Clock;
  /** Opens the store, or makes one. Throws why there can be none. */
  openStore(): Promise<Store>;
  /** Calls `then` when all that came at once has been dealt with. */
  soon(then: () => void): void;
  /** Opens a call to the service of another node. */
  call(node: string, method: string, args: readonly unknown[], timeoutMs: number): Asking;
  /** Name of the nearest node known here that has a service. */
  findNode(service: string): string | undefined;
  /** Name of the parent, if there is one. */
  parent(): string | undefined;
  onEvent(event: MailboxEvent): void;
}

export class Mailbox {
  readonly #components: MailboxComponents;
  readonly #search: MailboxSearch;
  /** Whose each receiver is: nobody acks for another. */
  readonly #owners = new Map<number, string>();
  #driver: MailboxDriver | undefined;
  #opening: Promise<MailboxDriver> | undefined;
  #isStopped = false;

  constructor(components: MailboxComponents) {
    this.#components = components;
    const { clock, findNode } = components;
    this.#search = new MailboxSearch({
      clock,
      findNode,
      askParent: (service) => this.#askParent(service),
      waiting: () => this.#waitingServices(),
      resolve: (service, node) => this.#driver?.feed({ kind: 'resolved', service, node }),
    });
    this.methods = { ...this.#createMethods(), ...createMailboxOrders(() => this.open()) };
  }

  readonly methods: Readonly<Record<string, Method>>;

  #createMethods(): Record<string, Method> {
    return {
      'mailbox.deposit': {
        doc: 'Leaves durable messages; returns null for each that is synced, or its error.',
        args: ['{to, sender, sequence, contents, ttlMs}...'],
        run: (args, { from }) => this.#deposit(args, from),
      },
      'mailbox.transfer': {
        doc: 'Takes over a piece of the outbox of another node; returns [up to, error].',
        args: ['box', 'origin', 'after', 'messages'],
        run: (args, { from }) => this.#takeOver(args, from),
      },
      'mailbox.find': {
        doc: 'Name of the nearest node that has a service, or null.',
        args: ['service'],
        run: ([service]) => this.#search.find(String(service)),
      },
      'mailbox.lease': {
        doc: 'Streams the messages of a service of this node to the program that has it.',
        args: ['service', '{count, leaseMs}'],
        run: (args, context) => this.#lease(args, context),
      },
      'mailbox.ack': {
        doc: 'Is done with messages, for good; returns those that were not out.',
        args: ['receiver', 'store', 'positions'],
        run: (args, { from }) => this.#ack(args, from),
      },
      'mailbox.nack': {
        doc: 'Gives a message back: again after a while.',
        args: ['receiver', 'position', '{delayMs, reason}'],
        run: (args, { from }) => this.#nack(args, from),
      },
      'mailbox.extend': {
        doc: 'Needs longer: the leases of these begin anew.',
        args: ['receiver', 'positions'],
        run: (args, { from }) => this.#extend(args, from),
      },
    };
  }

  /** The mailboxes; the store is opened first. Throws what `openStore` throws. */
  open(): Promise<MailboxDriver> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** What is open: it is where there are receivers. */
  get #opened(): MailboxDriver {
    assert(this.#driver !== undefined, 'a receiver has an open mailbox');
    return this.#driver;
  }

  async #open(): Promise<MailboxDriver> {
    const { config, clock, soon, onEvent, openStore } = this.#components;
    try {
      const store = await openStore();
      const transfer = (node: string, piece: Transfer) => this.#transfer(node, piece);
      this.#driver = new MailboxDriver({ config, clock, soon, onEvent, store, transfer });
      if (this.#isStopped) await this.#driver.close();
      this.#search.begin();
      return this.#driver;
    } catch (error) {
      // Somebody may look after the disk meanwhile.
      this.#opening = undefined;
      throw error;
    }
  }

  /** The boxes, to look at; undefined while the store is not open. */
  get driver(): MailboxDriver | undefined {
    return this.#isStopped ? undefined : this.#driver;
  }

  /** How much waits; nothing while the store is not open. */
  async figures(): Promise<PartialSample> {
    return this.driver === undefined ? {} : collectFigures(this.driver);
  }

  async #transfer(node: string, piece: Transfer): Promise<Taken> {
    const args = encodeTransfer(piece);
    const asking = this.#components.call(node, 'mailbox.transfer', args, REQUEST_MS_DEFAULT);
    return parseTaken(decodeValue((await asking.outcome).data));
  }

  async #askParent(service: string): Promise<string | undefined> {
    const parent = this.#components.parent();
    if (parent === undefined) return undefined;
    const asking = this.#components.call(parent, 'mailbox.find', [service], REQUEST_MS_DEFAULT);
    const name = decodeValue((await asking.outcome).data);
    return typeof name === 'string' && isNodeName(name) ? name : undefined;
  }

  *#waitingServices(): Iterable<string> {
    for (const { node, service, count, resolved } of this.#driver?.boxes() ?? []) {
      if (node === '' && count > 0 && resolved === null) yield service;
    }
  }

  /** A node is there, or has another service. */
  nodeUp(node: string): void {
    this.#driver?.feed({ kind: 'reachable', node });
    this.#search.begin();
  }

  /** The way up stands: whoever could not be reached may be there. */
  uplinkUp(): void {
    const nodes = new Set<string>();
    for (const { node, isLocal, count } of this.#driver?.boxes() ?? []) {
      if (!isLocal && node !== '' && count > 0) nodes.add(node);
    }
    for (const node of nodes) this.#driver?.feed({ kind: 'reachable', node });
    this.#search.begin();
  }

  async #deposit(runs: readonly unknown[], from: string): Promise<Outcomes> {
    const { clock, findNode } = this.#components;
    const driver = this.#driver ?? (await this.open());
    const onUnknown = () => this.#search.begin();
    return depositRuns({ clock, driver, findNode, onUnknown }, runs, from);
  }

  async #takeOver(args: readonly unknown[], from: string): Promise<readonly unknown[]> {
    if (parseAddress(from)?.service !== BUILTIN_SERVICE) {
      throw invalid('transfer', 'only nodes hand over to each other');
    }
    const transfer = parseTransfer(args);
    if (transfer === undefined) throw invalid('transfer', 'that is no piece of an outbox');
    const driver = this.#driver ?? (await this.open());
    const { upTo, error } = await driver.ask('taken', (reply) => ({
      kind: 'transfer',
      transfer,
      reply,
    }));
    return [upTo, error];
  }

  async #lease(args: readonly unknown[], context: CallContext): Promise<void> {
    const wish = readLease(args);
    const { from, signal, exchange } = context;
    const { node } = this.#components.config;
    // Whose name it is the router has checked: two programs cannot have one at a time.
    if (from !== `${node}:${wish.service}`) {
      throw invalid('lease', `${from} is not ${node}:${wish.service}`);
    }
    const driver = this.#driver ?? (await this.open());
    if (signal.aborted) return;
    const receiver = driver.nextReceiver();
    this.#owners.set(receiver, from);
    exchange.progress({ receiver, store: driver.storeId });
    driver.attach(
      receiver,
      wish,
      createDeliveryWriter((bytes) => exchange.write(DELIVERY_CHANNEL, bytes)),
    );
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        this.#owners.delete(receiver);
        driver.detach(receiver);
        resolve();
      });
    });
  }

  /** The receiver of a call about messages. Throws E_ARGUMENT_INVALID. */
  #receiverOf(value: unknown, from: string, method: string): number {
    const receiver = readNumber(value, method);
    if (this.#owners.get(receiver) === from) return receiver;
    throw invalid(method, `${receiver} is no receiver of ${from}`);
  }

  async #ack([id, store, list]: readonly unknown[], from: string): Promise<readonly number[]> {
    const receiver = this.#receiverOf(id, from, 'ack');
    const positions = readPositions(list, 'ack');
    // At once: the receiver may be gone with the next frame.
    const { unknown } = await this.#opened.ask('acked', (reply) => ({
      kind: 'ack',
      receiver,
      store: String(store),
      positions,
      reply,
    }));
    return unknown;
  }

  #nack([id, place, wish]: readonly unknown[], from: string): void {
    const receiver = this.#receiverOf(id, from, 'nack');
    const position = readNumber(place, 'nack');
    const { delayMs, reason } = (wish ?? {}) as Readonly<Record<string, unknown>>;
    const wait = delayMs === undefined || delayMs === null ? 0 : readNumber(delayMs, 'nack');
    const why = typeof reason === 'string' && reason !== '' ? reason.slice(0, 500) : 'nack';
    this.#opened.feed({ kind: 'nack', receiver, position, delayMs: wait, reason: why });
  }

  #extend([id, list]: readonly unknown[], from: string): void {
    const receiver = this.#receiverOf(id, from, 'extend');
    const positions = readPositions(list, 'extend');
    this.#opened.feed({ kind: 'extend', receiver, positions });
  }

  /** Ends it; what is on its way to the disk gets there. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#search.stop();
    await this.#driver?.close();
  }
}
