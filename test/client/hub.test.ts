import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HubClient } from '../../src/client/hub.ts';
import { Realm } from './realm.ts';

const test = suite('the hub of a program');
const realm = new Realm();
test.after(() => realm.end());

test('its content is entries and leases, no more than are wanted', async () => {
  await realm.start('hq');
  const hub = await HubClient.of(await realm.connect('hq'));
  for (const port of [8001, 8002, 8003]) await hub.register('192.0.2.7', port, 2);
  for (let at = 0; at < 3; at++) await hub.request({ count: 1, leaseMs: 60_000 });
  const all = await hub.content(10);
  assert.equal(
    all.records.map(({ port }) => port),
    [8001, 8002, 8003],
  );
  assert.is(all.leases.length, 3);
  const some = await hub.content(2);
  assert.equal(
    some.records.map(({ port }) => port),
    [8001, 8002],
  );
  assert.is(some.leases.length, 2);
});

test.run();
