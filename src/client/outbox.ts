/** Durable messages of a program whose daemon may end: what is not known to be stored is resent. */
import { randomBytes } from 'node:crypto';
import { DagentError } from '../protocol/errors.ts';
import type { Client } from './client.ts';
import type { DurableOptions } from './options.ts';
import { type StandingOptions, standing } from './standing.ts';

/** Nothing was answered in time: it is sent again. */
const RESEND_CODES: readonly string[] = ['E_DEADLINE', 'E_LOST'];

interface Pending {
  readonly to: string;
  readonly command: string;
  readonly options: DurableOptions;
  readonly resolve: () => void;
  readonly reject: (error: DagentError) => void;
}

export class Outbox {
  readonly #pending = new Set<Pending>();
  readonly #streams = new Map<string, { readonly sender: string; sequence: number }>();
  readonly #abort = new AbortController();
  readonly #over: Promise<void>;
  #client: Client | undefined;
  #idle: (() => void)[] = [];

  constructor(options: StandingOptions = {}) {
    options.signal?.addEventListener('abort', () => this.#abort.abort());
    const use = (client: Client): Promise<boolean> => this.#use(client);
    this.#over = standing({ ...options, signal: this.#abort.signal }, use);
    this.#over.then(
      () => this.#fail(new DagentError('E_CONNECTION_LOST', { node: '', reason: 'it was ended' })),
      (error: DagentError) => this.#fail(error),
    );
  }

  async #use(client: Client): Promise<boolean> {
    this.#client = client;
    const stop = (): void => void client.close();
    this.#abort.signal.addEventListener('abort', stop);
    for (const pending of this.#pending) this.#send(client, pending);
    await client.closed;
    this.#abort.signal.removeEventListener('abort', stop);
    this.#client = undefined;
    return this.#abort.signal.aborted;
  }

  #fail(error: DagentError): void {
    for (const pending of this.#pending) this.#settle(pending, error);
  }

  #settle(pending: Pending, error?: DagentError): void {
    if (!this.#pending.delete(pending)) return;
    if (error === undefined) pending.resolve();
    else pending.reject(error);
    if (this.#pending.size > 0) return;
    for (const wake of this.#idle.splice(0)) wake();
  }

  #send(client: Client, pending: Pending): void {
    const { to, command, options } = pending;
    client.send(to, command, options).then(
      () => this.#settle(pending),
      (error: DagentError) => {
        // By the next connection it is sent again.
        if (error.code === 'E_CONNECTION_LOST') return;
        if (!RESEND_CODES.includes(error.code)) this.#settle(pending, error);
        else if (this.#client === client) this.#send(client, pending);
      },
    );
  }

  #nextId(to: string): string {
    let stream = this.#streams.get(to);
    if (stream === undefined) {
      stream = { sender: randomBytes(8).toString('hex'), sequence: 0 };
      this.#streams.set(to, stream);
    }
    return `${stream.sender}.${++stream.sequence}`;
  }

  /**
   * Settles once a node has the message on disk, after how many connections whatever. Throws why it
   * will not: E_MAILBOX_FULL, E_STORE_FULL, E_STORE_WRITE, E_TOO_LARGE, E_ADDRESS_INVALID.
   */
  send(to: string, command: string, more: Omit<DurableOptions, 'durable'> = {}): Promise<void> {
    const options = { ...more, durable: true, id: more.id ?? this.#nextId(to) } as const;
    return new Promise((resolve, reject) => {
      const pending = { to, command, options, resolve, reject };
      this.#pending.add(pending);
      if (this.#client !== undefined) this.#send(this.#client, pending);
      else if (this.#abort.signal.aborted) {
        const values = { node: '', reason: 'the outbox is closed' };
        this.#settle(pending, new DagentError('E_CONNECTION_LOST', values));
      }
    });
  }

  /** Messages that are not known to be stored. */
  get pendingCount(): number {
    return this.#pending.size;
  }

  /** Settles when each message has its outcome. */
  drain(): Promise<void> {
    if (this.#pending.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Waits for what is left, then ends the connection. */
  async close(): Promise<void> {
    await this.drain();
    this.#abort.abort();
    await this.#over;
  }
}
