/** Transport over TCP and Unix sockets. */
import { lstatSync, unlinkSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
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
    write(bytes: Buffer, onTaken?: () => void): void {
      // After close() a write would be an error, and take along what is still queued.
      if (!socket.writable) return;
      socket.write(bytes, onTaken);
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

/** Binds a server to its place; what keeps it from it, or undefined. */
function bind(server: Server, url: StreamUrl): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const fail = (error: Error): void => resolve(error);
    server.once('error', fail);
    server.listen(socketPlace(url), () => {
      server.off('error', fail);
      resolve(undefined);
    });
  });
}

/** Whether nobody listens any more at a socket whose file is there: its owner was killed. */
function isAbandoned(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    const settle = (isStale: boolean): void => {
      socket.destroy();
      resolve(isStale);
    };
    socket.once('connect', () => settle(false));
    // Of what is there and no socket, the system says the same.
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      settle(code === 'ECONNREFUSED' && lstatSync(path).isSocket()),
    );
  });
}

/** As {@link bind}; a socket that a dead process left is no obstacle. */
async function bindAnew(
  server: Server,
  url: StreamUrl,
): Promise<NodeJS.ErrnoException | undefined> {
  const error = await bind(server, url);
  if (error?.code !== 'EADDRINUSE' || url.kind !== 'unix') return error;
  if (!(await isAbandoned(url.path))) return error;
  unlinkSync(url.path);
  return await bind(server, url);
}

async function listen(
  url: string,
  onConnection: (connection: Connection) => void,
): Promise<Listener> {
  const parsed = parseStreamUrl(url);
  const server = createServer({ noDelay: true }, (socket) => onConnection(wrap(socket)));
  const error = await bindAnew(server, parsed);
  if (error !== undefined) {
    throw new DagentError('E_LISTEN', { url, reason: describeSocketError(error) });
  }
  return { url: boundUrl(server, parsed), close: () => closeServer(server, parsed) };
}

/** The transport of `cd:` URLs. */
export const streamTransport: Transport = { dial, listen };
