import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { WatchRecord } from '../../src/protocol/status.ts';
import type { Subscribe } from '../../src/tui/feed.ts';
import type { Schedule } from '../../src/tui/frames.ts';
import { schedule } from '../../src/tui/schedule.ts';
import { createSubscriber, subscribeEarly } from '../../src/tui/subscriber.ts';
import { Realm } from '../client/realm.ts';

const gone = (name: string): WatchRecord => ({ type: 'gone', name });

/** Watches that the test speaks for. */
class Watches {
  readonly open: { say: (record: WatchRecord) => void; lose: (reason: string) => void }[] = [];

  readonly subscribe: Subscribe = async (say, lose) => {
    this.open.push({ say, lose });
    return { close: async () => undefined };
  };
}

/** One who subscribes, with what it is told. */
async function listen(subscribe: Subscribe) {
  const heard: string[] = [];
  const told = (record: WatchRecord) => heard.push(record.type === 'gone' ? record.name : '');
  await subscribe(told, (reason) => heard.push(`lost: ${reason}`));
  return heard;
}

test('what is told before anybody subscribes is told to the first, in its order', async () => {
  const watches = new Watches();
  const subscribe = subscribeEarly(watches.subscribe);
  watches.open[0]?.say(gone('a'));
  watches.open[0]?.say(gone('b'));
  const heard = await listen(subscribe);
  assert.equal(heard, ['a', 'b']);
  watches.open[0]?.say(gone('c'));
  watches.open[0]?.lose('gone');
  assert.equal(heard, ['a', 'b', 'c', 'lost: gone']);
});

test('a watch that broke before is told as lost, and the next one is another', async () => {
  const watches = new Watches();
  const subscribe = subscribeEarly(watches.subscribe);
  watches.open[0]?.lose('early');
  assert.equal(await listen(subscribe), ['lost: early']);
  const second = await listen(subscribe);
  assert.is(watches.open.length, 2);
  watches.open[1]?.say(gone('x'));
  assert.equal(second, ['x']);
});

test('why there is no watch is told to whoever subscribes, and others try again', async () => {
  let tries = 0;
  const refuse: Subscribe = () => Promise.reject(new Error(`no daemon ${++tries}`));
  const subscribe = subscribeEarly(refuse);
  const told = () => listen(subscribe).catch((thrown: unknown) => String(thrown));
  assert.equal([await told(), await told()], ['Error: no daemon 1', 'Error: no daemon 2']);
});

test('nobody waits for a watch that does not come to stand', () => {
  const subscribe = subscribeEarly(() => new Promise(() => undefined));
  assert.type(subscribe, 'function');
});

for (const given of [undefined, 'east']) {
  test(`each watch is of what the first was of, via ${given ?? 'any'}`, async () => {
    const realm = new Realm();
    await realm.start('root');
    await realm.start('east', 'root');
    const { subscribe, source, begun } = createSubscriber(
      { home: realm.dir, via: given },
      schedule,
    );
    assert.is(source(), undefined);
    const lost = Promise.withResolvers<string>();
    await subscribe(() => undefined, lost.resolve);
    await begun;
    assert.equal(source(), { via: given ?? 'root', top: 'root' });
    await realm.stop('root');
    await lost.promise;
    const again = subscribe(() => undefined, lost.resolve);
    const error = await again.catch((thrown: unknown) => thrown);
    assert.match(String(error), 'root');
    await realm.end();
  });
}

test('a watch of a part of the tree becomes one of the whole tree when that is back', async () => {
  const realm = new Realm();
  await realm.start('root');
  await realm.start('east', 'root');
  await realm.start('web1', 'east', { role: 'leaf' });
  await realm.stop('root');
  const soon: Schedule = (task, ms) => schedule(task, ms / 20);
  const { subscribe, source } = createSubscriber({ home: realm.dir }, soon);
  const tops: string[] = [];
  const heard = { cutOff: Promise.withResolvers<void>(), whole: Promise.withResolvers<string[]>() };
  const onRecord = (record: WatchRecord): void => {
    if (record.type !== 'snapshot') return;
    const names = record.nodes.map(({ name }) => name);
    if (record.isCutOff === true) heard.cutOff.resolve();
    else heard.whole.resolve(names);
  };
  const fail = (reason: string) => heard.whole.reject(new Error(reason));
  const watch = await subscribe(onRecord, fail, (top) => tops.push(top));
  assert.is(watch.top, 'east');
  await heard.cutOff.promise;
  await realm.start('root');
  const names = await heard.whole.promise;
  assert.ok(names.includes('root') && names.includes('east'), names.join());
  assert.equal([tops, watch.top, source()?.top], [['root'], 'root', 'root']);
  await watch.close();
  await realm.end();
});

test.run();
