import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Client } from '../../src/client/client.ts';
import { fetchHistory } from '../../src/client/history.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import type { NodeHistory } from '../../src/protocol/history.ts';
import { Realm } from './realm.ts';

const realm = new Realm();
await realm.start('root');
await realm.start('east', 'root');
await realm.start('web1', 'east', { role: 'leaf' });

/** What is remembered of a node; a beat may still be on its way. */
async function readHistory(client: Client, node: string): Promise<NodeHistory> {
  for (;;) {
    try {
      return await fetchHistory(client, node);
    } catch (error) {
      if (!(error instanceof DagentError) || error.code !== 'E_NO_HISTORY') throw error;
    }
  }
}

test('whoever asks, wherever it is, hears what the parent of a node remembers', async () => {
  for (const via of ['root', 'web1']) {
    const client = await realm.connect(via);
    for (const node of ['root', 'east', 'web1']) {
      const { tracks } = await readHistory(client, node);
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
