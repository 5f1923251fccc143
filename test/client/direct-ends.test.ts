import { readdirSync } from 'node:fs';
import { connect as dialSocket } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pathsOf } from '../../src/adapters/home.ts';
import type { Answering } from '../../src/endpoint/answering.ts';
import { encodeFrame, Kind, MAGIC } from '../../src/protocol/frame.ts';
import { DIRECT_CONNECTIONS_MAX } from '../../src/protocol/limits.ts';
import { pack } from '../../src/protocol/pack.ts';
import { failure, listen, numbers, realm, sendUntil, successors, testPair } from './direct-pair.ts';

const directory = pathsOf(realm.home, 'root').runDir;

testPair(
  'when the receiver ends, its successor is reached through the daemon, then directly',
  async (here, there) => {
    await listen(there);
    await sendUntil(here, 'direct');
    await there.close();
    while (here.wayTo('sink') === 'direct') await new Promise((resolve) => setImmediate(resolve));
    assert.is((await failure(here.deliver('sink', 'N', { cache: 'no' }))).code, 'E_UNREACHABLE');
    const next = await realm.connect('root');
    successors.push(next);
    const heard = await listen(next);
    const count = await sendUntil(here, 'direct');
    await here.deliver('sink', 'N', { data: Buffer.from(String(count)) });
    assert.equal(heard, numbers(count + 1));
  },
);

testPair('a service that is given back is not spoken to directly any more', async (here, there) => {
  await listen(there);
  await sendUntil(here, 'direct');
  there.unregister('sink');
  const next = await realm.connect('root');
  successors.push(next);
  const heard = await listen(next);
  while (here.wayTo('sink') === 'direct') await new Promise((resolve) => setImmediate(resolve));
  await here.deliver('sink', 'N', { data: Buffer.from('after') });
  assert.equal(heard, ['after']);
});

testPair('what is asked of one that dies is lost, once', async (here, there) => {
  await there.register('sink', { onMessage() {}, onRequest() {} });
  await sendUntil(here, 'direct');
  const asked = numbers(10).map(() => failure(here.request('sink', 'ASK')));
  await here.drained();
  await there.close();
  const errors = await Promise.all(asked);
  assert.equal(
    errors.map(({ code }) => code),
    numbers(10).map(() => 'E_LOST'),
  );
  assert.is(errors[0]?.values.to, 'sink');
});

testPair(
  'a request that is not answered in time ends, and who works on it is told',
  async (here, there) => {
    let onCancel = (): void => {};
    const isCancelled = new Promise<void>((resolve) => {
      onCancel = resolve;
    });
    await there.register('sink', {
      onMessage() {},
      onRequest(exchange) {
        exchange.onCancel = onCancel;
      },
    });
    await sendUntil(here, 'direct');
    const error = await failure(here.request('sink', 'ASK', { timeoutMs: 100 }));
    assert.is(error.code, 'E_DEADLINE');
    assert.is(error.values.ms, 100);
    await isCancelled;
  },
);

testPair('who works for one that dies is told', async (here, there) => {
  const answering = new Promise<Answering>((resolve) => {
    void there.register('sink', { onMessage() {}, onRequest: resolve });
  });
  await sendUntil(here, 'direct');
  const asked = failure(here.request('sink', 'ASK'));
  const exchange = await answering;
  const isCancelled = new Promise<void>((resolve) => {
    exchange.onCancel = resolve;
  });
  await here.close();
  await isCancelled;
  assert.is((await asked).code, 'E_CONNECTION_LOST');
});

testPair('a stranger at the socket hears nothing and is sent away', async (here, there) => {
  const heard = await listen(there);
  await sendUntil(here, 'direct');
  const count = heard.length;
  const [name = ''] = readdirSync(directory).filter((each) => each.startsWith('direct-'));
  const hello = encodeFrame({ kind: Kind.HELLO }, pack({ as: 'direct', token: '0'.repeat(32) }));
  for (const words of [Buffer.from('GET / HTTP/1.1\r\n\r\n'), Buffer.concat([MAGIC, hello])]) {
    const socket = dialSocket(join(directory, name));
    let answeredBytes = 0;
    socket.on('data', (bytes) => {
      answeredBytes += bytes.length;
    });
    socket.on('error', () => undefined);
    socket.write(words);
    await new Promise((resolve) => socket.once('close', resolve));
    assert.is(answeredBytes, 0);
  }
  assert.ok(heard.length >= count);
  assert.is(there.directStatistics().acceptedCount, 1);
});

testPair('a program has so many direct connections, and no more', async (here, there) => {
  const names = numbers(DIRECT_CONNECTIONS_MAX + 1).map((index) => `s${index}`);
  const heard = await Promise.all(names.map((name) => listen(there, name)));
  const sent = names.map(() => 0);
  const open = (): number => names.filter((name) => here.wayTo(name) === 'direct').length;
  for (let round = 0; round < 200 && open() < DIRECT_CONNECTIONS_MAX; round++) {
    for (const [index, name] of names.entries()) {
      for (let burst = 0; burst < 500; burst++) {
        here.send(name, 'N', { data: Buffer.from(String(sent[index])) });
        sent[index] = (sent[index] ?? 0) + 1;
      }
      await here.drained();
    }
  }
  assert.is(open(), DIRECT_CONNECTIONS_MAX);
  for (const name of names) await here.deliver(name, 'N', { data: Buffer.from('end') });
  for (const [index, each] of heard.entries()) {
    assert.equal(each, [...numbers(sent[index] ?? 0), 'end']);
  }
});

test('nothing is left when all programs are gone', async () => {
  assert.equal(
    readdirSync(directory).filter((name) => name.startsWith('direct-')),
    [],
  );
});

test.run();
