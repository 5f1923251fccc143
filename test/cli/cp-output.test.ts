import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatMany, formatOne, type TargetCopy } from '../../src/cli/cp-output.ts';

const OK: TargetCopy = {
  ...{ target: 'web1', verdict: 'ok', change: 'copied', path: '/opt/f' },
  ...{ files: 1, bytes: 2_048, sentBytes: 2_048, ms: 5 },
};

test('one target says what was done, or why it was not', () => {
  assert.is(formatOne(OK, 5), '/opt/f copied: 2.0 KiB, in 5.0ms');
  const resumed = formatOne({ ...OK, sentBytes: 1_024 }, 5);
  assert.is(resumed, '/opt/f copied: 2.0 KiB, of which 1.0 KiB had to be sent, in 5.0ms');
  assert.is(formatOne({ ...OK, change: 'unchanged' }, 5), '/opt/f is unchanged');
  const other = formatOne({ ...OK, change: 'attributes', path: '/a\n' }, 5);
  assert.is(other, '/a\\n has its mode or owner changed');
  const failed = formatOne({ ...OK, verdict: 'failed', reason: 'the disk is full' }, 5);
  assert.is(failed, 'dagent: web1: failed: the disk is full');
});

test('several are summed up, those that are not fine by name', () => {
  const { change: _, ...rest } = OK;
  const failed: TargetCopy = { ...rest, target: 'web3', verdict: 'failed', reason: 'why' };
  const same: TargetCopy = { ...OK, target: 'web2', change: 'unchanged', sentBytes: 0 };
  assert.is(
    formatMany([OK, same, { ...failed, bytes: 0, sentBytes: 0 }], 1_500),
    [
      '3 targets: 2 ok, 1 failed',
      '  failed      web3  why',
      '1 copied, 1 unchanged: 4.0 KiB, of which 2.0 KiB had to be sent, in 1.5s',
    ].join('\n'),
  );
  assert.is(formatMany([failed], 5).split('\n').length, 2);
});

test.run();
