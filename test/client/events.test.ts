import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type EventRow, followEvents, parseEvent } from '../../src/client/events.ts';
import { Realm } from './realm.ts';

const test = suite('events of a tree');
const realm = new Realm();
test.after(() => realm.end());

const EVENT = { type: 'event', seq: 7, seenBy: 'hq', event: 'node-up', node: 'web1' };
const AT = '2027-01-15T08:00:00.000Z';

test('an event is what makes sense of one, and nothing else', () => {
  const row = parseEvent({ ...EVENT, at: AT, parent: 'east' });
  assert.equal([row?.id, row?.atMs, row?.text], ['hq 7', Date.parse(AT), 'below east']);
  for (const wrong of [{}, { at: 'soon' }, { at: AT, seq: '7' }, { at: AT, node: 3 }]) {
    assert.is(parseEvent({ ...EVENT, ...wrong }), undefined);
  }
  assert.is(parseEvent({ type: 'open', node: 'hq' }), undefined);
  assert.match(parseEvent({ type: 'missed', count: 3 })?.text ?? '', '3 events');
});

test('what has been is told first, then what comes, until it is cancelled', async () => {
  await realm.start('hq');
  await realm.start('web1', 'hq');
  const client = await realm.connect('web1');
  const waiting = Promise.withResolvers<EventRow>();
  const seen: string[] = [];
  const onEvent = (row: EventRow) => {
    seen.push(`${row.event} ${row.node}`);
    if (row.event === 'service-up') waiting.resolve(row);
  };
  const stream = await followEvents(client, 60_000, onEvent, () => seen.push('it begins'));
  await client.register('printer');
  const { node, text } = await waiting.promise;
  assert.equal([node, text], ['web1', 'printer']);
  assert.is(seen[0], 'it begins');
  assert.ok(seen.indexOf('node-up web1') < seen.indexOf('service-up web1'));
  stream.cancel();
  await stream.over;
});

test.run();
