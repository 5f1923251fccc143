import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CopyMeter } from '../../src/cli/cp-progress.ts';
import type { CopyResult } from '../../src/protocol/file.ts';

const MIB = 1_048_576;
const OK: CopyResult = { verdict: 'ok', files: 1, bytes: 10 * MIB, sentBytes: 10 * MIB, ms: 5 };

test('the line tells how far all are, how fast it goes, and who is last', () => {
  const meter = new CopyMeter(3);
  meter.read(5 * MIB);
  assert.is(meter.format(0), 'reading here: 5.0 MiB');
  meter.begin(10 * MIB);
  assert.is(meter.format(0), '0/3 ok  0%  0 B of 30 MiB  0 B/s');
  meter.heard('web1', { doneBytes: 6 * MIB, sentBytes: 6 * MIB });
  meter.heard('web2', { doneBytes: 4 * MIB, sentBytes: 4 * MIB });
  assert.is(meter.format(1_000), '0/3 ok  33%  10 MiB of 30 MiB  10 MiB/s  slowest web2 40%');
  meter.ended('web1', OK);
  const failed = { ...OK, verdict: 'failed', bytes: 0 } as const;
  meter.ended('web3', failed);
  const text = '1/3 ok  1 failed  70%  14 MiB of 20 MiB  7.0 MiB/s  slowest web2 40%';
  assert.is(meter.format(2_000), text);
});

test('the rate is that of the last seconds', () => {
  const meter = new CopyMeter(1);
  meter.begin(100 * MIB);
  for (let second = 0; second <= 20; second++) {
    meter.heard('web1', { doneBytes: Math.min(second, 10) * MIB, sentBytes: 0 });
    meter.format(second * 1_000);
  }
  assert.is(meter.format(20_500), '0/1 ok  10%  10 MiB of 100 MiB  0 B/s');
});

test('where it is not known before, only what has come is told', () => {
  const meter = new CopyMeter(2);
  meter.begin(undefined);
  meter.heard('w\x1b[1m', { doneBytes: 5, sentBytes: 5 });
  assert.is(meter.format(0), '0/2 ok  5 B  0 B/s  slowest w\\x1b[1m 5 B');
});

test.run();
