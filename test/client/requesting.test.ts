import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PreparedCall } from '../../src/client/prepared-call.ts';
import { checkTimeout } from '../../src/client/requesting.ts';
import type { DagentError } from '../../src/protocol/errors.ts';

const isRefused = ({ code }: DagentError): boolean => code === 'E_VALUE_INVALID';

test('a time above nothing is taken, and none at all', () => {
  assert.is(checkTimeout(1), 1);
  assert.is(checkTimeout(undefined), undefined);
});

test('no time, less than none, and what is no number are refused, by calls as well', () => {
  for (const timeoutMs of [0, -5, Number.NaN]) {
    assert.throws(() => checkTimeout(timeoutMs), isRefused);
    assert.throws(() => new PreparedCall('a.b', [], { timeoutMs }, undefined), isRefused);
  }
});

test.run();
