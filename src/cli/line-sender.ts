/**
 * Sends the messages of a stream of lines, in their order, many of them on their way at a time.
 * What is read waits for what was sent, so that a slow receiver slows whoever writes the lines.
 */
import type { Readable } from 'node:stream';
import { createLineSplitter } from '../base/lines.ts';
import type { Client } from '../client/client.ts';
import type { Delivery } from '../client/delivery.ts';
import type { CacheOption, ReportOption } from '../client/options.ts';
import { parseBroadcast } from '../protocol/address.ts';
import { readDurableAddress } from '../protocol/durable.ts';
import { DagentError } from '../protocol/errors.ts';
import { type MessageLine, parseMessageLine } from './message-line.ts';

/** Messages, and bytes of their lines, that may be on their way without an outcome. */
const UNSETTLED_COUNT_MAX = 1_000;
const UNSETTLED_BYTES_MAX = 4_194_304;
/**
 * Longest line, in bytes. A longer one is E_TOO_LARGE: a message of 1 MiB fits, however its data is
 * escaped.
 */
export const LINE_BYTES_MAX = 8_388_608;

const NEWLINE = 0x0a;

export interface LineSenderOptions {
  /** Milliseconds that a message may take. */
  readonly timeoutMs: number | undefined;
  readonly cache?: CacheOption | undefined;
  readonly report?: ReportOption | undefined;
  /** Whether they are durable: each has its outcome when it is stored. */
  readonly durable?: { readonly ttlMs: number | undefined } | undefined;
  /** Whether to go on behind a line that could not be sent. */
  readonly keepGoing: boolean;
  /**
   * Called with each line that could not be sent, by its number; with the first of them only, when
   * all have their outcome, unless it keeps going.
   */
  onFailure(line: number, error: DagentError): void;
}

export class LineSender {
  readonly #client: Client;
  readonly #options: LineSenderOptions;
  #input: Readable | undefined;
  /** Lines that were read and not sent yet. */
  readonly #lines: Buffer[] = [];
  /** The end of a line that was too long is still to come. */
  #isSkipping = false;
  #hasBroadcasts = false;
  #isStopped = false;
  /** Whether all has been told: what becomes later of messages that are kept is not heard. */
  #isDone = false;
  #unsettledCount = 0;
  #unsettledBytes = 0;
  #wake: (() => void) | undefined;
  lineCount = 0;
  failedCount = 0;
  /** Messages that nodes keep for receivers that are away, as far as is known. */
  cachedCount = 0;
  /** The first of the lines that could not be sent, and why: of what had its outcome so far. */
  failure: { readonly line: number; readonly error: DagentError } | undefined;

  constructor(client: Client, options: LineSenderOptions) {
    this.#client = client;
    this.#options = options;
  }

  get #isOver(): boolean {
    return this.#isStopped || (this.failure !== undefined && !this.#options.keepGoing);
  }

  /** Reads no more. What is on its way has its outcome before all is settled. */
  stop(): void {
    this.#isStopped = true;
    this.#input?.destroy();
    this.#wake?.();
  }

  /** Whether a broadcast was among them: the daemon says only on request that it has taken it. */
  get hasBroadcasts(): boolean {
    return this.#hasBroadcasts;
  }

  /**
   * Sends all lines of `input`, or those up to the first that cannot be sent. Settles when each has
   * its outcome. Throws what the input, or the connection, fails with.
   */
  async sendAll(input: Readable): Promise<void> {
    this.#input = input;
    const splitter = createLineSplitter((line) => this.#lines.push(line), LINE_BYTES_MAX);
    try {
      for await (const bytes of input) {
        splitter.push(bytes as Buffer);
        await this.#sendLines();
      }
    } catch (error) {
      // It was this side that has ended the input.
      if (!this.#isOver) throw error;
    }
    splitter.end();
    await this.#sendLines();
    while (this.#unsettledCount > 0) await this.#settling();
    this.#isDone = true;
    if (this.failure === undefined || this.#options.keepGoing) return;
    this.#options.onFailure(this.failure.line, this.failure.error);
  }

  async #sendLines(): Promise<void> {
    for (const line of this.#lines) {
      while (!this.#isOver && this.#isAhead) await this.#settling();
      if (this.#isOver) break;
      if (!this.#send(line)) await this.#client.drained();
    }
    this.#lines.length = 0;
  }

  get #isAhead(): boolean {
    return (
      this.#unsettledCount >= UNSETTLED_COUNT_MAX || this.#unsettledBytes >= UNSETTLED_BYTES_MAX
    );
  }

  /** Settles when one more message has its outcome. */
  #settling(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** False: wait until what was sent has left. */
  #send(bytes: Buffer): boolean {
    const isEnded = bytes.at(-1) === NEWLINE;
    const isRest = this.#isSkipping;
    this.#isSkipping = !isEnded && bytes.length >= LINE_BYTES_MAX;
    if (isRest) return true;
    const line = ++this.lineCount;
    try {
      if (bytes.length > LINE_BYTES_MAX || this.#isSkipping) {
        const values = { what: 'the line', bytes: bytes.length, max: LINE_BYTES_MAX };
        throw new DagentError('E_TOO_LARGE', values);
      }
      const text = bytes.toString('utf8').trim();
      return text === '' || this.#sendMessage(parseMessageLine(text), line, bytes.length);
    } catch (error) {
      if (!(error instanceof DagentError)) throw error;
      this.#fail(line, error);
      return true;
    }
  }

  /** Settles when a message is in good hands. */
  #deliver(message: MessageLine, line: number): Promise<Delivery | undefined> {
    const { to, command, options, id } = message;
    const { timeoutMs, cache, report, durable } = this.#options;
    if (durable === undefined) {
      const onOutcome = (error: DagentError | undefined): void => this.#endKept(line, error);
      const all = { ...options, timeoutMs, cache, report, onOutcome };
      return this.#client.deliver(to, command, all);
    }
    const all = { ...options, ...durable, durable: true, id, timeoutMs } as const;
    return this.#client.send(to, command, all).then(() => undefined);
  }

  #sendMessage(message: MessageLine, line: number, bytes: number): boolean {
    const { to, command, options } = message;
    if (this.#options.durable !== undefined) readDurableAddress(to);
    else if (parseBroadcast(to) !== undefined) {
      this.#hasBroadcasts = true;
      return this.#client.send(to, command, options);
    }
    this.#unsettledCount++;
    this.#unsettledBytes += bytes;
    const settle = (): void => {
      this.#unsettledCount--;
      this.#unsettledBytes -= bytes;
      const wake = this.#wake;
      this.#wake = undefined;
      wake?.();
    };
    const onDelivery = (delivery: Delivery | undefined): void => {
      if (delivery?.state === 'cached') this.cachedCount++;
      settle();
    };
    this.#deliver(message, line).then(onDelivery, (error) => {
      this.#fail(line, error as DagentError);
      settle();
    });
    return true;
  }

  /** A message that was kept is not any more. */
  #endKept(line: number, error: DagentError | undefined): void {
    if (this.#isDone) return;
    this.cachedCount--;
    if (error !== undefined) this.#fail(line, error);
  }

  /** Lines before it may be on their way still, and fail as well. */
  #fail(line: number, error: DagentError): void {
    this.failedCount++;
    if (this.failure === undefined || line < this.failure.line) this.failure = { line, error };
    if (this.#options.keepGoing) this.#options.onFailure(line, error);
    else this.#input?.destroy();
  }
}
