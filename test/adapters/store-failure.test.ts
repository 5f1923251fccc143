import { tmpdir } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describeFailure } from '../../src/adapters/store-failure.ts';

const LMDB_TEXT = 'Attempting to write page at position 8, size 1, blocks 1, buffer sizes 0 0 0';

function describe(code: unknown): string {
  const error = describeFailure(tmpdir(), { code, message: LMDB_TEXT });
  return `${error.code} ${error.values.reason}`;
}

test('why a store takes nothing is said by the code, and never in the words of LMDB', () => {
  for (const code of [28, 'ENOSPC']) {
    assert.is(describe(code), 'E_STORE_FULL no space left on device');
  }
  for (const code of [122, 'EDQUOT']) {
    assert.is(describe(code), 'E_STORE_FULL the quota is used up');
  }
  assert.is(describe(-30792), 'E_STORE_FULL the store is as large as it may be');
});

test('what is no want of room has the code of the system', () => {
  for (const code of [5, 'EIO']) assert.is(describe(code), 'E_STORE_WRITE EIO');
  assert.is(describe(30), 'E_STORE_WRITE EROFS');
});

test('a write that broke off on a full disk means that it is full', () => {
  const failure = { code: 5, message: 'Input/output error' };
  // No file system has less room than that of processes.
  const error = describeFailure('/proc', failure);
  assert.is(error.code, 'E_STORE_FULL');
  assert.is(error.values.reason, 'no space left on device');
});

test.run();
