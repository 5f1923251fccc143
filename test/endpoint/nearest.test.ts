import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf, serviceKeyOf } from '../../src/protocol/address.ts';
import { encodeFrame, Kind } from '../../src/protocol/frame.ts';
import { pack } from '../../src/protocol/pack.ts';
import { createPair, listen, quiet, SEED_HERE } from './pair.ts';

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
