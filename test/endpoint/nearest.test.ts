import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf, serviceKeyOf } from '../../src/protocol/address.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { encodeFrame, Flag, Kind } from '../../src/protocol/frame.ts';
import { pack } from '../../src/protocol/pack.ts';
import { createPair, kindsBy, listen, quiet, SEED_HERE } from './pair.ts';

test('who asked for the nearest service goes on with the node that answered', async () => {
  const pair = createPair();
  pair.there.handle('printer', { onRequest: (exchange) => exchange.progress('on it') });
  const asking = pair.here.request({ to: 'printer', command: 'WORK' });
  await quiet();
  asking.write(0, Buffer.from('paper'));
  asking.cancel();
  await quiet();
  const sent = pair.passed.filter(({ by }) => by === 'here').map(({ toNode }) => toNode);
  assert.equal(sent, [0, nodeKeyOf('there'), nodeKeyOf('there')]);
});

test('who streams to the nearest at once waits until it is known which one that is', async () => {
  const pair = createPair();
  pair.there.handle('printer', { onRequest: () => undefined });
  let drainCount = 0;
  const asking = pair.here.request({ to: 'printer', command: 'WORK' });
  asking.onDrain = () => drainCount++;
  const isTaken = asking.write(0, Buffer.from('paper'));
  asking.end(0);
  await quiet();
  assert.not.ok(isTaken);
  assert.equal(kindsBy(pair, 'here'), [Kind.REQUEST, Kind.TAKEN]);
  const { number = 0, toService = 0, fromService = 0 } = pair.passed[0] ?? {};
  const id = { seed: SEED_HERE, number, flags: Flag.RESPONSE };
  const router = { ...id, toService: fromService, fromNode: nodeKeyOf('between') };
  pair.here.receive(encodeFrame({ kind: Kind.PROGRESS, ...router, fromService: 0 }));
  await quiet();
  assert.is(kindsBy(pair, 'here').length, 2, 'a router is not the one');
  const there = { ...router, fromNode: nodeKeyOf('there'), fromService: toService };
  pair.here.receive(encodeFrame({ kind: Kind.TAKEN, ...there }));
  await quiet();
  assert.equal(kindsBy(pair, 'here').slice(2), [Kind.DATA, Kind.END]);
  const sent = pair.passed.slice(2).map(({ toNode }) => toNode);
  assert.equal(sent, [nodeKeyOf('there'), nodeKeyOf('there')]);
  assert.is(drainCount, 1);
});

test('a cancel waits too, and goes before what was written', async () => {
  const pair = createPair();
  pair.there.handle('printer', { onRequest: () => undefined });

  test('who gave up before it was known which one it is still tells it to stop', async () => {
    const pair = createPair();
    pair.there.handle('printer', { onRequest: () => undefined });
    const asking = pair.here.request({ to: 'printer', command: 'WORK' });
    asking.cancel();
    asking.fail(new DagentError('E_CANCELLED', { method: 'WORK', to: 'printer' }));
    await quiet();
    const { number = 0, toService = 0, fromService = 0 } = pair.passed[0] ?? {};
    const id = { seed: SEED_HERE, number, flags: Flag.RESPONSE };
    const there = { fromNode: nodeKeyOf('there'), fromService: toService, toService: fromService };
    pair.here.receive(encodeFrame({ kind: Kind.TAKEN, ...id, ...there }));
    await quiet();
    assert.equal(kindsBy(pair, 'here').slice(2), [Kind.CANCEL]);
  });
  const asking = pair.here.request({ to: 'printer', command: 'WORK' });
  asking.cancel();
  asking.cancel();
  await quiet();
  assert.equal(kindsBy(pair, 'here'), [Kind.REQUEST, Kind.TAKEN]);
  const { number = 0, toService = 0, fromService = 0 } = pair.passed[0] ?? {};
  const id = { seed: SEED_HERE, number, flags: Flag.RESPONSE };
  const there = { fromNode: nodeKeyOf('there'), fromService: toService, toService: fromService };
  pair.here.receive(encodeFrame({ kind: Kind.TAKEN, ...id, ...there }));
  await quiet();
  assert.equal(kindsBy(pair, 'here').slice(2), [Kind.CANCEL]);
});

test('a message for a service of another name is not taken, even if both have one key', () => {
  const pair = createPair();
  const heard = listen(pair);
  const fields = {
    kind: Kind.MESSAGE,
    toNode: nodeKeyOf('there'),
    toService: serviceKeyOf('printer'),
    fromNode: nodeKeyOf('here'),
    fromService: serviceKeyOf('asker'),
    seed: SEED_HERE,
    number: 1,
  };
  const head = pack({ from: 'here:asker', to: 'there:plotter', cmd: 'PRINT' });
  pair.there.receive(encodeFrame(fields, head));
  assert.is(heard.length, 0);
  assert.is(pair.there.counters.unexpected, 1);
});

test.run();
