import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { streamTransport } from '../../src/adapters/stream-transport.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { testTransport } from '../compliance/transport.ts';

const dir = mkdtempSync(join(tmpdir(), 'transport-'));
const socketPath = join(dir, 'socket');

/** A port of this host on which nobody listens: it was free a moment ago. */
async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const freePort = await findFreePort();

testTransport('TCP', {
  transport: streamTransport,
  freeUrl: () => 'cd://127.0.0.1:0',
  deadUrl: () => `cd://127.0.0.1:${freePort}`,
});

testTransport('TCP over IPv6', {
  transport: streamTransport,
  freeUrl: () => 'cd://[::1]:0',
  deadUrl: () => `cd://[::1]:${freePort}`,
});

testTransport('Unix socket', {
  transport: streamTransport,
  freeUrl: () => `cd:${socketPath}`,
  deadUrl: () => `cd:${join(dir, 'nothing')}`,
});

test('a socket file goes with its listener', async () => {
  const listener = await streamTransport.listen(`cd:${socketPath}`, () => undefined);
  assert.ok(existsSync(socketPath));
  await listener.close();
  assert.not.ok(existsSync(socketPath));
});

test('a socket file of which the listener is dead is nobody to dial', async () => {
  writeFileSync(socketPath, '');
  const thrown = await streamTransport.dial(`cd:${socketPath}`, 1_000).catch((error) => error);
  rmSync(socketPath);
  assert.instance(thrown, DagentError);
  assert.is(thrown.values.reason, 'nobody listens there');
});

test.after(() => rmSync(dir, { recursive: true, force: true }));
test.run();
