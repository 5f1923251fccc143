import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BACKOFF_MS_MAX, BACKOFF_MS_MIN } from '../../src/protocol/limits.ts';
import { computeBackoffMs } from '../../src/router/backoff.ts';

test('the wait doubles from attempt to attempt until it is as long as it may be', () => {
  const almostOne = 1 - Number.EPSILON;
  const table = [0, 1, 2, 3, 4, 5, 6, 7, 8, 1_000].map((attempt) => [
    attempt,
    computeBackoffMs(attempt, almostOne),
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
  assert.is(BACKOFF_MS_MIN, 100);
  assert.is(BACKOFF_MS_MAX, 10_000);
});

test('chance chooses from nothing at all to the whole of the wait', () => {
  assert.is(computeBackoffMs(3, 0), 0);
  assert.is(computeBackoffMs(3, 0.25), 200);
  assert.is(computeBackoffMs(3, 0.5), 400);
});

test.run();
