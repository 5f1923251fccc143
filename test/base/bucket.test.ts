import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Bucket, createBucket, takeToken } from '../../src/base/bucket.ts';

function takeAll(bucket: Bucket, nowMs: number): number {
  let count = 0;
  while (takeToken(bucket, nowMs)) count++;
  return count;
}

test('a second allows so many, whenever they are taken', () => {
  const bucket = createBucket(10, 0);
  assert.is(takeAll(bucket, 0), 10);
  assert.is(takeAll(bucket, 99), 0);
  assert.is(takeAll(bucket, 500), 5);
  assert.is(takeAll(bucket, 1_000), 5);
});

test('a long pause fills it once', () => {
  const bucket = createBucket(10, 0);
  takeAll(bucket, 0);
  assert.is(takeAll(bucket, 3_600_000), 10);
});

test.run();
