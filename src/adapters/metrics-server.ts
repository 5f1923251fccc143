/**
 * An HTTP server with one page, for who scrapes a node: `/metrics`. It takes few connections, for a
 * short time, and reads nothing but the head of a request. Node's HTTP is loaded when one is
 * opened.
 */
import type { Server, ServerResponse } from 'node:http';
import { DagentError } from '../protocol/errors.ts';
import {
  METRICS_CONNECTIONS_MAX,
  METRICS_HEAD_BYTES_MAX,
  METRICS_HTTP_MS_MAX,
  METRICS_IDLE_MS_MAX,
} from '../protocol/limits.ts';
import { describeSocketError } from './socket.ts';

/** How often requests that take too long are looked for. */
const CHECK_MS = 1_000;
const PATH = '/metrics';

export interface MetricsPage {
  readonly type: string;
  readonly text: string;
}

export interface MetricsServer {
  /** Where it is, with the actual port. */
  readonly url: string;
  close(): Promise<void>;
}

interface Place {
  readonly host: string;
  readonly port: number;
}

function urlOf({ host, port }: Place): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}${PATH}`;
}

function send(response: ServerResponse, status: number, { type, text }: MetricsPage): void {
  const body = Buffer.from(text);
  response.writeHead(status, { 'content-type': type, 'content-length': body.length });
  response.end(body);
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.shouldKeepAlive = false;
  send(response, status, { type: 'text/plain; charset=utf-8', text: `${text}\n` });
}

/** Settles when it listens. Rejects with why it does not. */
function listen(server: Server, { host, port }: Place): Promise<Place> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve({
        host,
        port: typeof address === 'object' && address !== null ? address.port : port,
      });
    });
  });
}

/** Opens a server at a place; port 0 takes a free one. Throws E_LISTEN. */
export async function openMetricsServer(
  place: Place,
  render: () => Promise<MetricsPage>,
): Promise<MetricsServer> {
  const { createServer } = await import('node:http');
  const server = createServer(
    {
      maxHeaderSize: METRICS_HEAD_BYTES_MAX,
      headersTimeout: METRICS_HTTP_MS_MAX,
      requestTimeout: METRICS_HTTP_MS_MAX,
      connectionsCheckingInterval: CHECK_MS,
      keepAliveTimeout: METRICS_IDLE_MS_MAX,
    },
    ({ method, url = '' }, response) => {
      // Who does not read is not waited for.
      const late = setTimeout(() => response.destroy(), METRICS_HTTP_MS_MAX);
      response.once('close', () => clearTimeout(late));
      if (method !== 'GET' && method !== 'HEAD') return refuse(response, 405, 'GET and HEAD only');
      if (url !== PATH && !url.startsWith(`${PATH}?`)) {
        return refuse(response, 404, `see ${PATH}`);
      }
      render().then(
        (page) => send(response, 200, page),
        () => refuse(response, 500, 'no figures'),
      );
    },
  );
  server.maxConnections = METRICS_CONNECTIONS_MAX;
  try {
    const bound = await listen(server, place);
    return { url: urlOf(bound), close: () => close(server) };
  } catch (error) {
    const reason = describeSocketError(error as NodeJS.ErrnoException);
    throw new DagentError('E_LISTEN', { url: urlOf(place), reason });
  }
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
