import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { computeBackoffMs } from '../../src/base/backoff.ts';

const BOUNDS = { minMs: 100, maxMs: 10_000 };

test('the wait doubles from attempt to attempt until it is as long as it may be', () => {
  const almostOne = 1 - Number.EPSILON;
  const table = [0, 1, 2, 3, 4, 5, 6, 7, 8, 1_000].map((attempt) => [
    attempt,
    computeBackoffMs(BOUNDS, attempt, almostOne),
  ]);
  assert.equal(table, [
    [0, 100],
    [1, 200],
    [2, 400],
    [3, 800],
    [4, 1_600],
    [5, 3_200],
    [6, 6_400],
    [7, 10_000],
    [8, 10_000],
    [1_000, 10_000],
  ]);
});

test('chance chooses from nothing at all to the whole of the wait', () => {
  assert.is(computeBackoffMs(BOUNDS, 3, 0), 0);
  assert.is(computeBackoffMs(BOUNDS, 3, 0.25), 200);
  assert.is(computeBackoffMs(BOUNDS, 3, 0.5), 400);
});

test.run();
