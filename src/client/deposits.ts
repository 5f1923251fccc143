/**
 * Durable messages that a program leaves with its node: those that are sent at once, by one call.
 * What is not known to be stored when the connection breaks is sent again by the next one, with the
 * same id: the node takes it once.
 */
import { randomBytes } from 'node:crypto';
import { FreshMap } from '../base/fresh-map.ts';
import { decodeValue } from '../endpoint/methods.ts';
import { checkCommand } from '../endpoint/outgoing.ts';
import { encodeContent, readDurableAddress } from '../protocol/durable.ts';
import { DagentError, errorFromData } from '../protocol/errors.ts';
import {
  MAILBOX_PIECE_BYTES,
  MAILBOX_PIECE_COUNT,
  UNSTORED_BYTES_MAX,
  UNSTORED_COUNT_MAX,
} from '../protocol/limits.ts';
import { pack } from '../protocol/pack.ts';
import { abortable } from './abort.ts';
import type { Link } from './link.ts';
import type { DurableOptions } from './options.ts';

const EMPTY = Buffer.alloc(0);
/** Nothing was answered in time: it is sent again. */
const RESEND_CODES: readonly string[] = ['E_DEADLINE', 'E_LOST'];

/** A stream of messages to one address. */
interface Stream {
  readonly sender: string;
  sequence: number;
}

/** Messages of one stream as their node takes them: numbered one by one from `sequence`. */
interface Run extends Readonly<Stream> {
  readonly to: string;
  readonly ttlMs: number;
  readonly contents: Buffer[];
}

/** A message that is not known to be stored. */
interface Deposit extends Readonly<Stream>, Pick<Run, 'to' | 'ttlMs'> {
  readonly from: string | undefined;
  readonly content: Buffer;
  timer: NodeJS.Timeout | undefined;
  settle(error?: DagentError): void;
}

/** The id of a message in two: `0123456789abcdef.17`. Throws E_ARGUMENT_INVALID. */
function parseId(id: string): Stream {
  const [, sender = '', count = ''] = /^([0-9a-f]{16})\.([1-9]\d*)$/.exec(id) ?? [];
  const sequence = Number(count);
  if (sender !== '' && Number.isSafeInteger(sequence)) return { sender, sequence };
  const reason = `${id} is no id of a message: 16 hexadecimal digits, a dot, a count from 1`;
  throw new DagentError('E_ARGUMENT_INVALID', { method: 'send', reason });
}

/** Whether a deposit is the next one of a run. */
function continues(run: Run, { to, sender, sequence, ttlMs }: Deposit): boolean {
  const isSameStream = sender === run.sender && to === run.to && ttlMs === run.ttlMs;
  return isSameStream && sequence === run.sequence + run.contents.length;
}

function toRuns(deposits: readonly Deposit[]): Run[] {
  const runs: Run[] = [];
  for (const deposit of deposits) {
    const { to, sender, sequence, ttlMs, content } = deposit;
    const last = runs.at(-1);
    if (last !== undefined && continues(last, deposit)) last.contents.push(content);
    else runs.push({ to, sender, sequence, ttlMs, contents: [content] });
  }
  return runs;
}

/** What became of each message of a call: null when it is stored, or what is in the way. */
function settleEach(deposits: readonly Deposit[], outcomes: unknown): void {
  const list: readonly unknown[] = Array.isArray(outcomes) ? outcomes : [];
  for (const [index, deposit] of deposits.entries()) {
    deposit.settle(list[index] === null ? undefined : errorFromData(list[index]));
  }
}

export class Deposits {
  readonly #streams = new Map<string, Stream>();
  readonly #all = new FreshMap<Deposit, Deposit>();
  readonly #isStanding: boolean;
  /** What goes with the next call in the name of each service, and its bytes. */
  readonly #calls = new Map<string | undefined, { deposits: Deposit[]; bytes: number }>();
  #bytes = 0;
  #link: Link;
  /** Why there is no connection any more, nor will be. */
  #over: DagentError | undefined;
  #idle: (() => void)[] = [];

  /** `isStanding`: whether there will be another connection when `link` is lost. */
  constructor(link: Link, isStanding: boolean) {
    this.#link = link;
    this.#isStanding = isStanding;
  }

  /** The next id of the stream to an address. */
  #next(to: string): Stream {
    let stream = this.#streams.get(to);
    if (stream === undefined) {
      stream = { sender: randomBytes(8).toString('hex'), sequence: 0 };
      this.#streams.set(to, stream);
    }
    stream.sequence++;
    return stream;
  }

  /**
   * Settles once the node has the message on disk, after how many connections whatever: it arrives
   * then, whatever crashes. Throws as {@link readDurableAddress}, and E_ARGUMENT_INVALID,
   * E_MAILBOX_FULL, E_STORE_FULL, E_STORE_WRITE, E_TOO_LARGE, E_TOO_MANY_UNSTORED; E_DEADLINE after
   * `timeoutMs`, and what the connection was lost by when there is no other one: then it may be
   * stored, and sending it again with its `id` is harmless.
   */
  async send(to: string, command: string, options: DurableOptions): Promise<void> {
    const { params, data = EMPTY, from, ttlMs = 0, timeoutMs, id, signal } = options;
    signal?.throwIfAborted();
    if (this.#over !== undefined) throw this.#over;
    readDurableAddress(to);
    checkCommand(command);
    if (this.#all.size >= UNSTORED_COUNT_MAX || this.#bytes >= UNSTORED_BYTES_MAX) {
      const values = { count: this.#all.size, bytes: this.#bytes, max: UNSTORED_COUNT_MAX };
      throw new DagentError('E_TOO_MANY_UNSTORED', values);
    }
    const { sender, sequence } = id === undefined ? this.#next(to) : parseId(id);
    const content = encodeContent({ command, params: params ?? {}, data });
    let give: (() => void) | undefined;
    const stored = new Promise<void>((resolve, reject) => {
      const settle = (error?: DagentError): void => {
        if (!this.#forget(deposit)) return;
        if (error === undefined) resolve();
        else reject(error);
      };
      const place = { to, sender, sequence, ttlMs };
      const deposit: Deposit = { ...place, from, content, timer: undefined, settle };
      this.#all.set(deposit, deposit);
      this.#bytes += content.length;
      give = () => this.#forget(deposit);
      if (timeoutMs !== undefined) {
        const late = (): void => settle(new DagentError('E_DEADLINE', { to, ms: timeoutMs }));
        deposit.timer = setTimeout(late, timeoutMs);
      }
      // While there is none, the next connection takes it along.
      if (this.#link.lost === undefined || !this.#isStanding) this.#gather(deposit);
    });
    await abortable(stored, signal, () => give?.());
  }

  /** False when it had its outcome before. */
  #forget(deposit: Deposit): boolean {
    if (!this.#all.delete(deposit)) return false;
    clearTimeout(deposit.timer);
    this.#bytes -= deposit.content.length;
    if (this.#all.size === 0) for (const wake of this.#idle.splice(0)) wake();
    return true;
  }

  /** It goes with what else is sent in this turn of the program. */
  #gather(deposit: Deposit): void {
    const { from, content } = deposit;
    const { length } = content;
    const begun = this.#calls.get(from);
    if (begun !== undefined && begun.bytes + length > MAILBOX_PIECE_BYTES) this.#call(from);
    const call = this.#calls.get(from) ?? { deposits: [], bytes: 0 };
    if (call.deposits.length === 0) {
      this.#calls.set(from, call);
      queueMicrotask(() => this.#calls.get(from) === call && this.#call(from));
    }
    call.deposits.push(deposit);
    call.bytes += length;
    if (call.deposits.length === MAILBOX_PIECE_COUNT) this.#call(from);
  }

  /** Sends what has gathered. */
  #call(from: string | undefined): void {
    const gathered = this.#calls.get(from)?.deposits ?? [];
    this.#calls.delete(from);
    const deposits = gathered.filter((deposit) => this.#all.has(deposit));
    if (deposits.length > 0) this.#send(this.#link, from, deposits);
  }

  #send(link: Link, from: string | undefined, deposits: readonly Deposit[]): void {
    const to = `${link.record.name}:`;
    const data = pack({ args: toRuns(deposits), kwargs: {} });
    const fail = (error: DagentError): void => {
      for (const deposit of deposits) this.#handleFailure(link, deposit, error);
    };
    try {
      const out = { to, command: 'mailbox.deposit', data, isCall: true };
      link.endpoint
        .request(from === undefined ? out : { ...out, from })
        .whenOver((reply) => settleEach(deposits, decodeValue(reply.data)), fail);
    } catch (error) {
      // It is too large for any connection, or its name is none.
      for (const deposit of deposits) deposit.settle(error as DagentError);
    }
  }

  #handleFailure(link: Link, deposit: Deposit, error: DagentError): void {
    if (link.lost !== undefined) {
      // By the next connection it is sent again.
      if (!this.#isStanding) deposit.settle(error);
    } else if (!RESEND_CODES.includes(error.code)) {
      deposit.settle(error);
    } else if (this.#all.has(deposit)) {
      this.#gather(deposit);
    }
  }

  /** Sends by a new connection what is not known to be stored, in its order. */
  resume(link: Link): void {
    this.#link = link;
    this.#calls.clear();
    for (const deposit of this.#all.values()) this.#gather(deposit);
  }

  /** There is no connection any more, nor will there be. */
  fail(error: DagentError): void {
    this.#over = error;
    for (const deposit of this.#all.values()) deposit.settle(error);
  }

  /** Settles when each message has its outcome. */
  idle(): Promise<void> {
    if (this.#all.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }
}
