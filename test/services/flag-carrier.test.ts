import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { NodeFlags } from '../../src/protocol/flag.ts';
import { FLAGS_RETELL_MS_MAX, FLAGS_TELL_MS, FLAGS_TOLD_BYTES } from '../../src/protocol/limits.ts';
import { FlagCarrier } from '../../src/services/flag-carrier.ts';
import { quiet } from '../endpoint/pair.ts';
import { FakeClock } from '../fakes/clock.ts';
import { flagOf, toldOf } from './flag-bench.ts';

class Bench {
  readonly clock = new FakeClock();
  readonly known = new Map<string, NodeFlags>();
  /** Names of each call, in their order. */
  readonly calls: string[][] = [];
  /** What the parent answers; undefined: it does not, for now. */
  refused: string[] | Error | undefined = [];
  readonly #waiting: ((names: string[]) => void)[] = [];
  readonly carrier = new FlagCarrier({
    clock: this.clock,
    flagsOf: (node) => this.known.get(node),
    nodes: () => this.known.keys(),
    tell: async (flags) => {
      this.calls.push(flags.map(({ node }) => node));
      if (this.refused instanceof Error) throw this.refused;
      return this.refused ?? new Promise((resolve) => this.#waiting.push(resolve));
    },
  });

  constructor(...nodes: string[]) {
    for (const node of nodes) this.known.set(node, toldOf(node, 1, [flagOf('a')]));
  }

  answer(names: string[]): void {
    this.#waiting.shift()?.(names);
  }

  /** The calls of some time. */
  async pass(ms: number): Promise<string[][]> {
    await quiet();
    this.clock.advance(ms);
    await quiet();
    return this.calls.splice(0);
  }
}

test('a parent hears of all nodes when a link comes up, also of those without flags', async () => {
  const bench = new Bench('hq', 'web1');
  bench.known.set('web2', toldOf('web2', 1, []));
  bench.carrier.linkUp();
  assert.equal(await bench.pass(FLAGS_TELL_MS - 1), []);
  assert.equal(await bench.pass(1), [['hq', 'web1', 'web2']]);
  assert.equal(await bench.pass(FLAGS_RETELL_MS_MAX), []);
});

test('a change is told at once, and those that follow once in FLAGS_TELL_MS', async () => {
  const bench = new Bench('hq', 'web1');
  bench.carrier.linkUp();
  await bench.pass(FLAGS_TELL_MS);
  await bench.pass(FLAGS_TELL_MS);
  bench.carrier.changed('web1');
  assert.equal(await bench.pass(0), [['web1']]);
  for (let at = 0; at < 9; at++) bench.carrier.changed('web1');
  bench.carrier.changed('hq');
  assert.equal(await bench.pass(FLAGS_TELL_MS - 1), []);
  assert.equal(await bench.pass(1), [['web1', 'hq']]);
});

test('what changes while a call is on its way goes in the next one', async () => {
  const bench = new Bench('hq');
  bench.refused = undefined;
  bench.carrier.linkUp();
  assert.equal(await bench.pass(FLAGS_TELL_MS), [['hq']]);
  bench.carrier.changed('hq');
  assert.equal(await bench.pass(FLAGS_RETELL_MS_MAX), []);
  bench.answer([]);
  assert.equal(await bench.pass(FLAGS_TELL_MS), [['hq']]);
});

test('what is not taken is told again, later each time up to FLAGS_RETELL_MS_MAX', async () => {
  for (const refused of [['web1'], new Error('no way')]) {
    const bench = new Bench('web1');
    bench.refused = refused;
    bench.carrier.linkUp();
    await bench.pass(FLAGS_TELL_MS);
    assert.equal(await bench.pass(FLAGS_TELL_MS), [['web1']]);
    assert.equal(await bench.pass(2 * FLAGS_TELL_MS - 1), []);
    assert.equal(await bench.pass(1), [['web1']]);
    for (let at = 0; at < 9; at++) await bench.pass(FLAGS_RETELL_MS_MAX);
    assert.equal(await bench.pass(FLAGS_RETELL_MS_MAX), [['web1']]);
    bench.refused = [];
    assert.equal(await bench.pass(FLAGS_RETELL_MS_MAX), [['web1']]);
    assert.equal(await bench.pass(FLAGS_RETELL_MS_MAX), []);
  }
});

test('a change does not wait for what the parent refuses', async () => {
  const bench = new Bench('hq', 'web1');
  bench.refused = ['web1'];
  bench.carrier.linkUp();
  for (let at = 0; at < 9; at++) await bench.pass(FLAGS_RETELL_MS_MAX);
  bench.carrier.changed('hq');
  assert.equal(await bench.pass(FLAGS_TELL_MS), [['web1', 'hq']]);
});

test('what is forgotten meanwhile is not told', async () => {
  const bench = new Bench('hq', 'web1');
  bench.carrier.linkUp();
  bench.known.delete('web1');
  assert.equal(await bench.pass(FLAGS_TELL_MS), [['hq']]);
});

test('without a parent nothing is told; a new one hears of all', async () => {
  const bench = new Bench('hq');
  bench.carrier.changed('hq');
  assert.equal(await bench.pass(FLAGS_RETELL_MS_MAX), []);
  bench.refused = undefined;
  bench.carrier.linkUp();
  await bench.pass(FLAGS_TELL_MS);
  bench.carrier.linkDown();
  bench.carrier.changed('hq');
  bench.answer(['hq']);
  assert.equal(await bench.pass(FLAGS_RETELL_MS_MAX), []);
  bench.carrier.linkUp();
  assert.equal(await bench.pass(FLAGS_TELL_MS), [['hq']]);
  bench.carrier.linkDown();
  assert.is(bench.clock.timerCount, 0);
});

test('a call has about FLAGS_TOLD_BYTES, and the rest follows', async () => {
  const message = 'x'.repeat(512);
  const flags = Array.from({ length: 128 }, (_, at) => flagOf(`f${at}`, { message }));
  const bench = new Bench();
  for (let at = 0; at < 8; at++) bench.known.set(`n${at}`, toldOf(`n${at}`, 1, flags));
  const one = JSON.stringify(bench.known.get('n0')).length;
  const count = Math.ceil(FLAGS_TOLD_BYTES / one);
  bench.carrier.linkUp();
  const [first = []] = await bench.pass(FLAGS_TELL_MS);
  assert.is(first.length, count);
  const [second = []] = await bench.pass(FLAGS_TELL_MS);
  assert.equal(second[0], `n${count}`);
});

test.run();
