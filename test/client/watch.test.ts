import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Subscription, watchTree } from '../../src/client/watch.ts';
import type { NodeStatus, WatchRecord } from '../../src/protocol/status.ts';
import { Realm } from './realm.ts';
import { openStoppableWay } from './stoppable-way.ts';

const realm = new Realm();
await realm.start('root');
await realm.start('east', 'root');
await realm.start('web1', 'east', { role: 'leaf' });

/** Who watches, and what it has seen. */
class Viewer {
  readonly nodes = new Map<string, NodeStatus>();
  readonly records: WatchRecord[] = [];
  subscription: Subscription | undefined;
  #look: () => void = () => undefined;

  async open(via: string): Promise<this> {
    this.subscription = await watchTree({ home: realm.dir, via }, (record) => this.#take(record));
    return this;
  }

  #take(record: WatchRecord): void {
    this.records.push(record);
    if (record.type === 'snapshot')
      for (const node of record.nodes) this.nodes.set(node.name, node);
    else if (record.type === 'node') this.nodes.set(record.node.name, record.node);
    else this.nodes.delete(record.name);
    this.#look();
  }

  /** Settles as soon as what is seen makes it true. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) {
      await new Promise<void>((resolve) => {
        this.#look = resolve;
      });
    }
  }

  async close(): Promise<string | undefined> {
    await this.subscription?.close();
    return this.subscription?.over;
  }
}

test('who watches, wherever it is, sees the whole tree first', async () => {
  for (const via of ['root', 'web1']) {
    const viewer = await new Viewer().open(via);
    await viewer.until(() => viewer.records.length > 0);
    const [first] = viewer.records;
    assert.is(first?.type === 'snapshot' && first.realm, 'local');
    assert.equal([...viewer.nodes.keys()].sort(), ['east', 'root', 'web1']);
    assert.is(await viewer.close(), undefined);
  }
});

test('who watches hears that the nodes begin to come before it has them', async () => {
  const heard: string[] = [];
  const first = Promise.withResolvers<void>();
  const options = { home: realm.dir, via: 'root', onBegin: () => void heard.push('begun') };
  const { close } = await watchTree(options, ({ type }) => {
    heard.push(type);
    first.resolve();
  });
  await first.promise;
  await close();
  assert.equal(heard.slice(0, 2), ['begun', 'snapshot']);
});

test('figures of every host come by themselves, from any depth', async () => {
  const viewer = await new Viewer().open('root');
  const sampled = () => [...viewer.nodes.values()].filter(({ sample }) => sample !== null);
  await viewer.until(() => sampled().length === 3);
  assert.ok((viewer.nodes.get('web1')?.sample?.memoryTotalBytes ?? 0) > 0);
  await viewer.close();
});

test('nodes that come, change and go are seen', async () => {
  const viewer = await new Viewer().open('east');
  await viewer.until(() => viewer.records.length > 0);
  await realm.start('web2', 'east', { role: 'leaf' });
  await viewer.until(() => viewer.nodes.get('web2')?.state === 'up');
  const client = await realm.connect('web2');
  await client.register('printer');
  await viewer.until(() => viewer.nodes.get('web2')?.services.includes('printer') === true);
  await client.close();
  await viewer.until(() => viewer.nodes.get('web2')?.services.length === 0);
  await realm.stop('web2');
  await viewer.until(() => viewer.nodes.get('web2')?.state !== 'up');
  await viewer.close();
});

test('when the daemon stops, the watch is over and says why', async () => {
  await realm.start('passing');
  const viewer = await new Viewer().open('passing');
  await viewer.until(() => viewer.records.length > 0);
  await realm.stop('passing');
  assert.is(await viewer.subscription?.over, 'passing is shutting down');
  await viewer.close();
});

test('who watches hears within the hold time that the daemon has fallen silent', async () => {
  const way = await openStoppableWay(realm, 'root');
  const seen = Promise.withResolvers<void>();
  const options = { home: realm.dir, via: way.url, holdMs: 300 };
  const watch = await watchTree(options, () => seen.resolve());
  await seen.promise;
  way.stop();
  assert.is(await watch.over, 'nothing was heard for 300 ms');
  way.close();
});

test.after(() => realm.end());
test.run();
