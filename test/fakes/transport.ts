/**
 * Connections within the process: nothing is lost and nothing takes time, but a reader that is
 * paused lets its writer's queue grow, as a socket does.
 */
import type {
  Connection,
  ConnectionHandlers,
  Listener,
  Transport,
} from '../../src/ports/transport.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { formatUrl, parseUrl } from '../../src/protocol/url.ts';

const OTHER_SIDE = 'the other side closed it';

export class MemoryConnection implements Connection {
  #peer: MemoryConnection | undefined;
  #handlers: ConnectionHandlers | undefined;
  /** What was written to the peer and was not taken yet. */
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #isPaused = false;
  #isScheduled = false;
  /** No more will be written: closes once the queue is empty. */
  #isEnding = false;
  #isClosed = false;

  /** Two ends of one connection. */
  static pair(): [MemoryConnection, MemoryConnection] {
    const here = new MemoryConnection();
    const there = new MemoryConnection();
    here.#peer = there;
    there.#peer = here;
    return [here, there];
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  attach(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    if (this.#peer !== undefined) this.#peer.#schedule();
  }

  write(bytes: Buffer): void {
    if (this.#isClosed || this.#isEnding) return;
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    this.#schedule();
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    if (!isPaused && this.#peer !== undefined) this.#peer.#schedule();
  }

  close(): void {
    this.#isEnding = true;
    this.#schedule();
  }

  abort(reason: string): void {
    this.#queue = [];
    queueMicrotask(() => {
      this.#end(reason);
      if (this.#peer !== undefined) this.#peer.#end(OTHER_SIDE);
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    const peer = this.#peer;
    if (peer === undefined || this.#isClosed) return;
    const hadQueue = this.#queuedBytes > 0;
    while (!peer.#isPaused && peer.#handlers !== undefined) {
      const bytes = this.#queue.shift();
      if (bytes === undefined) break;
      this.#queuedBytes -= bytes.length;
      // A buffer of its own, as from a socket: the receiver may write to it.
      peer.#handlers.onBytes(Buffer.from(bytes));
    }
    if (this.#queuedBytes > 0) return;
    if (hadQueue) this.#handlers?.onDrain();
    if (!this.#isEnding || this.#queuedBytes > 0) return;
    this.#end(OTHER_SIDE);
    peer.#end(OTHER_SIDE);
  }

  #end(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#queuedBytes = 0;
    this.#handlers?.onClose(reason);
  }
}

/** A network of its own: a URL is that of whoever listens on it, here and nowhere else. */
export function createMemoryTransport(): Transport {
  const listeners = new Map<string, (connection: Connection) => void>();
  let lastPort = 40_000;
  const bind = (text: string): string => {
    const url = parseUrl(text);
    return formatUrl(url.kind === 'tcp' && url.port === 0 ? { ...url, port: ++lastPort } : url);
  };
  return {
    async dial(text): Promise<Connection> {
      const accept = listeners.get(formatUrl(parseUrl(text)));
      if (accept === undefined) {
        throw new DagentError('E_CONNECT', { url: text, reason: 'nobody listens there' });
      }
      const [here, there] = MemoryConnection.pair();
      queueMicrotask(() => accept(there));
      return here;
    },
    async listen(text, onConnection): Promise<Listener> {
      const url = bind(text);
      if (listeners.has(url)) {
        throw new DagentError('E_LISTEN', { url: text, reason: 'the address is in use' });
      }
      listeners.set(url, onConnection);
      return {
        url,
        async close(): Promise<void> {
          listeners.delete(url);
        },
      };
    },
  };
}
