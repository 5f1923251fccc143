import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HubClient } from '../../src/client/hub.ts';
import { TOP_HUB_ENTRIES_MAX } from '../../src/protocol/limits.ts';
import type { FetchedValues } from '../../src/tui/effects.ts';
import { createFetcher } from '../../src/tui/fetcher.ts';
import { Realm } from '../client/realm.ts';

const test = suite('what top fetches');
const realm = new Realm();
test.after(() => realm.end());

test('of a hub, no more than TOP_HUB_ENTRIES_MAX entries', async () => {
  await realm.start('hq');
  const hub = await HubClient.of(await realm.connect('hq'));
  for (let count = 0; count <= TOP_HUB_ENTRIES_MAX; count += 500) {
    const numbers = Array.from({ length: 500 }, (_, index) => count + index);
    await Promise.all(numbers.map((number) => hub.register('192.0.2.7', 1 + number, 2)));
  }
  const fetcher = createFetcher(() => ({ home: realm.dir }));
  const value = (await fetcher.fetch({ source: 'hub', nodes: [] })) as FetchedValues['hub'];
  assert.is(value.records.length, TOP_HUB_ENTRIES_MAX);
  await fetcher.close();
});

test.run();
