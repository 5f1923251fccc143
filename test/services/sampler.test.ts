import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HostSample } from '../../src/protocol/figures.ts';
import { SAMPLE_FRESH_MS, SAMPLE_MS, SAMPLE_MS_MAX } from '../../src/protocol/limits.ts';
import { paceMs, Sampler } from '../../src/services/sampler.ts';
import { quiet } from '../endpoint/pair.ts';
import { FakeClock } from '../fakes/clock.ts';
import { sampleOf } from './view.ts';

const STEP_MS = 1;

/** A sampler, and the samples that somebody who looks has had. */
class Bench {
  readonly clock = new FakeClock();
  readonly heard: HostSample[] = [];
  count = 0;
  tookMs = 0;
  isIll = false;
  readonly sampler: Sampler;

  constructor(seed = 1) {
    this.sampler = new Sampler({
      clock: this.clock,
      seed,
      host: async () => {
        this.count++;
        const { tookMs } = this;
        if (tookMs > 0) await new Promise<void>((done) => this.clock.after(tookMs, done));
        if (this.isIll) throw new Error('the host is ill');
        return sampleOf(0.5);
      },
      own: async () => ({ links: 3 }),
    });
  }

  look(isSeldom?: () => boolean): () => void {
    return this.sampler.start((sample) => this.heard.push(sample), isSeldom);
  }

  /** Lets time pass in small steps, so that what a timer has begun ends about when it began. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      this.clock.advance(Math.min(left, STEP_MS));
      await quiet();
    }
  }
}

test('a sample has what the host tells and what the daemon knows', async () => {
  const sample = await new Bench().sampler.sample();
  assert.equal(sample, { ...sampleOf(0.5), links: 3, loopLagMs: 0 });
});

test('who asks again within SAMPLE_FRESH_MS, or meanwhile, gets the same sample', async () => {
  const bench = new Bench();
  const both = [bench.sampler.sample(), bench.sampler.sample()];
  assert.is(await both[0], await both[1]);
  await bench.pass(SAMPLE_FRESH_MS - 1);
  await bench.sampler.sample();
  assert.is(bench.count, 1);
  await bench.pass(1);
  await bench.sampler.sample();
  assert.is(bench.count, 2);
});

test('who looks gets a sample at once, then one every SAMPLE_MS', async () => {
  const bench = new Bench();
  bench.look();
  await quiet();
  assert.is(bench.heard.length, 1);
  await bench.pass(SAMPLE_MS);
  assert.is(bench.heard.length, 2);
  for (let round = 0; round < 10; round++) await bench.pass(SAMPLE_MS);
  assert.is(bench.heard.length, 12);
});

test('who looks seldom gets half as many, for as long as that is wanted', async () => {
  const bench = new Bench();
  let isSeldom = true;
  bench.look(() => isSeldom);
  await bench.pass(2 * SAMPLE_MS);
  const { length } = bench.heard;
  await bench.pass(6 * SAMPLE_MS);
  assert.is(bench.heard.length, length + 3);
  isSeldom = false;
  await bench.pass(2 * SAMPLE_MS);
  assert.ok(bench.heard.length > length + 3);
  assert.is(paceMs(1, { ...sampleOf(4), cpus: 2 }, true), 2 * SAMPLE_MS);
});

test('nodes that are woken together do not speak together from then on', async () => {
  const benches = Array.from({ length: 8 }, (_, seed) => new Bench(seed));
  for (const bench of benches) bench.look();
  await quiet();
  for (const bench of benches) await bench.pass(SAMPLE_MS / 2);
  const early = benches.filter(({ heard }) => heard.length === 2).length;
  assert.ok(early > 0 && early < benches.length, `${early} of ${benches.length}`);
});

test('who looks away hears nothing more, and nothing is sampled', async () => {
  const bench = new Bench();
  const stop = bench.look();
  stop();
  await bench.pass(10 * SAMPLE_MS);
  assert.is(bench.heard.length, 0);
  assert.is(bench.clock.timerCount, 0);
});

test('a host that is ill is asked again SAMPLE_MS later', async () => {
  const bench = new Bench();
  bench.isIll = true;
  bench.look();
  await quiet();
  bench.isIll = false;
  await bench.pass(SAMPLE_MS);
  assert.is(bench.heard.length, 1);
});

test('samples that are dear are rarer, down to one in SAMPLE_MS_MAX', async () => {
  const calm = sampleOf(0.1);
  assert.is(paceMs(1, calm), SAMPLE_MS);
  assert.is(paceMs(200, calm), 20_000);
  assert.is(paceMs(10_000, calm), SAMPLE_MS_MAX);
  const bench = new Bench();
  bench.tookMs = 200;
  bench.look();
  await bench.pass(SAMPLE_MS + 2 * bench.tookMs);
  assert.is(bench.heard.length, 2);
  await bench.pass(19_000 - SAMPLE_MS);
  assert.is(bench.heard.length, 2);
  await bench.pass(SAMPLE_MS + 2 * bench.tookMs);
  assert.is(bench.heard.length, 3);
});

test('a host with too much to do is asked half as often', () => {
  const busy = { ...sampleOf(4), cpus: 2 };
  assert.is(paceMs(1, busy), 2 * SAMPLE_MS);
  assert.is(paceMs(1, { ...sampleOf(0), loopLagMs: 100 }), 2 * SAMPLE_MS);
});

test('the lateness of the timer is a figure', async () => {
  const bench = new Bench();
  bench.clock.earlyMs = -30;
  bench.look();
  await bench.pass(2 * SAMPLE_MS);
  assert.is(bench.heard.at(-1)?.loopLagMs, 30);
});

test.run();
