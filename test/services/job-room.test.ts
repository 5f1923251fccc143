import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JOB_KEEP_MS, JOB_KEPT_MAX, JOB_NODE_SPOOL_BYTES_MAX } from '../../src/protocol/limits.ts';
import { type Occupant, planRoom } from '../../src/services/job-room.ts';

const NOW_MS = 10 * JOB_KEEP_MS;
const HALF = JOB_NODE_SPOOL_BYTES_MAX / 2;

function job(id: string, more: Partial<Occupant> = {}): Occupant {
  const usual = {
    isKeyed: false,
    isExec: false,
    endedAtMs: NOW_MS - 1_000,
    isEnding: false,
    diskBytes: 10,
  };
  return { id, ...usual, ...more };
}

test('what fits stays', () => {
  const plan = planRoom([job('a'), job('b', { endedAtMs: null })], NOW_MS, 1);
  assert.equal(plan, { forget: [], strip: [], cancel: undefined, isFull: false });
});

test('a job is forgotten when it ended long enough ago, also one with a key', () => {
  const old = { endedAtMs: NOW_MS - JOB_KEEP_MS };
  const all = [job('a', old), job('b', { ...old, isKeyed: true }), job('c')];
  assert.equal(planRoom(all, NOW_MS, 0).forget, ['a', 'b']);
  assert.equal(planRoom(all, NOW_MS - 1, 0).forget, []);
});

test('for one more than are kept the one that ended first goes; those with a key stay', () => {
  const all = Array.from({ length: JOB_KEPT_MAX }, (_, at) =>
    job(`j${at}`, { endedAtMs: NOW_MS - 1_000 - at, isKeyed: at === JOB_KEPT_MAX - 1 }),
  );
  assert.equal(planRoom(all, NOW_MS, 0).forget, []);
  assert.equal(planRoom(all, NOW_MS, 1).forget, [`j${JOB_KEPT_MAX - 2}`]);
});

test('where nothing can be forgotten there is no room for another', () => {
  const all = Array.from({ length: JOB_KEPT_MAX }, (_, at) => job(`j${at}`, { isKeyed: true }));
  assert.is(planRoom(all, NOW_MS, 1).isFull, true);
  assert.is(planRoom(all, NOW_MS, 0).isFull, false);
});

test('too much output: the oldest goes, of one with a key its output only', () => {
  const all = [
    job('old', { endedAtMs: 1 + NOW_MS - JOB_KEEP_MS, diskBytes: 1, isKeyed: true }),
    job('mid', { endedAtMs: 2 + NOW_MS - JOB_KEEP_MS, diskBytes: HALF }),
    job('new', { diskBytes: HALF }),
  ];
  const plan = planRoom(all, NOW_MS, 0);
  assert.equal([plan.forget, plan.strip], [[], ['old']]);
  const more = planRoom([...all, job('run', { endedAtMs: null, diskBytes: 2 })], NOW_MS, 0);
  assert.equal([more.forget, more.strip, more.isFull], [['mid'], ['old'], false]);
});

test('when only running jobs are left, the one with the most output ends, one at a time', () => {
  const all = [
    job('a', { endedAtMs: null, diskBytes: HALF }),
    job('b', { endedAtMs: null, diskBytes: HALF + 1 }),
  ];
  const plan = planRoom(all, NOW_MS, 1);
  assert.is(plan.cancel, 'b');
  assert.is(plan.isFull, true);
  const ending = all.map((each) => ({ ...each, isEnding: each.id === 'b' }));
  assert.is(planRoom(ending, NOW_MS, 1).cancel, undefined);
});

test.run();
