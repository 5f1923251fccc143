/** Broadcasts and events at the two ends. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf, serviceKeyOf } from '../../src/protocol/address.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { encodeFrame, Flag, Kind, Scope } from '../../src/protocol/frame.ts';
import { HEAD_BYTES_MAX } from '../../src/protocol/limits.ts';
import { pack } from '../../src/protocol/pack.ts';
import { createPair, listen, quiet, SEED_HERE } from './pair.ts';

function failure(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as DagentError).code;
  }
  return '';
}

test('a broadcast says in its prefix how far it goes and to whom', async () => {
  for (const params of [undefined, { a: '1' }]) {
    const pair = createPair();
    for (const to of ['.', '?', '*', '*:printer']) pair.here.send({ to, command: 'X', params });
    await quiet();
    const sent = pair.passed.map(({ kind, flags, channel, toNode, toService, head }) => {
      assert.equal([kind, flags, toNode], [Kind.MESSAGE, Flag.BROADCAST, 0]);
      return [head.to, channel, toService];
    });
    assert.equal(sent, [
      ['.', Scope.NODE, 0],
      ['?', Scope.REALM, 0],
      ['*', Scope.EVERYWHERE, 0],
      ['*:printer', Scope.EVERYWHERE, serviceKeyOf('printer')],
    ]);
  }
});

test('who listens sees to which address it was sent', async () => {
  const pair = createPair();
  const heard = listen(pair);
  for (const to of ['*', '?:printer', '*:other']) pair.here.send({ to, command: 'X' });
  await quiet();
  assert.equal(
    heard.map(({ to, from }) => [to, from]),
    [
      ['*', 'here:asker'],
      ['?:printer', 'here:asker'],
    ],
  );
  assert.is(pair.there.counters.unexpected, 1);
});

test('an event has its topic, and the key of it', async () => {
  const pair = createPair();
  const heard: string[] = [];
  pair.there.onEvent = ({ to, from, data }) => heard.push(`${to} ${from} ${data}`);
  for (const params of [undefined, { a: '1' }]) {
    pair.here.publish({ topic: 'a.b', params, data: Buffer.from('text') });
  }
  await quiet();
  assert.equal(heard, ['a.b here:asker text', 'a.b here:asker text']);
  for (const { kind, toService, toNode } of pair.passed) {
    assert.equal([kind, toService, toNode], [Kind.EVENT, serviceKeyOf('a.b'), 0]);
  }
});

test('what is forged is counted, and heard by nobody', () => {
  const pair = createPair();
  const heard = listen(pair);
  pair.there.onEvent = () => assert.unreachable('it was heard');
  const source = {
    fromNode: nodeKeyOf('here'),
    fromService: serviceKeyOf('asker'),
    seed: SEED_HERE,
  };
  const head = pack({ from: 'here:other', to: '*', topic: 'a', cmd: 'X' });
  for (const kind of [Kind.MESSAGE, Kind.EVENT]) {
    pair.there.receive(encodeFrame({ kind, flags: Flag.BROADCAST, ...source }, head));
  }
  assert.is(heard.length, 0);
  assert.is(pair.there.counters.forged, 2);
});

test('what cannot go to many, or is too much, is refused before it is sent', async () => {
  const { here, passed } = createPair();
  const params = { a: 'x'.repeat(HEAD_BYTES_MAX) };
  assert.is(
    failure(() => here.request({ to: '*', command: 'X' })),
    'E_BROADCAST',
  );
  assert.is(
    failure(() => here.sendReported({ to: '?:a', command: 'X' })),
    'E_BROADCAST',
  );
  assert.is(
    failure(() => here.send({ to: '*:', command: 'X' })),
    'E_ADDRESS_INVALID',
  );
  assert.is(
    failure(() => here.publish({ topic: 'a.*' })),
    'E_TOPIC_INVALID',
  );
  assert.is(
    failure(() => here.publish({ topic: 'a', params })),
    'E_TOO_LARGE',
  );
  const error = new DagentError('E_CONNECTION_LOST', { node: 'there', reason: 'a test' });
  here.close(error);
  assert.is(
    failure(() => here.publish({ topic: 'a' })),
    'E_CONNECTION_LOST',
  );
  await quiet();
  assert.is(passed.length, 0);
});

test.run();
