/** Transport over TCP and Unix sockets. */
import { unlinkSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Connection, ConnectionHandlers, Listener, Transport } from '../ports/transport.ts';
import { DagentError } from '../protocol/errors.ts';
import { type DagentUrl, formatUrl, parseUrl } from '../protocol/url.ts';

function describe(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return 'nobody listens there';
    case 'EADDRINUSE':
      return 'the address is in use';
    case 'EACCES':
      return 'permission denied';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'the other side closed it';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the host name has no address';
    default:
      return error.code ?? error.message;
  }
}

const EMPTY = Buffer.alloc(0);

/**
 * A socket tells of a queue that has gone only when it was long ('drain'). This tells of every one:
 * behind what is queued goes an empty write, whose end is the end of the queue.
 */
class QueueEnd {
  readonly #socket: Socket;
  #isAwaited = false;
  onDrain: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('drain', () => this.onDrain());
  }

  /** Call after a write. */
  watch(): void {
    const socket = this.#socket;
    const isQueued = socket.writable && socket.writableLength > 0;
    if (this.#isAwaited || !isQueued || socket.writableNeedDrain) return;
    this.#isAwaited = true;
    socket.write(EMPTY, (error) => {
      this.#isAwaited = false;
      if (error) return;
      if (socket.writableLength === 0) this.onDrain();
      else this.watch();
    });
  }
}

function wrap(socket: Socket): Connection {
  let reason = 'the other side closed it';
  const queueEnd = new QueueEnd(socket);
  socket.pause();
  socket.on('error', (error) => {
    reason = describe(error);
  });
  return {
    attach(handlers: ConnectionHandlers): void {
      queueEnd.onDrain = () => handlers.onDrain();
      socket.on('data', (bytes) => handlers.onBytes(bytes));
      socket.on('close', () => handlers.onClose(reason));
      socket.resume();
    },
    write(bytes: Buffer): void {
      // After close() a write would be an error, and take along what is still queued.
      if (!socket.writable) return;
      socket.write(bytes);
      queueEnd.watch();
    },
    get queuedBytes(): number {
      return socket.writableLength;
    },
    setPaused(isPaused: boolean): void {
      if (isPaused) socket.pause();
      else socket.resume();
    },
    close(): void {
      // A peer that does not read must not keep the socket: destroySoon waits for our own bytes
      // only.
      socket.destroySoon();
    },
    abort(why: string): void {
      reason = why;
      socket.destroy();
    },
  };
}

function connectOptions(url: DagentUrl): { path: string } | { host: string; port: number } {
  return url.kind === 'unix' ? { path: url.path } : { host: url.host, port: url.port };
}

async function dial(url: string, timeoutMs: number): Promise<Connection> {
  const options = connectOptions(parseUrl(url));
  return new Promise((resolve, reject) => {
    const socket = connect({ ...options, noDelay: true });
    const fail = (reason: string): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new DagentError('E_CONNECT', { url, reason }));
    };
    const timer = setTimeout(() => fail(`no answer within ${timeoutMs} ms`), timeoutMs);
    const onError = (error: Error): void => fail(describe(error));
    socket.once('error', onError);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', onError);
      resolve(wrap(socket));
    });
  });
}

function boundUrl(server: Server, url: DagentUrl): string {
  const address = server.address() as AddressInfo | string;
  if (url.kind === 'unix' || typeof address === 'string') return formatUrl(url);
  return formatUrl({ kind: 'tcp', host: url.host, port: address.port });
}

function closeServer(server: Server, url: DagentUrl): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    // Node removes the socket file itself, but not when another process replaced it.
    if (url.kind === 'unix') {
      try {
        unlinkSync(url.path);
      } catch {
        // It is gone: that is what was wanted.
      }
    }
  });
}

async function listen(
  url: string,
  onConnection: (connection: Connection) => void,
): Promise<Listener> {
  const parsed = parseUrl(url);
  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true }, (socket) => onConnection(wrap(socket)));
    server.once('error', (error) => {
      reject(new DagentError('E_LISTEN', { url, reason: describe(error) }));
    });
    server.listen(connectOptions(parsed), () => {
      const listener = { url: boundUrl(server, parsed), close: () => closeServer(server, parsed) };
      resolve(listener);
    });
  });
}

/** The transport of `cd:` URLs. */
export const streamTransport: Transport = { dial, listen };
