import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createFrames, FRAME_MS, KEY_FRAME_MS } from '../../src/tui/frames.ts';
import { createFakeClock } from './fakes.ts';

function setUp(isBlocked = () => false) {
  const clock = createFakeClock(1_000);
  const drawnAtMs: number[] = [];
  const draw = () => void drawnAtMs.push(clock.nowMs() - 1_000);
  const frames = createFrames({ draw, isBlocked, nowMs: clock.nowMs, schedule: clock.schedule });
  return { clock, frames, drawnAtMs };
}

test('the first change is drawn at once, a stream of them ten times a second', () => {
  const { clock, frames, drawnAtMs } = setUp();
  for (let ms = 0; ms < 1_000; ms += 10) {
    frames.request(FRAME_MS);
    clock.pass(10);
  }
  assert.equal(drawnAtMs, [0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1_000]);
});

test('a key does not wait for the beat of the network', () => {
  const { clock, frames, drawnAtMs } = setUp();
  frames.request(FRAME_MS);
  clock.pass(10);
  frames.request(FRAME_MS);
  frames.request(KEY_FRAME_MS);
  frames.request(FRAME_MS);
  clock.pass(200);
  assert.equal(drawnAtMs, [0, KEY_FRAME_MS]);
});

test('nothing is drawn, and no timer runs, while nothing is asked for', () => {
  const { clock, frames, drawnAtMs } = setUp();
  frames.request(FRAME_MS);
  clock.pass(10_000);
  assert.equal(drawnAtMs, [0]);
  assert.is(clock.waiting(), 0);
});

test('a terminal that does not keep up gets the newest frame when it can take one', () => {
  let isBlocked = true;
  const { clock, frames, drawnAtMs } = setUp(() => isBlocked);
  frames.request(FRAME_MS);
  clock.pass(350);
  assert.equal(drawnAtMs, []);
  isBlocked = false;
  clock.pass(100);
  assert.equal(drawnAtMs, [400]);
});

test('a clock that is set back does not hold up the next frame', () => {
  const { clock, frames, drawnAtMs } = setUp();
  clock.set(9_000_000);
  frames.request(FRAME_MS);
  clock.pass(0);
  clock.set(1_000);
  frames.request(FRAME_MS);
  clock.pass(FRAME_MS);
  assert.is(drawnAtMs.length, 2);
});

test('nothing is drawn after the end', () => {
  const { clock, frames, drawnAtMs } = setUp();
  frames.request(FRAME_MS);
  frames.stop();
  frames.request(KEY_FRAME_MS);
  clock.pass(1_000);
  assert.equal(drawnAtMs, []);
});

test.run();
