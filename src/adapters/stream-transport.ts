/** Transport over TCP and Unix sockets. */
import { unlinkSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Connection, ConnectionHandlers, Listener, Transport } from '../ports/transport.ts';
import { DagentError } from '../protocol/errors.ts';
import { formatUrl, parseStreamUrl, type StreamUrl } from '../protocol/url.ts';
import { describeSocketError, openSocket, QueueEnd, socketPlace } from './socket.ts';

function wrap(socket: Socket): Connection {
  let reason = 'the other side closed it';
  const queueEnd = new QueueEnd(socket);
  socket.pause();
  socket.on('error', (error) => {
    reason = describeSocketError(error);
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

async function dial(url: string, timeoutMs: number): Promise<Connection> {
  return wrap(await openSocket(parseStreamUrl(url), timeoutMs, url));
}

function boundUrl(server: Server, url: StreamUrl): string {
  const address = server.address() as AddressInfo | string;
  if (url.kind === 'unix' || typeof address === 'string') return formatUrl(url);
  return formatUrl({ kind: 'tcp', host: url.host, port: address.port });
}

function closeServer(server: Server, url: StreamUrl): Promise<void> {
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
  const parsed = parseStreamUrl(url);
  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true }, (socket) => onConnection(wrap(socket)));
    server.once('error', (error) => {
      reject(new DagentError('E_LISTEN', { url, reason: describeSocketError(error) }));
    });
    server.listen(socketPlace(parsed), () => {
      const listener = { url: boundUrl(server, parsed), close: () => closeServer(server, parsed) };
      resolve(listener);
    });
  });
}

/** The transport of `cd:` URLs. */
export const streamTransport: Transport = { dial, listen };
