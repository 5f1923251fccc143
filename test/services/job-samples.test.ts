import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JOB_SAMPLES_MAX } from '../../src/protocol/limits.ts';
import { JobSamples } from '../../src/services/job-samples.ts';

test('an instant is noted once a second at most, and only when there is more', () => {
  const samples = new JobSamples();
  assert.is(samples.add({ atMs: 0, stdout: 0, stderr: 0 }), undefined);
  assert.equal(samples.add({ atMs: 10, stdout: 5, stderr: 0 }), { isWhole: false });
  assert.is(samples.add({ atMs: 500, stdout: 9, stderr: 0 }), undefined);
  assert.is(samples.add({ atMs: 1_500, stdout: 5, stderr: 0 }), undefined);
  assert.equal(samples.add({ atMs: 1_600, stdout: 9, stderr: 1 }), { isWhole: false });
  assert.is(samples.all.length, 2);
});

test('what was written since an instant stands behind the last sample before it', () => {
  const samples = new JobSamples([
    { atMs: 1_000, stdout: 10, stderr: 1 },
    { atMs: 2_000, stdout: 20, stderr: 2 },
  ]);
  assert.equal(samples.placeAt(999), { stdout: 0, stderr: 0 });
  assert.equal(samples.placeAt(1_999), { stdout: 10, stderr: 1 });
  assert.equal(samples.placeAt(2_000), { stdout: 20, stderr: 2 });
});

test('there are never more than the limit: every second one goes, the latest stays', () => {
  const samples = new JobSamples();
  let wholeCount = 0;
  for (let second = 1; second <= 5 * JOB_SAMPLES_MAX; second++) {
    const added = samples.add({ atMs: second * 1_000, stdout: second, stderr: 0 });
    if (added?.isWhole === true) wholeCount++;
    assert.ok(samples.all.length <= JOB_SAMPLES_MAX);
  }
  assert.ok(wholeCount > 0);
  const age = 5 * JOB_SAMPLES_MAX - samples.placeAt(5 * JOB_SAMPLES_MAX * 1_000).stdout;
  assert.ok(age < 16, `the last sample is ${age} s old`);
  assert.ok(samples.placeAt(100_000).stdout > 80, 'the beginning is covered too');
});

test.run();
