/**
 * Drives the mailboxes of a node with a store and a clock: feeds them what happens, one input after
 * the other, and carries out what they say.
 */
import { assert } from '../base/assert.ts';
import { NumberTable } from '../base/number-table.ts';
import type { MailboxEvent, MailboxInput, MailboxOutput, Token, Transfer } from '../mailbox/io.ts';
import { step } from '../mailbox/mailboxes.ts';
import { restoreMailboxes } from '../mailbox/recovery.ts';
import type { Box, MailboxConfig, Mailboxes } from '../mailbox/state.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import { DagentError, type ErrorData, errorFromData } from '../protocol/errors.ts';
import { Wakeup } from './wakeup.ts';

/** What another node says to a piece. */
export interface Taken {
  readonly upTo: number;
  readonly error: ErrorData | null;
}

export interface MailboxDriverComponents {
  readonly config: Pick<MailboxConfig, 'node' | 'seed'> & Partial<MailboxConfig>;
  readonly clock: Clock;
  readonly store: Store;
  /** Calls `then` when all that came at once has been dealt with. */
  soon(then: () => void): void;
  /** Hands a piece to another node; throws why it could not. */
  transfer(node: string, transfer: Transfer): Promise<Taken>;
  onEvent(event: MailboxEvent): void;
}

/** What became of each of several messages: null when it is stored, or what is in the way. */
export type Outcomes = readonly (ErrorData | null)[];

/** A message that is handed to a receiver. */
export type Delivery = Extract<MailboxOutput, { kind: 'deliver' }>['delivery'];
type Answer = Extract<MailboxOutput, { reply: Token }>;
type OfKind<Kind extends Answer['kind']> = Extract<Answer, { kind: Kind }>;

export class MailboxDriver {
  readonly #components: MailboxDriverComponents;
  readonly #state: Mailboxes;
  readonly #inbox: MailboxInput[] = [];
  readonly #answers = new NumberTable<(answer: Answer) => void>();
  readonly #receivers = new Map<number, (delivery: Delivery) => void>();
  #token = 0;
  #isStepping = false;
  #isFlushing = false;
  #isClosed = false;
  readonly #wakeup: Wakeup;

  constructor(components: MailboxDriverComponents) {
    this.#components = components;
    const { store, config, clock } = components;
    this.#wakeup = new Wakeup(clock, () => this.feed({ kind: 'tick' }));
    const options = { ...config, store: store.id };
    this.#state = restoreMailboxes(options, (range) => store.read(range), this.#now());
    this.feed({ kind: 'tick' });
  }

  #now() {
    const { clock } = this.#components;
    return { ms: clock.monotonicMs(), wallMs: clock.wallMs() };
  }

  get storeId(): string {
    return this.#components.store.id;
  }

  get config(): MailboxConfig {
    return this.#state.config;
  }

  /** The boxes, to look at. */
  boxes(): Iterable<Box> {
    return this.#state.boxes.values();
  }

  /** Feeds one input; what it causes is done when this returns, unless called from within. */
  feed(input: MailboxInput): void {
    if (this.#isClosed) return;
    this.#inbox.push(input);
    if (this.#isStepping) return;
    this.#isStepping = true;
    try {
      for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
        for (const output of step(this.#state, next, this.#now())) this.#perform(output);
      }
    } finally {
      this.#isStepping = false;
    }
    this.#flushSoon(input);
  }

  /** What comes in one turn goes to the disk together. */
  #flushSoon(input: MailboxInput): void {
    if (this.#isFlushing || input.kind === 'flush') return;
    this.#isFlushing = true;
    this.#components.soon(() => {
      this.#isFlushing = false;
      this.feed({ kind: 'flush' });
    });
  }

  /** Feeds an input that has an answer. Throws why it was refused. */
  ask<Kind extends Answer['kind']>(
    kind: Kind,
    make: (reply: Token) => MailboxInput,
  ): Promise<OfKind<Kind>> {
    return new Promise((resolve, reject) => {
      const token = ++this.#token;
      this.#answers.set(token, (answer) => {
        if (answer.kind === 'refused') return reject(errorFromData(answer.error));
        assert(answer.kind === kind, `the answer is ${kind}, not ${answer.kind}`);
        resolve(answer as OfKind<Kind>);
      });
      this.feed(make(token));
    });
  }

  /**
   * Feeds the deposits of several messages. `inputOf` gives the one at an index with its token; one
   * promise for all of them, as there may be very many.
   */
  deposit(
    count: number,
    inputOf: (index: number, reply: Token) => MailboxInput,
  ): Promise<Outcomes> {
    const first = this.#token + 1;
    this.#token += count;
    const outcomes = new Array<ErrorData | null>(count).fill(null);
    return new Promise((resolve) => {
      let waitingCount = count;
      const settle = (answer: Answer): void => {
        if (answer.kind === 'refused') outcomes[answer.reply - first] = answer.error;
        else assert(answer.kind === 'stored', `the answer is ${answer.kind}, not stored`);
        if (--waitingCount === 0) resolve(outcomes);
      };
      for (let index = 0; index < count; index++) {
        this.#answers.set(first + index, settle);
        this.feed(inputOf(index, first + index));
      }
    });
  }

  /** A number for a receiver. */
  nextReceiver(): number {
    return ++this.#token;
  }

  /** Adds a receiver of a service. What waits is handed over before this returns. */
  attach(
    receiver: number,
    wish: { readonly service: string; readonly leaseCount: number; readonly leaseMs: number },
    onDelivery: (delivery: Delivery) => void,
  ): void {
    this.#receivers.set(receiver, onDelivery);
    this.feed({ kind: 'attach', receiver, ...wish });
  }

  detach(receiver: number): void {
    this.#receivers.delete(receiver);
    this.feed({ kind: 'detach', receiver });
  }

  #perform(output: MailboxOutput): void {
    const { store, onEvent } = this.#components;
    switch (output.kind) {
      case 'write':
        return store.write(output.writes, (error) =>
          this.feed(error === undefined ? { kind: 'written' } : { kind: 'writeFailed', error }),
        );
      case 'read':
        return this.feed({ kind: 'page', read: output.read, page: store.read(output.range) });
      case 'setAside':
        return store.setAside(output.key, output.reason);
      case 'deliver':
        return this.#receivers.get(output.delivery.receiver)?.(output.delivery);
      case 'transfer':
        return void this.#transfer(output);
      case 'wake':
        return this.#wakeup.at(output.atMs);
      case 'event':
        return onEvent(output.event);
      default: {
        const answer = this.#answers.get(output.reply);
        this.#answers.delete(output.reply);
        return answer?.(output);
      }
    }
  }

  async #transfer(output: Extract<MailboxOutput, { kind: 'transfer' }>): Promise<void> {
    const { node, epoch, transfer } = output;
    const { box } = transfer;
    try {
      const { upTo, error } = await this.#components.transfer(node, transfer);
      this.feed({ kind: 'transferred', box, epoch, upTo, error });
    } catch (thrown) {
      const error = thrown instanceof DagentError ? thrown.toData() : undefined;
      const unknown = { code: 'E_INTERNAL', values: { reason: String(thrown) } } as const;
      this.feed({ kind: 'transferFailed', box, epoch, error: error ?? unknown });
    }
  }

  /**
   * Ends it as a crash would, but for what is on its way to the disk: who waits for an answer hears
   * none, and asks again.
   */
  async close(): Promise<void> {
    this.feed({ kind: 'flush' });
    this.#isClosed = true;
    this.#wakeup.stop();
    await this.#components.store.close();
  }
}
