import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openCall } from '../../src/endpoint/methods.ts';
import { packSample } from '../../src/protocol/figure-row.ts';
import { FIGURES } from '../../src/protocol/figures.ts';
import { WATCH_VERSION } from '../../src/protocol/watch.ts';
import { quiet } from '../endpoint/pair.ts';
import { sampleOf } from './view.ts';
import { Bench, Viewer } from './watch-bench.ts';

/** All that a child tells of a node. */
function figures(name: string, load1: number): object {
  return { type: 'node', node: { name, rttMs: 4 }, figures: packSample(sampleOf(load1)) };
}

const LOAD = FIGURES.findIndex(({ id }) => id === 'load1');
const PROCESSES = FIGURES.findIndex(({ id }) => id === 'processes');

test('of figures only what is new travels, and the node is seen with all of them', async () => {
  const bench = new Bench();
  bench.isIll = true;
  bench.children.push('east');
  bench.view.add('east', 'top').add('web1', 'east');
  const viewer = await bench.open();
  await bench.say('east', figures('web1', 1));
  await bench.flush();
  viewer.lines.length = 0;
  const set = [LOAD, 2, PROCESSES, 40, 4_000, 'of a newer node'];
  await bench.say('east', { type: 'figures', name: 'web1', set });
  await bench.say('east', { type: 'figures', name: 'web1', set: [PROCESSES, 41] });
  await bench.flush();
  const told = {
    type: 'figures',
    name: 'web1',
    set: [LOAD, 2, PROCESSES, 40, PROCESSES, 41],
    rttMs: 4,
  };
  assert.equal(
    viewer.lines.map((line) => JSON.parse(line)),
    [told],
  );
  assert.equal(viewer.node('web1')?.sample, { ...sampleOf(2), processes: 41 });
  await bench.say('east', { type: 'figures', name: 'web1', rttMs: 9, set: [PROCESSES, null] });
  await bench.flush();
  assert.equal(viewer.node('web1')?.sample, sampleOf(2));
  assert.is(viewer.node('web1')?.rttMs, 9);
});

test('figures of this node and its children are handed on, of those further down not', async () => {
  const bench = new Bench();
  bench.view.rtts.set('east', 3);
  bench.view.uplink = 7;
  bench.children.push('east');
  bench.view.add('east', 'top').add('web1', 'east');
  await bench.open();
  for (const name of ['east', 'web1']) {
    await bench.say('east', { type: 'figures', name, set: [LOAD, 2] });
  }
  assert.equal(
    bench.rows.map(([name, , rttMs]) => [name, rttMs]),
    [
      ['top', 7],
      ['east', 3],
    ],
  );
});

test('of more changes at a time than there are figures, all is told that is known', async () => {
  const bench = new Bench();
  bench.isIll = true;
  bench.children.push('east');
  bench.view.add('east', 'top');
  const viewer = await bench.open();
  await bench.say('east', figures('east', 1));
  await bench.flush();
  viewer.lines.length = 0;
  const lines = Array.from({ length: 4 * FIGURES.length }, (_, load) => {
    return { type: 'figures', name: 'east', set: [LOAD, load] };
  });
  await bench.say('east', ...lines);
  await bench.flush();
  assert.equal(
    viewer.lines.map((line) => JSON.parse(line).type),
    ['node'],
  );
  assert.is(viewer.node('east')?.sample?.load1, lines.length - 1);
});

test('who is the parent of a node and looks at it is known', async () => {
  const bench = new Bench();
  await bench.open();
  assert.is(bench.watch.isWatchedBy('here'), false, 'that is a program of it');
  openCall(bench.pair.here, 'there:', 'watch.open', { from: 'dagent' });
  await quiet();
  assert.is(bench.watch.isWatchedBy('here'), true);
  assert.is(bench.watch.isWatchedBy('stranger'), false);
});

test('a child with a watch of another version is not listened to', async () => {
  const bench = new Bench();
  bench.isIll = true;
  bench.children.push('east');
  bench.view.add('east', 'top');
  const viewer = await bench.open();
  viewer.take();
  await bench.say('east', { type: 'snapshot', version: WATCH_VERSION + 1, realm: 'x', count: 1 });
  assert.equal(bench.cancelled, ['east']);
  await bench.say('east', figures('east', 1));
  await bench.flush();
  assert.equal(viewer.take(), []);
});

test('who cannot read this version hears which one it is, and misreads nothing', () => {
  const viewer = new Viewer(openCall(new Bench().pair.here, 'there:', 'watch.open', {}));
  const foreign = { type: 'snapshot', version: WATCH_VERSION + 1, realm: 'test', count: 1 };
  const unversioned = { type: 'snapshot', realm: 'test', count: 1 };
  const lines = [foreign, unversioned].map((line) => `${JSON.stringify(line)}\n`).join('');
  viewer.asking.onData(1, Buffer.from(lines));
  assert.equal(viewer.foreign, [WATCH_VERSION + 1, 0]);
  assert.equal(viewer.records, []);
});

test.run();
