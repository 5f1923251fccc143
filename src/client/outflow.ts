/** What a program has sent and what has not left it yet, by the daemon's connection and others. */
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { Connection } from '../ports/transport.ts';
import { type DirectStatistics, LazyDirect, NO_DIRECT } from './direct-lazy.ts';

export interface OutflowOptions {
  /** Where the daemon was dialled. */
  readonly url: string;
  readonly isDirect: boolean;
  /** Readers that want no more for now. */
  readonly full: ReadonlySet<object>;
}

export class Outflow {
  readonly #endpoint: Endpoint;
  readonly #connection: Connection;
  readonly #direct: LazyDirect | undefined;
  readonly #full: ReadonlySet<object>;
  #waiting: (() => void)[] = [];
  #isOver = false;
  #ended: Promise<void> | undefined;

  constructor(endpoint: Endpoint, connection: Connection, { url, isDirect, full }: OutflowOptions) {
    this.#endpoint = endpoint;
    this.#connection = connection;
    this.#full = full;
    endpoint.main.queuedBytes = () => connection.queuedBytes;
    // What was full before is so at a new connection too.
    if (full.size > 0) connection.setPaused(true);
    if (!isDirect) return;
    this.#direct = new LazyDirect({
      endpoint,
      url,
      writeMain(bytes) {
        endpoint.writer.flush();
        connection.write(bytes);
      },
      onDrain: () => this.handleDrain(),
    });
    this.#direct.setPaused(full.size > 0);
  }

  /** Hands on what has gathered. */
  flush(): void {
    this.#endpoint.writer.flush();
    this.#direct?.flush();
  }

  get #queuedBytes(): number {
    return this.#connection.queuedBytes + (this.#direct?.queuedBytes ?? 0);
  }

  /** Settles when all has left, or the connection is over. */
  drained(): Promise<void> {
    this.flush();
    if (this.#isOver || this.#queuedBytes === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** A connection has nothing queued any more. */
  handleDrain(): void {
    if (!this.#isOver && this.#queuedBytes > 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** A reader wants no more for now, or again. All is read while nobody is full. */
  pace(): void {
    this.#connection.setPaused(this.#full.size > 0);
    this.#direct?.setPaused(this.#full.size > 0);
  }

  /** A service is given back. */
  leave(service: string): void {
    this.#direct?.leave(service);
  }

  statistics(): DirectStatistics {
    return this.#direct?.statistics() ?? NO_DIRECT;
  }

  /** The connection to the daemon is over, or about to be: nothing is waited for. */
  end(): Promise<void> {
    this.#isOver = true;
    this.handleDrain();
    this.#ended ??= this.#direct?.close() ?? Promise.resolve();
    return this.#ended;
  }
}
