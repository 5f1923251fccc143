/** Sockets, as every transport over them needs them. */
import { connect, type Socket } from 'node:net';
import { DagentError } from '../protocol/errors.ts';
import type { StreamUrl } from '../protocol/url.ts';

/** What went wrong, for people. */
export function describeSocketError(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return 'nobody listens there';
    case 'EADDRINUSE':
      return 'the address is in use';
    case 'EACCES':
      return 'permission denied';
    case 'ENOSPC':
      return 'the disk is full';
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
export class QueueEnd {
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

/** What Node calls the place of a URL. */
export function socketPlace(url: StreamUrl): { path: string } | { host: string; port: number } {
  return url.kind === 'unix' ? { path: url.path } : { host: url.host, port: url.port };
}

/** What stands in the way of a connection to `url`: E_CONNECT, E_CONNECT_DENIED. */
export function toConnectError(error: NodeJS.ErrnoException, url: string): DagentError {
  if (error.code === 'EACCES') return new DagentError('E_CONNECT_DENIED', { url });
  return new DagentError('E_CONNECT', { url, reason: describeSocketError(error) });
}

/**
 * A socket that is connected, within `timeoutMs`. Throws E_CONNECT, E_CONNECT_DENIED, which name
 * `label`: how the place was called.
 */
export function openSocket(url: StreamUrl, timeoutMs: number, label: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...socketPlace(url), noDelay: true });
    const fail = (error: DagentError): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const reason = `no answer within ${timeoutMs} ms`;
    const late = (): void => fail(new DagentError('E_CONNECT', { url: label, reason }));
    const timer = setTimeout(late, timeoutMs);
    // This stays: whoever gets the socket listens a moment later, and an error that nobody hears
    // would end the process.
    socket.on('error', (error) => fail(toConnectError(error, label)));
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
  });
}
