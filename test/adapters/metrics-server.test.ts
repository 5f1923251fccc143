import { once } from 'node:events';
import { Agent, get, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type MetricsServer, openMetricsServer } from '../../src/adapters/metrics-server.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import {
  METRICS_CONNECTIONS_MAX,
  METRICS_HEAD_BYTES_MAX,
  METRICS_HTTP_MS_MAX,
  METRICS_IDLE_MS_MAX,
} from '../../src/protocol/limits.ts';

const test = suite('the metrics server');
const PLACE = { host: '127.0.0.1', port: 0 };
const sockets: Socket[] = [];
const servers: MetricsServer[] = [];
let server: MetricsServer;
let isIll = false;
let text = 'é 1\n';

// One for each: what a former test has left open would count.
test.before.each(async () => {
  server = await openMetricsServer(PLACE, () =>
    isIll ? Promise.reject(new Error('ill')) : Promise.resolve({ type: 'text/x', text }),
  );
  servers.push(server);
});
test.after(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.map((each) => each.close()));
});

async function read(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

async function ask(path: string, method = 'GET', headers = {}): Promise<[number, string]> {
  const { hostname, port } = new URL(server.url);
  const asking = request({ hostname, port, path, method, headers, agent: false });
  asking.end();
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  return [response.statusCode ?? 0, await read(response)];
}

async function open(): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

test('it has one page, with the actual port in its URL', async () => {
  assert.match(server.url, /^http:\/\/127\.0\.0\.1:[1-9]\d*\/metrics$/);
  const response = await new Promise<IncomingMessage>((resolve) => get(server.url, resolve));
  assert.is(response.headers['content-type'], 'text/x');
  assert.is(await read(response), 'é 1\n');
  assert.equal(await ask('/metrics?x=1'), [200, 'é 1\n']);
  assert.equal(await ask('/metrics', 'HEAD'), [200, '']);
});

test('what is not that page, or not to be read, is refused', async () => {
  assert.equal(await ask('/'), [404, 'see /metrics\n']);
  assert.equal(await ask('/metricsX'), [404, 'see /metrics\n']);
  assert.equal(await ask('/metrics', 'POST'), [405, 'GET and HEAD only\n']);
});

test('a page that cannot be made is an error of the server, and the next one is told', async () => {
  isIll = true;
  assert.is((await ask('/metrics'))[0], 500);
  isIll = false;
  assert.is((await ask('/metrics'))[0], 200);
});

test('a connection is used again, for METRICS_IDLE_MS_MAX', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ports = new Set<number | undefined>();
  let keptFor: unknown;
  for (let at = 0; at < 3; at++) {
    const response = await new Promise<IncomingMessage>((resolve) => {
      get(server.url, { agent }, resolve);
    });
    ports.add(response.socket.localPort);
    keptFor = response.headers['keep-alive'];
    await read(response);
  }
  agent.destroy();
  assert.is(ports.size, 1);
  assert.is(keptFor, `timeout=${METRICS_IDLE_MS_MAX / 1000}`);
});

test('a head of more than METRICS_HEAD_BYTES_MAX is refused', async () => {
  const [status] = await ask('/metrics', 'GET', { x: 'x'.repeat(METRICS_HEAD_BYTES_MAX) });
  assert.is(status, 431);
});

test('more than METRICS_CONNECTIONS_MAX connections are closed at once', async () => {
  const open16 = await Promise.all(Array.from({ length: METRICS_CONNECTIONS_MAX }, open));
  const more = await open();
  await once(more, 'close');
  assert.ok(open16.every((socket) => !socket.destroyed));
});

test('who does not ask, or not read, to the end within METRICS_HTTP_MS_MAX is closed', async () => {
  text = 'x'.repeat(50_000_000);
  const [asker, reader] = [await open(), await open()];
  const startMs = performance.now();
  asker.write('GET /metrics HTTP/1.1\r\nhost: x\r\n');
  asker.resume();
  reader.write('GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n');
  let bytes = 0;
  await once(asker, 'close');
  const ms = performance.now() - startMs;
  assert.ok(ms > METRICS_HTTP_MS_MAX - 1_000, `${ms} ms`);
  reader.on('data', (part) => {
    bytes += part.length;
  });
  await once(reader, 'close');
  assert.ok(bytes < text.length, `${bytes} bytes came`);
});

test('a place that is taken says so, with its URL', async () => {
  const port = Number(new URL(server.url).port);
  const failure = await openMetricsServer({ ...PLACE, port }, () =>
    Promise.resolve({ type: '', text: '' }),
  ).catch((error: DagentError) => error);
  assert.is((failure as DagentError).code, 'E_LISTEN');
  assert.match((failure as DagentError).message, /127\.0\.0\.1:\d+\/metrics.*in use/);
});

test.run();
