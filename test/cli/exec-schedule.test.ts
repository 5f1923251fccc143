import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isAtOnce, type Pace, Schedule } from '../../src/cli/exec-schedule.ts';

const middle = (): number => 0.5;
const count = (number: number) => ({ count: number, isPercent: false });
const percent = (number: number) => ({ count: number, isPercent: true });
const ranks = (schedule: Schedule, nowMs: number): number[] =>
  schedule.next(nowMs).start.map(({ rank }) => rank);

test('without a pace all start at once', () => {
  const schedule = new Schedule(3, {}, middle);
  assert.equal(ranks(schedule, 0), [0, 1, 2]);
  assert.equal(ranks(schedule, 0), []);
  for (let left = 3; left > 0; left--) {
    assert.not.ok(schedule.isOver);
    schedule.ended(false, 1);
  }
  assert.ok(schedule.isOver);
  assert.is(schedule.stopped, undefined);
  assert.ok(isAtOnce({ maxFail: count(1), pauseMs: 5 }));
  assert.not.ok(isAtOnce({ fanout: 3 }));
});

test('a batch starts when the one before it has ended, and the pause is over', () => {
  const schedule = new Schedule(5, { batch: count(2), pauseMs: 100 }, middle);
  assert.equal(ranks(schedule, 0), [0, 1]);
  schedule.ended(true, 10);
  assert.equal(ranks(schedule, 10), []);
  schedule.ended(false, 20);
  assert.equal(schedule.next(20), { start: [], wakeAtMs: 120 });
  assert.equal(ranks(schedule, 120), [2, 3]);
  schedule.ended(true, 130);
  schedule.ended(true, 130);
  assert.equal(ranks(schedule, 230), [4]);
});

test('a batch can be a part of all, at least one', () => {
  assert.equal(ranks(new Schedule(10, { batch: percent(25) }, middle), 0), [0, 1, 2]);
  assert.equal(ranks(new Schedule(10, { batch: percent(1) }, middle), 0), [0]);
});

test('of the canary none may fail; then the rest starts', () => {
  const good = new Schedule(4, { canary: 1 }, middle);
  assert.equal(ranks(good, 0), [0]);
  good.ended(true, 1);
  assert.equal(ranks(good, 1), [1, 2, 3]);
  good.ended(false, 2);
  assert.is(good.stopped, undefined);
  const bad = new Schedule(4, { canary: 1, maxFail: count(3) }, middle);
  ranks(bad, 0);
  bad.ended(false, 1);
  assert.is(bad.stopped, 'the canary failed');
  assert.equal(bad.unstarted, { from: 1, to: 4 });
  assert.ok(bad.isOver);
});

test('as many as are borne may fail, and no more', () => {
  const schedule = new Schedule(10, { fanout: 1, maxFail: percent(20) }, middle);
  for (const rank of [0, 1, 2]) {
    assert.equal(ranks(schedule, rank), [rank]);
    schedule.ended(false, rank);
  }
  assert.is(schedule.stopped, '3 failed');
  assert.equal(ranks(schedule, 9), []);
  assert.equal(schedule.unstarted, { from: 3, to: 10 });
});

test('at most so many run at a time, and each waits for its part of the splay', () => {
  const schedule = new Schedule(3, { fanout: 2, splayMs: 1_000 }, middle);
  assert.equal(schedule.next(0).start, [
    { rank: 0, delayMs: 500 },
    { rank: 1, delayMs: 500 },
  ]);
  schedule.ended(true, 1);
  assert.equal(ranks(schedule, 1), [2]);
});

test('whatever the pace, each target is started once or never, and it ends', () => {
  const amount = fc.record({ count: fc.integer({ min: 1, max: 30 }), isPercent: fc.boolean() });
  const natural = fc.integer({ min: 1, max: 30 });
  const pace = fc.record(
    { batch: amount, canary: natural, maxFail: amount, fanout: natural, pauseMs: natural },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(natural, pace, fc.infiniteStream(fc.boolean()), (total, how: Pace, luck) => {
      const schedule = new Schedule(total, how, middle);
      const seen: number[] = [];
      const running: number[] = [];
      for (let nowMs = 0; !schedule.isOver; nowMs++) {
        assert.ok(nowMs < 10_000);
        const { start } = schedule.next(nowMs);
        for (const { rank } of start) running.push(rank);
        assert.ok(running.length <= (how.fanout ?? total));
        const ended = running.shift();
        if (ended === undefined) continue;
        seen.push(ended);
        schedule.ended(luck.next().value === true, nowMs);
      }
      assert.equal(seen, [...Array(schedule.unstarted.from).keys()]);
      assert.is(
        schedule.unstarted.from < total,
        schedule.stopped !== undefined && seen.length < total,
      );
    }),
  );
});

test.run();
