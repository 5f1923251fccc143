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

test('it beats every HEARTBEAT_MS_MIN to HEARTBEAT_MS_MAX: in each minute', async () => {
  const bench = new Bench();
  bench.heartbeat.beat();
  await bench.pass(20 * 60_000);
  const gaps = bench.beats.slice(1).map((atMs, at) => atMs - (bench.beats[at] ?? 0));
  assert.ok(gaps.length >= 20, `${gaps.length}`);
  for (const gap of gaps.slice(1)) {
    assert.ok(gap >= HEARTBEAT_MS_MIN - 100 && gap <= HEARTBEAT_MS_MAX + 100, `${gap}`);
  }
  assert.ok(new Set(gaps).size > 5, 'by chance');
  assert.ok(HEARTBEAT_MS_MAX < 60_000);
});

test('those who began together part with their second beat', async () => {
  const second = [];
  for (let seed = 0; seed < 10; seed++) {
    const bench = new Bench(seed);
    bench.heartbeat.beat();
    await bench.pass(HEARTBEAT_MS_MAX);
    second.push(bench.beats[1] ?? 0);
  }
  const [first = 0, last = 0] = [Math.min(...second), Math.max(...second)];
  assert.ok(last - first > HEARTBEAT_MS_MAX / 2, `${first} to ${last}`);
});

test('who comes to a parent beats at once, and then as often as before', async () => {
  const bench = new Bench();
  bench.heartbeat.beat();
  await quiet();
  bench.heartbeat.beat();
  await quiet();
  assert.is(bench.beats.length, 2);
  assert.is(bench.clock.timerCount, 1);
});

test('a host that is ill misses a beat, not all of them', async () => {
  const bench = new Bench();
  bench.isIll = true;
  bench.heartbeat.beat();
  await quiet();
  bench.isIll = false;
  await bench.pass(HEARTBEAT_MS_MAX);
  assert.ok(bench.beats.length > 0);
});

test('stopped, it beats no more', async () => {
  const bench = new Bench();
  bench.heartbeat.beat();
  bench.heartbeat.stop();
  await bench.pass(2 * HEARTBEAT_MS_MAX);
  assert.is(bench.beats.length, 1);
  assert.is(bench.clock.timerCount, 0);
});

test.run();
