import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SEND_QUEUE_BYTES } from '../../src/protocol/limits-client.ts';
import { Realm } from './realm.ts';

const PIECE = Buffer.alloc(1_000);
/** What the system takes by itself from a process that sends and does nothing else, at most. */
const SYSTEM_BYTES_MAX = 8_388_608;

const realm = new Realm();
await realm.start('root');

test('send says to wait when SEND_QUEUE_BYTES wait, and once they have left no more', async () => {
  const [here, there] = [await realm.connect('root'), await realm.connect('root')];
  let receivedCount = 0;
  await there.register('sink', { onMessage: () => void receivedCount++ });
  let sentCount = 1;
  while (here.send('root:sink', 'N', { data: PIECE })) {
    sentCount++;
    assert.ok(sentCount * PIECE.length < SEND_QUEUE_BYTES + SYSTEM_BYTES_MAX);
  }
  assert.ok(sentCount * PIECE.length > SEND_QUEUE_BYTES);
  await here.drained();
  assert.ok(here.send('root:sink', 'N', { data: PIECE }));
  await here.deliver('root:sink', 'LAST');
  assert.is(receivedCount, sentCount + 2);
  await Promise.all([here.close(), there.close()]);
});

test.after(() => realm.end());

test.run();
