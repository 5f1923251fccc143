import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseExecResult, VERDICTS } from '../../src/protocol/exec.ts';
import { pack, unpack } from '../../src/protocol/pack.ts';

test('a result is the same after a journey, whatever the verdict', () => {
  for (const verdict of VERDICTS) {
    const result = { verdict, code: 3, reason: 'because', ms: 12.5 };
    assert.equal(parseExecResult(unpack(pack(result))), result);
  }
});

test('a result tells only what it has', () => {
  assert.equal(parseExecResult({ verdict: 'ok', ms: 1, signal: null }), { verdict: 'ok', ms: 1 });
});

test('a result without a verdict that we know, or without its time, is none', () => {
  assert.is(parseExecResult({ verdict: 'great', ms: 1 }), undefined);
  assert.is(parseExecResult({ verdict: 'ok' }), undefined);
  assert.is(parseExecResult(null), undefined);
});

test('nothing that can arrive makes it throw', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      parseExecResult(value);
      parseExecResult({ verdict: 'ok', ms: 1, code: value, signal: value, reason: value });
    }),
  );
});

test.run();
