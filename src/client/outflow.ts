/** What a program has sent and what has not left it yet, by the daemon's connection and others. */
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { Connection } from '../ports/transport.ts';
import { type DirectStatistics, LazyDirect, NO_DIRECT } from './direct-lazy.ts';

export class Outflow {
  readonly #endpoint: Endpoint;
  readonly #connection: Connection;
  readonly #direct: LazyDirect | undefined;
  /** Readers that want no more for now. */
  readonly #full = new Set<object>();
  #waiting: (() => void)[] = [];
  #isOver = false;
  #ended: Promise<void> | undefined;

  /** `url` is where the daemon was dialled. */
  constructor(endpoint: Endpoint, connection: Connection, url: string, isDirect: boolean) {
    this.#endpoint = endpoint;
    this.#connection = connection;
    endpoint.main.queuedBytes = () => connection.queuedBytes;
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

  /** Somebody wants no more for now, or again. All is read while nobody is full. */
  setPaused(by: object, isPaused: boolean): void {
    if (isPaused) this.#full.add(by);
    else this.#full.delete(by);
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
