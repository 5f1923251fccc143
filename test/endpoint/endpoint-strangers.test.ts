import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf, serviceKeyOf } from '../../src/protocol/address.ts';
import { encodeFrame, Flag, type FrameFields, Kind } from '../../src/protocol/frame.ts';
import { pack } from '../../src/protocol/pack.ts';
import { createPair, listen, openAt, quiet, SEED_HERE } from './pair.ts';

/** A frame from `from`, whoever it says to be in its head. */
function frameFrom(from: string, claim: unknown, more: Partial<FrameFields> = {}): Buffer {
  const [node = '', service = ''] = from.split(':');
  const fields = {
    kind: Kind.MESSAGE,
    fromNode: nodeKeyOf(node),
    fromService: serviceKeyOf(service),
    toNode: nodeKeyOf('there'),
    toService: serviceKeyOf('printer'),
    seed: SEED_HERE,
    number: 1,
    ...more,
  };
  return encodeFrame(fields, pack({ from: claim, to: 'there:printer', cmd: 'PRINT' }));
}

test('a message whose sender is not who it says is dropped and counted', async () => {
  const pair = createPair();
  const heard = listen(pair);
  const claims = ['here:other', 'other:asker', 'asker', '', 'not an address', 7, { a: 1 }, null];
  for (const claim of claims) pair.there.receive(frameFrom('here:asker', claim));
  assert.is(heard.length, 0);
  assert.is(pair.there.counters.forged, claims.length);
  pair.there.receive(frameFrom('here:asker', 'here:asker'));
  assert.is(heard.length, 1);
});

test('a request whose sender is not who it says is not even answered', async () => {
  const pair = createPair();
  pair.there.handle('printer', { onRequest: () => assert.unreachable('it was answered') });
  const more = { kind: Kind.REQUEST };
  pair.there.receive(frameFrom('here:asker', 'root:dagent', more));
  await quiet();
  assert.is(pair.there.counters.forged, 1);
  assert.is(pair.passed.length, 0);
});

test('heads of any shape harm nobody', async () => {
  const pair = createPair();
  const heard = listen(pair);
  const from = 'here:asker';
  const to = 'there:printer';
  const fields = { ...pair.here.identity, kind: Kind.MESSAGE, seed: 1, number: 1 };
  const keys = {
    fromNode: nodeKeyOf('here'),
    fromService: serviceKeyOf('asker'),
    toService: serviceKeyOf('printer'),
  };
  const odd = { toString: 1, valueOf: 2 };
  const heads = [
    { from, to, cmd: odd, params: { a: odd, b: [1, 2], c: null } },
    { from, to, cmd: ['a'], params: 'text' },
    { from, to, cmd: 7n, params: [odd] },
    { from, to, cmd: null, params: new Date(0) },
    [from],
    'text',
  ];
  for (const head of heads) pair.there.receive(encodeFrame({ ...fields, ...keys }, pack(head)));
  const broken = Buffer.from([0xc1, 0xff, 0x00]);
  pair.there.receive(encodeFrame({ ...fields, ...keys }, broken));
  assert.equal(
    heard.map(({ command }) => command),
    ['', 'a', '7', ''],
  );
  assert.equal({ ...heard[0]?.params }, { a: '', b: '1,2', c: '' });
  assert.is(pair.there.counters.forged, 3);
});

test('nothing is sent without a command', () => {
  const pair = createPair();
  const isRefused = (error: Error & { code?: string }) => error.code === 'E_ARGUMENT_INVALID';
  assert.throws(() => pair.here.send({ to: 'there:', command: '' }), isRefused);
  assert.throws(() => pair.here.request({ to: 'there:', command: '' }), isRefused);
});

test('a reply with odd fields is still the outcome', async () => {
  const pair = createPair();
  const { outcome, number } = pair.here.request({ to: 'there:', command: 'ASK' });
  const odd = { toString: 1 };
  const fields = {
    kind: Kind.REPLY,
    flags: Flag.RESPONSE,
    seed: SEED_HERE,
    number,
  };
  pair.here.receive(encodeFrame(fields, pack({ cmd: odd, params: { odd } })));
  const { command, params } = await outcome;
  assert.is(command, '');
  assert.equal({ ...params }, { odd: '' });
});

test('only who asked can send to a stream of the exchange, or cancel it', async () => {
  const pair = createPair();
  const answering = await openAt(pair);
  const heard: string[] = [];
  answering.onData = (_, bytes) => heard.push(bytes.toString());
  answering.onEnd = () => heard.push('end');
  answering.onCancel = () => heard.push('cancel');
  for (const from of ['here:other', 'other:asker']) {
    pair.there.receive(frameFrom(from, '', { kind: Kind.DATA }));
    pair.there.receive(frameFrom(from, '', { kind: Kind.END }));
  }
  pair.there.receive(frameFrom('here:other', '', { kind: Kind.CANCEL }));
  assert.equal(heard, []);
  assert.is(pair.there.counters.forged, 5);
  pair.there.receive(frameFrom('here:asker', '', { kind: Kind.END }));
  // A router on the way may cancel in the name of who asked.
  pair.there.receive(frameFrom('other:asker', '', { kind: Kind.CANCEL }));
  assert.equal(heard, ['end', 'cancel']);
});

test('a second request with the id of one that is open does not take its place', async () => {
  const pair = createPair();
  const answering = await openAt(pair);
  const heard: string[] = [];
  answering.onData = (_, bytes) => heard.push(bytes.toString());
  pair.there.receive(frameFrom('other:thief', 'other:thief', { kind: Kind.REQUEST }));
  await quiet();
  const error = pair.passed.at(-1)?.head.error as { code: string };
  assert.is(error.code, 'E_FRAME_INVALID');
  pair.there.receive(frameFrom('here:asker', '', { kind: Kind.DATA }));
  assert.is(heard.length, 1);
});

test('what belongs to an exchange that is over, or never was, is nobody’s', async () => {
  const pair = createPair();
  const answering = await openAt(pair);
  answering.reply();
  await quiet();
  const before = pair.passed.length;
  for (const kind of [Kind.DATA, Kind.END, Kind.CREDIT, Kind.CANCEL]) {
    pair.there.receive(frameFrom('here:asker', '', { kind }));
    pair.there.receive(frameFrom('here:asker', '', { kind, flags: Flag.RESPONSE }));
  }
  await quiet();
  assert.is(pair.passed.length, before);
});

test.run();
