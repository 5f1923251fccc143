import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DagentError } from '../../src/protocol/errors.ts';
import { encodeFrame, Flag, Kind } from '../../src/protocol/frame.ts';
import { BODY_BYTES_MAX, HEAD_BYTES_MAX } from '../../src/protocol/limits.ts';
import { createPair, listen, openAt, quiet, SEED_HERE } from './pair.ts';

const isTooLarge = (error: DagentError) => error.code === 'E_TOO_LARGE';
const LOST = new DagentError('E_CONNECTION_LOST', { node: 'there', reason: 'it is a test' });

test('a message arrives as it was sent', async () => {
  const pair = createPair();
  const heard = listen(pair);
  const params = { copies: '2', page: 'Ä4' };
  pair.here.send({ to: 'there:printer', command: 'PRINT', params, data: Buffer.from('text') });
  await quiet();
  const [message] = heard;
  assert.is(message?.from, 'here:asker');
  assert.is(message?.to, 'there:printer');
  assert.is(message?.command, 'PRINT');
  assert.equal({ ...message?.params }, params);
  assert.is(message?.data.toString(), 'text');
  assert.is(message?.sn, '1111111100000001');
  assert.is(message?.isCall, false);
});

test('ids count up, and no two requests or messages have the same', async () => {
  const pair = createPair();
  const heard = listen(pair);
  for (let count = 0; count < 3; count++) pair.here.send({ to: 'there:printer', command: 'PRINT' });
  await quiet();
  assert.equal(
    heard.map(({ sn }) => sn),
    ['1111111100000001', '1111111100000002', '1111111100000003'],
  );
});

test('a message can be sent in the name of any service', async () => {
  const pair = createPair();
  const heard = listen(pair);
  pair.here.send({ to: 'there:printer', command: 'PRINT', from: 'office' });
  pair.here.send({ to: 'there:printer', command: 'PRINT' });
  await quiet();
  assert.equal(
    heard.map(({ from }) => from),
    ['here:office', 'here:asker'],
  );
});

test('the head of a repeated message is encoded once; one with parameters each time', async () => {
  const pair = createPair();
  const heard = listen(pair);
  const to = 'there:printer';
  for (const text of ['a', 'b']) {
    pair.here.send({ to, command: 'PRINT', params: { text } });
    pair.here.send({ to, command: 'PRINT' });
    pair.here.send({ to, command: 'STOP' });
    pair.here.send({ to, command: 'PRINT', from: 'office' });
  }
  await quiet();
  assert.equal(
    heard.map(({ from, command, params }) => `${from} ${command} ${params.text ?? ''}`),
    ['a', 'b'].flatMap((text) => [
      `here:asker PRINT ${text}`,
      'here:asker PRINT ',
      'here:asker STOP ',
      'here:office PRINT ',
    ]),
  );
});

test('a call and a request of one command are told apart', async () => {
  const pair = createPair();
  const calls: boolean[] = [];
  pair.there.handle('dagent', {
    onRequest(exchange) {
      calls.push(exchange.request.isCall);
      exchange.reply();
    },
  });
  const out = { to: 'there:', command: 'admin.echo' };
  for (const isCall of [true, false, true]) await pair.here.request({ ...out, isCall }).outcome;
  assert.equal(calls, [true, false, true]);
});

test('more destinations than are remembered are served all the same', async () => {
  const pair = createPair();
  const heard = listen(pair);
  for (let index = 0; index < 5000; index++) {
    pair.here.send({ to: `node${index}:printer`, command: 'PRINT', from: `from${index}` });
  }
  await quiet();
  assert.is(heard.length, 5000);
  assert.is(heard[4999]?.from, 'here:from4999');
});

test('what cannot be an address is refused before anything is sent', async () => {
  const pair = createPair();
  for (const to of ['', ':', 'a b', 'node:a/b', ':service']) {
    assert.throws(
      () => pair.here.send({ to, command: 'PRINT' }),
      (error: DagentError) => error.code === 'E_ADDRESS_INVALID' && error.values.address === to,
    );
    assert.throws(() => pair.here.request({ to, command: 'PRINT' }), /not an address/);
  }
  await quiet();
  assert.is(pair.passed.length, 0);
});

test('the largest message passes; one byte more of data or of head is refused', async () => {
  const pair = createPair();
  const heard = listen(pair);
  const to = 'there:printer';
  const text = 'x'.repeat(HEAD_BYTES_MAX - 100);
  pair.here.send({ to, command: 'P', params: { text }, data: Buffer.alloc(BODY_BYTES_MAX) });
  await quiet();
  assert.is(heard[0]?.data.length, BODY_BYTES_MAX);
  assert.is(heard[0]?.params.text, text);
  const data = Buffer.alloc(BODY_BYTES_MAX + 1);
  assert.throws(() => pair.here.send({ to, command: 'P', data }), isTooLarge);
  assert.throws(() => pair.here.request({ to, command: 'P', data }), isTooLarge);
  const params = { text: `${text}${'x'.repeat(100)}` };
  assert.throws(() => pair.here.send({ to, command: 'P', params }), isTooLarge);
  assert.throws(() => pair.here.send({ to, command: 'x'.repeat(HEAD_BYTES_MAX) }), isTooLarge);
});

test('a message for nobody is counted, a request for nobody rejected', async () => {
  const pair = createPair();
  listen(pair);
  pair.here.send({ to: 'there:nobody', command: 'PRINT' });
  await quiet();
  assert.is(pair.there.counters.unexpected, 1);
  const { outcome } = pair.here.request({ to: 'there:printer', command: 'PRINT' });
  const error = await outcome.catch((thrown) => thrown);
  assert.is(error.code, 'E_NOT_UNDERSTOOD');
  assert.is(error.message, 'there:printer does not understand PRINT');
});

test('a service that is not handled any more gets nothing', async () => {
  const pair = createPair();
  const heard = listen(pair);
  pair.there.unhandle('printer');
  pair.here.send({ to: 'there:printer', command: 'PRINT' });
  await quiet();
  assert.is(heard.length, 0);
  assert.is(pair.there.counters.unexpected, 1);
});

test('a reported message has an outcome, whatever it is', async () => {
  const pair = createPair();
  const heard = listen(pair);
  const { outcome, number } = pair.here.sendReported({ to: 'there:printer', command: 'PRINT' });
  await quiet();
  assert.is(heard.length, 1);
  assert.is(pair.passed[0]?.flags, Flag.REPORT);
  // The router of the receiver's node confirms; here the test does.
  const fields = { kind: Kind.REPLY, flags: Flag.RESPONSE, seed: SEED_HERE, number };
  pair.here.receive(encodeFrame(fields));
  assert.is((await outcome).data.length, 0);
});

test('a timeout travels with the request', async () => {
  const pair = createPair();
  pair.here.request({ to: 'there:', command: 'ASK', timeoutMs: 1_250 });
  pair.here.request({ to: 'there:', command: 'ASK' });
  await quiet();
  assert.equal(
    pair.passed.filter(({ kind }) => kind === Kind.REQUEST).map(({ timeout }) => timeout),
    [13, 0],
  );
});

test('when the connection is lost every exchange ends, at both sides', async () => {
  const pair = createPair();
  const answering = await openAt(pair);
  let cancelCount = 0;
  answering.onCancel = () => cancelCount++;
  const asked = ['one', 'two'].map((command) =>
    pair.here.request({ to: 'there:printer', command }),
  );
  pair.here.close(LOST);
  pair.there.close(LOST);
  for (const { outcome } of asked) assert.is(await outcome.catch((error) => error), LOST);
  assert.is(cancelCount, 1);
  answering.reply();
});

test('after the connection is lost nothing can be sent and nothing waits', async () => {
  const pair = createPair();
  pair.here.close(LOST);
  const out = { to: 'there:printer', command: 'PRINT' };
  const isLost = (error: unknown) => error === LOST;
  assert.throws(() => pair.here.send(out), isLost);
  for (const { outcome } of [pair.here.request(out), pair.here.sendReported(out)]) {
    assert.is(await outcome.catch((error) => error), LOST);
  }
  await quiet();
  assert.is(pair.passed.length, 0);
});

test.run();
