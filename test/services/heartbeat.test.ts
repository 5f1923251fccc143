import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { unpackSample } from '../../src/protocol/figure-row.ts';
import { HEARTBEAT_MS_MAX, HEARTBEAT_MS_MIN } from '../../src/protocol/limits.ts';
import { Heartbeat } from '../../src/services/heartbeat.ts';
import { quiet } from '../endpoint/pair.ts';
import { FakeClock } from '../fakes/clock.ts';
import { sampleOf } from './view.ts';

class Bench {
  readonly clock = new FakeClock();
  readonly beats: number[] = [];
  isIll = false;
  readonly heartbeat: Heartbeat;

  constructor(seed = 1) {
    this.heartbeat = new Heartbeat({
      clock: this.clock,
      seed,
      sampler: {
        sample: async () => {
          if (this.isIll) throw new Error('the host is ill');
          return sampleOf(2);
        },
      },
      onBeat: (row) => {
        assert.equal(unpackSample(row), sampleOf(2));
        this.beats.push(this.clock.monotonicMs());
      },
    });
  }

  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      this.clock.advance(100);
      await quiet();
    }
  }
}

test('it beats soon, then every HEARTBEAT_MS_MIN to HEARTBEAT_MS_MAX: in each minute', async () => {
  const bench = new Bench();
  bench.heartbeat.start();
  await bench.pass(10_000);
  assert.is(bench.beats.length, 1);
  await bench.pass(20 * 60_000);
  const gaps = bench.beats.slice(1).map((atMs, at) => atMs - (bench.beats[at] ?? 0));
  assert.ok(gaps.length >= 20, `${gaps.length}`);
  for (const gap of gaps) {
    assert.ok(gap >= HEARTBEAT_MS_MIN - 100 && gap <= HEARTBEAT_MS_MAX + 100, `${gap}`);
  }
  assert.ok(new Set(gaps).size > 5, 'by chance');
  assert.ok(HEARTBEAT_MS_MAX < 60_000);
});

test('a host that is ill misses a beat, not all of them', async () => {
  const bench = new Bench();
  bench.isIll = true;
  bench.heartbeat.start();
  await bench.pass(10_000);
  bench.isIll = false;
  await bench.pass(HEARTBEAT_MS_MAX);
  assert.is(bench.beats.length, 1);
});

test('stopped, it beats no more', async () => {
  const bench = new Bench();
  bench.heartbeat.start();
  bench.heartbeat.stop();
  await bench.pass(2 * HEARTBEAT_MS_MAX);
  assert.is(bench.beats.length, 0);
  assert.is(bench.clock.timerCount, 0);
});

test.run();
