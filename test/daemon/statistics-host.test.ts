import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { StatisticsHost } from '../../src/daemon/statistics-host.ts';
import { createTreeView } from '../../src/daemon/tree-view.ts';
import { openCall } from '../../src/endpoint/methods.ts';
import { HEARTBEAT_MS_MAX } from '../../src/protocol/limits.ts';
import { answering, createPair, quiet } from '../endpoint/pair.ts';
import { FakeClock } from '../fakes/clock.ts';
import { TestRouter } from '../router/harness.ts';
import { sampleOf } from '../services/view.ts';

/** The statistics of a node whose parent is `here`, and what they tell it. */
class Bench {
  readonly clock = new FakeClock();
  readonly told: string[] = [];
  readonly pair = createPair();
  readonly statistics: StatisticsHost;

  constructor(parent: string | undefined) {
    const { router } = new TestRouter('there');
    this.statistics = new StatisticsHost({
      ...{ router, clock: this.clock, seed: 1 },
      view: createTreeView(router, () => undefined),
      probe: { sample: async () => sampleOf(1) },
      totals: () => ({ heardBytes: 0, sentBytes: 0, queuedBytes: 0 }),
      jobs: () => ({ runningCount: 0, keptCount: 0 }),
      durable: async () => ({}),
      children: () => [],
      openChild: () => openCall(this.pair.there, 'here:', 'watch.open', {}),
      ask: async () => null,
      parent: () => parent,
      tell: (node, command) => this.told.push(`${node} ${command}`),
    });
    this.pair.there.handle('dagent', answering(this.statistics.methods));
  }

  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 1_000) {
      this.clock.advance(1_000);
      await quiet();
    }
  }
}

test('a node tells its parent though nobody looks: when it starts, and when it comes', async () => {
  const { statistics, told } = new Bench('here');
  statistics.start();
  await quiet();
  assert.equal(told, ['here STATS']);
  statistics.observe({ kind: 'joined' });
  await quiet();
  assert.is(told.length, 2);
});

test('while its parent watches, no heartbeat is sent', async () => {
  const bench = new Bench('here');
  openCall(bench.pair.here, 'there:', 'watch.open', { from: 'dagent' });
  await quiet();
  bench.statistics.start();
  await bench.pass(2 * HEARTBEAT_MS_MAX);
  assert.equal(bench.told, []);
});

test('a node without a parent tells nobody, and remembers itself', async () => {
  const bench = new Bench(undefined);
  bench.statistics.start();
  await quiet();
  assert.equal(bench.told, []);
  const history = await bench.statistics.methods['stats.history']?.run(['there'], null as never);
  assert.is((history as { node: string }).node, 'there');
});

test('what is no heartbeat of a child is not taken', () => {
  const message = { from: 'a:dagent', command: 'STATS', data: Buffer.alloc(0) };
  const plain = { to: 'there:dagent', params: {}, sn: '', isCall: false };
  assert.is(new Bench(undefined).statistics.take({ ...message, ...plain }), false);
});

test.run();
