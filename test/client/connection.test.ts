import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { connect } from '../../src/client/client.ts';
import type { ConnectOptions } from '../../src/client/connection.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { encodeFrame, Kind } from '../../src/protocol/frame.ts';
import { pack } from '../../src/protocol/pack.ts';
import { Realm } from './realm.ts';

const realm = new Realm();
await realm.start('zroot', undefined, { listen: ['cd://127.0.0.1:0'] });
await realm.start('aleaf', 'zroot', { role: 'leaf' });
const emptyDir = mkdtempSync(join(tmpdir(), 'empty-'));

/** What connecting fails with. */
async function failure(options: ConnectOptions): Promise<DagentError> {
  const thrown = await connect(options).then(
    (client) => client.close(),
    (error: unknown) => error,
  );
  assert.instance(thrown, DagentError);
  return thrown as DagentError;
}

/** The node that a program gets to. */
async function nodeOf(options: ConnectOptions): Promise<string> {
  const client = await connect(options);
  await client.close();
  return client.node;
}

interface Impostor {
  readonly url: string;
  end(): Promise<void>;
}

/** A server that is no daemon: it says `words` to whoever connects. */
async function impostor(words: readonly Buffer[], then?: 'close'): Promise<Impostor> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined).resume();
    for (const word of words) socket.write(word);
    if (then === 'close') socket.end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `cd://127.0.0.1:${port}`,
    end: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

test('without more being said the daemon nearest to the root is taken', async () => {
  assert.is(await nodeOf({ home: realm.dir }), 'zroot');
});

test('a daemon can be named, by its name or its URL', async () => {
  assert.is(await nodeOf({ home: realm.dir, via: 'aleaf' }), 'aleaf');
  const [socket = '', tcp = ''] = realm.status('zroot').listen;
  assert.match(tcp, /^cd:\/\/127\.0\.0\.1:\d+$/);
  assert.is(await nodeOf({ home: emptyDir, via: socket }), 'zroot');
  assert.is(await nodeOf({ home: emptyDir, via: tcp }), 'zroot');
});

test('the environment names home and daemon where nobody else does', async () => {
  const { DAGENT_HOME, DAGENT_VIA } = process.env;
  try {
    process.env.DAGENT_HOME = realm.dir;
    process.env.DAGENT_VIA = 'aleaf';
    assert.is(await nodeOf({}), 'aleaf');
    assert.is(await nodeOf({ via: 'zroot' }), 'zroot');
    process.env.DAGENT_VIA = '';
    assert.is(await nodeOf({}), 'zroot');
  } finally {
    for (const [name, value] of Object.entries({ DAGENT_HOME, DAGENT_VIA })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
});

test('where no daemon runs, it says so and how to start one', async () => {
  const error = await failure({ home: emptyDir });
  assert.is(error.code, 'E_NO_DAEMON');
  assert.is(error.message, `no daemon is running in ${emptyDir}`);
  assert.is(error.hint, 'start one: dagent daemon start');
});

test('a daemon that is not there is named', async () => {
  const error = await failure({ home: realm.dir, via: 'web9' });
  assert.is(error.code, 'E_VIA_UNKNOWN');
  assert.is(error.message, `no daemon named web9 is running in ${realm.dir}`);
  assert.is((await failure({ home: realm.dir, via: '../zroot' })).code, 'E_NAME_INVALID');
  assert.is((await failure({ home: realm.dir, via: 'cd:nowhere' })).code, 'E_URL_INVALID');
  assert.is((await failure({ via: `cd:${emptyDir}/nothing` })).code, 'E_CONNECT');
});

test('a daemon that has died just now is passed over for one that lives', async () => {
  await realm.start('other');
  realm.loseSocket('other');
  for (let count = 0; count < 3; count++) assert.is(await nodeOf({ home: realm.dir }), 'zroot');
  assert.is((await failure({ home: realm.dir, via: 'other' })).code, 'E_CONNECT');
  await realm.stop('other');
});

const NOT_OURS: readonly (readonly [string, readonly Buffer[]])[] = [
  [
    'a web server',
    [Buffer.from('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'.repeat(3))],
  ],
  [
    'an SSH server',
    [Buffer.from('SSH-2.0-OpenSSH_9.6 and a comment that makes it long enough\r\n')],
  ],
  ['a frame that is no welcome', [encodeFrame({ kind: Kind.PING })]],
  ['a welcome without content', [encodeFrame({ kind: Kind.WELCOME })]],
];

for (const [title, words] of NOT_OURS) {
  test(`${title} is not ours, and says so`, async () => {
    const { url, end } = await impostor(words);
    assert.is((await failure({ via: url })).code, 'E_NOT_OURS');
    await end();
  });
}

test('what a daemon refuses with is what is told', async () => {
  const error = { code: 'E_BUSY', values: { max: 5 }, origin: 'root' };
  const { url, end } = await impostor([encodeFrame({ kind: Kind.REFUSE }, pack({ error }))]);
  const { code, origin } = await failure({ via: url });
  assert.is(code, 'E_BUSY');
  assert.is(origin, 'root');
  await end();
});

test('who takes the connection and says nothing is given up in time', async () => {
  const { url, end } = await impostor([]);
  const { code, message } = await failure({ via: url, timeoutMs: 50 });
  assert.is(code, 'E_HANDSHAKE_TIMEOUT');
  assert.is(message, 'no handshake within 50 ms');
  await end();
});

test('what comes right behind the welcome is heard', async () => {
  const record = { name: 'fast', id: '0123456789abcdef', role: 'root', parent: null, services: [] };
  const numbers = { incarnation: 1, seqno: 0, version: '1' };
  const welcome = { version: 1, realm: 'test', depth: 0, holdMs: 3_000, endpoint: '~1', seed: 1 };
  const head = pack({ ...welcome, record: { ...record, ...numbers } });
  const error = { code: 'E_LEAVING', values: { node: 'fast' } };
  const goodbye = encodeFrame({ kind: Kind.GOODBYE }, pack({ error }));
  const words = Buffer.concat([encodeFrame({ kind: Kind.WELCOME }, head), goodbye]);
  const { url, end } = await impostor([words], 'close');
  const client = await connect({ via: url, reconnect: false });
  const lost = await client.closed;
  assert.is(lost?.message, 'fast is shutting down');
  await end();
});

test.after(async () => {
  await realm.end();
  rmSync(emptyDir, { recursive: true, force: true });
});
test.run();
