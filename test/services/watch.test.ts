import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openCall } from '../../src/endpoint/methods.ts';
import { packSample } from '../../src/protocol/figure-row.ts';
import {
  LABEL_LENGTH_MAX,
  LABELS_MAX,
  NAME_LENGTH_MAX,
  SAMPLE_CHILDREN_MAX,
  SAMPLE_MS,
  SERVICES_PER_LINK_MAX,
  STATUS_LINE_BYTES_MAX,
  STREAM_WINDOW_BYTES,
} from '../../src/protocol/limits.ts';
import { WATCH_VERSION } from '../../src/protocol/watch.ts';
import { quiet } from '../endpoint/pair.ts';
import { sampleOf } from './view.ts';
import { Bench, Viewer } from './watch-bench.ts';

/** All that a child tells of a node. */
function figures(name: string, load1: number): object {
  return { type: 'node', node: { name, rttMs: 4 }, figures: packSample(sampleOf(load1)) };
}

test('who begins to look sees all there is', async () => {
  const bench = new Bench();
  bench.view.add('east', 'top').add('web1', 'east');
  const viewer = await bench.open();
  const [snapshot] = viewer.records;
  assert.is(snapshot?.type === 'snapshot' && snapshot.realm, 'test');
  assert.equal(viewer.take(), ['all top,east,web1']);
});

test('while nobody looks nothing is sampled and nobody is asked', async () => {
  const bench = new Bench();
  bench.children.push('east');
  bench.watch.childUp('west');
  bench.watch.changed('west');
  bench.clock.advance(10 * SAMPLE_MS);
  await quiet();
  assert.is(bench.sampleCount, 0);
  assert.is(bench.opened.length, 0);
  assert.is(bench.clock.timerCount, 0);
});

test('while somebody looks the host is sampled every so often', async () => {
  const bench = new Bench();
  const viewer = await bench.open();
  await bench.flush();
  assert.is(viewer.node('top')?.sample?.load1, 1);
  bench.clock.advance(SAMPLE_MS);
  await quiet();
  await bench.flush();
  assert.is(viewer.node('top')?.sample?.load1, 2);
});

test('a host that is ill is shown without figures, and asked again', async () => {
  const bench = new Bench();
  bench.isIll = true;
  const viewer = await bench.open();
  await bench.flush();
  assert.equal(viewer.take(), ['all top']);
  bench.isIll = false;
  bench.clock.advance(SAMPLE_MS);
  await quiet();
  await bench.flush();
  assert.equal(viewer.take(), ['top']);
});

test('changes are gathered: of each node the newest is sent, once', async () => {
  const bench = new Bench();
  bench.isIll = true;
  bench.view.add('east', 'top');
  const viewer = await bench.open();
  viewer.take();
  bench.watch.changed('east');
  bench.watch.changed('top');
  bench.view.add('east', 'top', 'lost');
  bench.watch.changed('east');
  await quiet();
  assert.equal(viewer.take(), []);
  await bench.flush();
  assert.is(viewer.node('east')?.state, 'lost');
  assert.equal(viewer.take(), ['east', 'top']);
  bench.view.below.delete('east');
  bench.watch.changed('east');
  await bench.flush();
  assert.equal(viewer.take(), ['gone east']);
});

test('children are watched in turn, those that come later too', async () => {
  const bench = new Bench();
  bench.children.push('east');
  bench.view.add('east', 'top').add('west', 'top').add('web1', 'east');
  const viewer = await bench.open();
  bench.watch.childUp('west');
  await quiet();
  assert.equal(
    bench.opened.map(({ name }) => name),
    ['east', 'west'],
  );
  const snapshot = { type: 'snapshot', version: WATCH_VERSION, realm: 'test', count: 1 };
  await bench.say('east', snapshot, figures('east', 3), figures('web1', 4));
  await bench.flush();
  assert.is(viewer.node('east')?.sample?.load1, 3);
  assert.is(viewer.node('web1')?.sample?.load1, 4);
  assert.is(viewer.node('web1')?.rttMs, 4);
});

test('of more than SAMPLE_CHILDREN_MAX children half as many samples are wanted', async () => {
  const bench = new Bench();
  for (let at = 1; at <= SAMPLE_CHILDREN_MAX; at++) bench.children.push(`web${at}`);
  await bench.open();
  assert.equal(bench.wishes, Array(SAMPLE_CHILDREN_MAX).fill(undefined));
  bench.watch.childUp('late');
  assert.equal(bench.wishes.at(-1), { isSeldom: true });
});

test('who wants half as many samples gets so many, unless somebody wants them all', async () => {
  const bench = new Bench();
  bench.isSteady = true;
  const countIn = async (ms: number): Promise<number> => {
    const before = bench.sampleCount;
    for (let left = ms; left > 0; left -= 10) {
      bench.clock.advance(10);
      await quiet();
    }
    return bench.sampleCount - before;
  };
  await bench.open({ isSeldom: true });
  await countIn(2 * SAMPLE_MS);
  assert.is(await countIn(4.5 * SAMPLE_MS), 2);
  await bench.open();
  await countIn(2 * SAMPLE_MS);
  assert.is(await countIn(4.5 * SAMPLE_MS), 4);
});

test('a child speaks of its own subtree only', async () => {
  const bench = new Bench();
  bench.isIll = true;
  bench.children.push('east', 'west');
  bench.view.add('east', 'top').add('west', 'top').add('web1', 'east');
  const viewer = await bench.open();
  viewer.take();
  await bench.say('west', figures('web1', 1), figures('east', 2), figures('top', 3));
  await bench.say('west', figures('stranger', 4));
  await bench.flush();
  assert.equal(viewer.take(), []);
});

test('what a child says that makes no sense is passed over', async () => {
  const bench = new Bench();
  bench.isIll = true;
  bench.children.push('east');
  bench.view.add('east', 'top');
  const viewer = await bench.open();
  viewer.take();
  const nonsense = ['{', 'null', '7', '[]', '{"type":"node"}', '{"type":"figures"}'];
  await bench.say('east', ...nonsense, figures('east', 1));
  await bench.flush();
  assert.equal(viewer.take(), ['east']);
});

test('a child that comes anew is watched anew', async () => {
  const bench = new Bench();
  bench.children.push('east');
  bench.view.add('east', 'top');
  const viewer = await bench.open();
  bench.watch.childDown('east');
  bench.watch.childUp('east');
  await quiet();
  assert.is(bench.opened.length, 2);
  await bench.say('east', figures('east', 9));
  await bench.flush();
  assert.is(viewer.node('east')?.sample?.load1, 9);
});

test('many viewers cost one watch of each child and one sampling', async () => {
  const bench = new Bench();
  bench.children.push('east');
  bench.view.add('east', 'top');
  const viewers = [await bench.open(), await bench.open(), await bench.open()];
  assert.is(bench.opened.length, 1);
  assert.is(bench.sampleCount, 1);
  await bench.say('east', figures('east', 5));
  await bench.flush();
  for (const viewer of viewers) assert.is(viewer.node('east')?.sample?.load1, 5);
});

test('a child that says a line without an end is not listened to any more', async () => {
  const bench = new Bench();
  bench.isIll = true;
  bench.children.push('east');
  bench.view.add('east', 'top');
  const viewer = await bench.open();
  viewer.take();
  const head = '{"type":"node","node":{"name":"east","services":["';
  await bench.say('east', head + 'x'.repeat(STATUS_LINE_BYTES_MAX));
  assert.equal(bench.cancelled, ['east']);
  await bench.say('east', figures('east', 1));
  await bench.flush();
  assert.equal(viewer.take(), []);
});

test('the longest line that a node can say is heard', async () => {
  const services = Array.from({ length: SERVICES_PER_LINK_MAX }, (_, at) => {
    return String(at).padStart(NAME_LENGTH_MAX, 's');
  });
  const labels = Object.fromEntries(
    Array.from({ length: LABELS_MAX }, (_, at) => {
      return [String(at).padStart(NAME_LENGTH_MAX, 'l'), 'v'.repeat(LABEL_LENGTH_MAX)];
    }),
  );
  const bench = new Bench();
  const record = { ...bench.view.record, services, labels };
  bench.view.record = record;
  const [line = ''] = (await bench.open()).lines.slice(1);
  assert.ok(line.length > 70_000 && line.length < STATUS_LINE_BYTES_MAX, `${line.length}`);
});

test('who begins to look later sees the figures that are there already', async () => {
  const bench = new Bench();
  bench.children.push('east');
  bench.view.add('east', 'top');
  await bench.open();
  await bench.say('east', figures('east', 5));
  const [snapshot] = (await bench.open()).records;
  const nodes = snapshot?.type === 'snapshot' ? snapshot.nodes : [];
  assert.is(nodes.find(({ name }) => name === 'east')?.sample?.load1, 5);
});

test('when the last one looks away everything ends', async () => {
  const bench = new Bench();
  bench.children.push('east');
  bench.view.add('east', 'top');
  const viewers = [await bench.open(), await bench.open()];
  viewers[0]?.asking.cancel();
  await quiet();
  assert.equal(bench.cancelled, []);
  viewers[1]?.asking.cancel();
  await quiet();
  assert.equal(bench.cancelled, ['east']);
  assert.is(bench.clock.timerCount, 0);
  for (const { asking } of viewers) await asking.outcome;
  await bench.say('east', figures('east', 5));
  const again = await bench.open();
  assert.is(bench.opened.length, 2);
  const [snapshot] = again.records;
  const nodes = snapshot?.type === 'snapshot' ? snapshot.nodes : [];
  assert.is(nodes.find(({ name }) => name === 'east')?.sample, null);
});

test('a viewer that does not keep up gets the newest, and holds up nobody', async () => {
  const bench = new Bench();
  bench.isIll = true;
  const names = Array.from({ length: 2_000 }, (_, index) => `node${index}`);
  for (const name of names) bench.view.add(name, 'top');
  const other = await bench.open();
  const slow = new Viewer(openCall(bench.pair.here, 'there:', 'watch.open', {}));
  slow.isReading = false;
  await quiet();
  other.take();
  for (let round = 0; round < 5; round++) {
    for (const name of names) bench.watch.changed(name);
    await bench.flush();
  }
  assert.is(other.take().length, 5 * names.length);
  slow.isReading = true;
  slow.asking.grant(STREAM_WINDOW_BYTES);
  await quiet();
  await bench.flush();
  const heard = slow.take();
  assert.ok(heard.length <= 2 * names.length + 1, `${heard.length} records`);
  assert.equal(new Set(heard.slice(-names.length)), new Set(names));
});

test.run();
