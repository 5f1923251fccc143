import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fetchHistory } from '../../src/client/history.ts';
import { watchTree } from '../../src/client/watch.ts';
import { Realm } from './realm.ts';

const realm = new Realm();
await realm.start('root');
await realm.start('east', 'root');
await realm.start('web1', 'east', { role: 'leaf' });

/** Settles when the figures of all have come up to the top. */
async function watchUntilSampled(): Promise<void> {
  const waiting = new Set(['root', 'east', 'web1']);
  let done: () => void = () => undefined;
  const sampled = new Promise<void>((resolve) => {
    done = resolve;
  });
  const { close } = await watchTree({ home: realm.dir, via: 'root' }, (record) => {
    if (record.type === 'node' && record.node.sample !== null) waiting.delete(record.node.name);
    if (waiting.size === 0) done();
  });
  await sampled;
  await close();
}

test('whoever asks, wherever it is, hears what the parent of a node remembers', async () => {
  await watchUntilSampled();
  for (const via of ['root', 'web1']) {
    const client = await realm.connect(via);
    for (const node of ['root', 'east', 'web1']) {
      const { tracks } = await fetchHistory(client, node);
      const used = tracks.find(({ id }) => id === 'memoryUsedBytes')?.values ?? [];
      assert.ok((used.findLast((value) => value !== null) ?? 0) > 0, `${node} via ${via}`);
    }
    await client.close();
  }
});

test('of a node that nobody knows nothing is remembered', async () => {
  const client = await realm.connect('web1');
  const thrown = await fetchHistory(client, 'stranger').catch((error) => error);
  assert.is(thrown.code, 'E_NO_HISTORY');
  await client.close();
});

test.after(() => realm.end());
test.run();
