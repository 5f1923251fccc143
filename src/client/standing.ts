/**
 * The connection of a program that stands: when it is lost it is made again, until the program ends
 * it, or something is in the way that trying again does not change.
 *
 *     up -> waiting -> dialling -> up
 *              ^----------'          on failure: a longer wait, drawn by chance
 */
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../adapters/system-clock.ts';
import { computeBackoffMs } from '../base/backoff.ts';
import { nextRandom, type Random } from '../base/random.ts';
import { DagentError, type ErrorCode } from '../protocol/errors.ts';
import { REJOIN_MS_MAX, REJOIN_MS_MIN } from '../protocol/limits.ts';
import { abortable } from './abort.ts';
import type { ClientStatus } from './client-status.ts';
import { type ConnectOptions, openSession, type Session } from './connection.ts';
import { Link, type LinkOptions } from './link.ts';

/** What trying again does not change. */
const FINAL_CODES: ReadonlySet<ErrorCode> = new Set([
  'E_ARGUMENT_INVALID',
  'E_NAME_INVALID',
  'E_NOT_OURS',
  'E_URL_INVALID',
  'E_VERSION',
]);

/** Whether trying again does not change it. */
export function isFinal({ code }: DagentError): boolean {
  return FINAL_CODES.has(code);
}

const BOUNDS = { minMs: REJOIN_MS_MIN, maxMs: REJOIN_MS_MAX };

/** How long to wait before attempt number `attempt`, from 0. */
export function drawRejoinMs(random: Random, attempt: number): number {
  return computeBackoffMs(BOUNDS, attempt, nextRandom(random));
}

/** How a daemon is dialled until it answers. */
interface DialOptions {
  readonly connect: ConnectOptions;
  readonly random: Random;
  /** Ends it. */
  readonly signal: AbortSignal | undefined;
  /** Called with why an attempt has failed; false: there is to be no other one. */
  onFailure(error: DagentError, attempt: number, waitMs: number): boolean;
}

/**
 * Dials until a daemon answers, with a growing, random wait in between. Throws what trying again
 * does not change, what no other attempt is to follow, and the reason of the signal.
 */
async function dialUntil(options: DialOptions): Promise<Session> {
  const { connect, random, signal } = options;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await openSession(connect);
    } catch (error) {
      if (!(error instanceof DagentError) || isFinal(error)) throw error;
      const waitMs = drawRejoinMs(random, attempt - 1);
      if (!options.onFailure(error, attempt, waitMs)) throw error;
      await wait(waitMs, undefined, { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}

export interface StandingOptions {
  readonly connect: ConnectOptions;
  readonly random: Random;
  readonly link: Omit<LinkOptions, 'onClose'>;
  /** Called with each new connection but the first; it counts as up when this settles. */
  resume(link: Link): Promise<void>;
  /** Called when no connection stands any more, nor will. */
  onOver(error: DagentError): void;
  onStatus(status: ClientStatus): void;
}

export class Standing {
  /** Settles when it is over; with the error when the program has not ended it. */
  readonly closed: Promise<DagentError | undefined>;
  readonly #options: StandingOptions;
  readonly #abort = new AbortController();
  #link: Link;
  /** Why no connection stands any more, nor will. */
  #over: DagentError | undefined;
  #waiting: (() => void)[] = [];
  #settleClosed: (error: DagentError | undefined) => void = () => undefined;

  constructor(session: Session, options: StandingOptions) {
    this.#options = options;
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    this.#link = this.#open(session);
  }

  #open(session: Session): Link {
    const { link } = this.#options;
    return new Link(session, { ...link, onClose: (of, error) => this.#handleClose(of, error) });
  }

  /** The connection that stands, or was the last to do so. */
  get link(): Link {
    return this.#link;
  }

  get isUp(): boolean {
    return this.#link.lost === undefined;
  }

  /** Whether none stands, and the next one is tried for. */
  get isReturning(): boolean {
    return !this.isUp && this.#over === undefined;
  }

  /** The connection that stands, or the next one. Throws why there will be none. */
  async up(): Promise<Link> {
    while (!this.isUp) {
      if (this.#over !== undefined) throw this.#over;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.#link;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  #handleClose(link: Link, error: DagentError): void {
    if (link !== this.#link || this.#over !== undefined) return;
    if (this.#options.connect.reconnect === false || isFinal(error)) {
      this.#finish(error, error);
      return;
    }
    this.#options.onStatus({ kind: 'disconnected', error });
    this.#rejoin().catch((failure: unknown) => {
      if (this.#over !== undefined) return;
      if (!(failure instanceof DagentError)) throw failure;
      this.#finish(failure, failure);
    });
  }

  /** Dials the very daemon that was lost: names and what waits for them are there. */
  async #rejoin(): Promise<void> {
    const { connect, random, onStatus } = this.#options;
    const session = await dialUntil({
      connect: { ...connect, via: this.#link.url },
      random,
      signal: this.#abort.signal,
      onFailure: (error, attempt, waitMs) => {
        onStatus({ kind: 'retrying', attempt, waitMs, error });
        return true;
      },
    });
    if (this.#over !== undefined) return session.connection.abort('this program has ended');
    const link = this.#open(session);
    this.#link = link;
    const resumed = this.#options.resume(link);
    this.#wake();
    await resumed;
    if (link.lost !== undefined || this.#over !== undefined) return;
    onStatus({ kind: 'connected', node: link.record.name, url: link.url });
  }

  /** No connection stands any more, nor will; `told` is what the program has not brought about. */
  #finish(error: DagentError, told: DagentError | undefined): void {
    this.#over = error;
    this.#abort.abort();
    this.#options.onOver(error);
    this.#wake();
    this.#options.onStatus({ kind: 'closed', error: told });
    this.#settleClosed(told);
  }

  /** Sends what is left, then ends it. */
  async close(): Promise<void> {
    if (this.#over === undefined) {
      const reason = 'this program has closed it';
      const error = new DagentError('E_CONNECTION_LOST', { node: this.#link.record.name, reason });
      this.#over = error;
      this.#abort.abort();
      await this.#link.close(error);
      this.#finish(error, undefined);
    }
    await this.closed;
  }
}

/** Connects as the options say, once or until a daemon answers. Throws as {@link dialUntil}. */
export async function dialFirst(connect: ConnectOptions, random: Random): Promise<Session> {
  const { waitMs: patienceMs = 0, signal, onStatus } = connect;
  const untilMs = systemClock.monotonicMs() + patienceMs;
  const dialled = dialUntil({
    connect,
    random,
    signal,
    onFailure(error, attempt, waitMs) {
      if (systemClock.monotonicMs() + waitMs > untilMs) return false;
      onStatus?.({ kind: 'retrying', attempt, waitMs, error });
      return true;
    },
  });
  return abortable(dialled, signal, () => {
    // What has connected all the same belongs to nobody.
    dialled.then(({ connection }) => connection.abort('nobody wants it')).catch(() => undefined);
  });
}
