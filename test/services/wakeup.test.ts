import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Wakeup } from '../../src/services/wakeup.ts';
import { FakeClock } from '../fakes/clock.ts';

class Bench {
  readonly clock = new FakeClock(1_000);
  readonly calledAtMs: number[] = [];
  readonly wakeup = new Wakeup(this.clock, () => this.calledAtMs.push(this.clock.monotonicMs()));
}

test('it is called once, at the instant that was said last', () => {
  const { clock, wakeup, calledAtMs } = new Bench();
  for (const atMs of [1_500, 1_010]) wakeup.at(atMs);
  clock.advance(1_000);
  assert.equal(calledAtMs, [1_010]);
});

test('what is due already is called soon, and what is never due is not', () => {
  const { clock, wakeup, calledAtMs } = new Bench();
  wakeup.at(900);
  clock.advance(10);
  assert.equal(calledAtMs, [1_001]);
  wakeup.at(1_500);
  wakeup.at(Number.POSITIVE_INFINITY);
  assert.is(clock.timerCount, 0);
});

test('a timer that is early is not the instant: it waits on', () => {
  const { clock, wakeup, calledAtMs } = new Bench();
  clock.earlyMs = 0.5;
  wakeup.at(1_010);
  clock.advance(9.6);
  assert.equal([calledAtMs, clock.timerCount], [[], 1]);
  clock.advance(2);
  assert.is(calledAtMs.length, 1);
  assert.ok(calledAtMs[0]! >= 1_010);
});

test('who was stopped is not called, whatever is said then', () => {
  const { clock, wakeup, calledAtMs } = new Bench();
  wakeup.at(1_010);
  wakeup.stop();
  wakeup.at(1_020);
  clock.advance(1_000);
  assert.equal(calledAtMs, []);
});

test.run();
