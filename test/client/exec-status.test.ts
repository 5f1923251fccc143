import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { statusOfMany, statusOfOne } from '../../src/client/exec-status.ts';
import { type ExecResult, VERDICTS, type Verdict } from '../../src/protocol/exec.ts';

/** As one literally named target, and as one of several that are ok. */
const STATUSES: readonly (readonly [Partial<ExecResult> & { verdict: Verdict }, number, number])[] =
  [
    [{ verdict: 'ok', code: 0 }, 0, 0],
    [{ verdict: 'failed', code: 3 }, 3, 1],
    [{ verdict: 'failed', code: 255 }, 255, 1],
    [{ verdict: 'failed' }, 1, 1],
    [{ verdict: 'signaled', signal: 'SIGKILL' }, 137, 1],
    [{ verdict: 'signaled', signal: 'SIGTERM' }, 143, 1],
    [{ verdict: 'signaled', signal: 'SIGNOSUCH' }, 128, 1],
    [{ verdict: 'timeout', signal: 'SIGTERM' }, 124, 124],
    [{ verdict: 'timeout', code: 0 }, 124, 124],
    [{ verdict: 'cancelled', signal: 'SIGTERM' }, 130, 130],
    [{ verdict: 'not-started', code: 127 }, 127, 1],
    [{ verdict: 'not-started', code: 126 }, 126, 1],
    [{ verdict: 'not-started' }, 1, 1],
    [{ verdict: 'unreachable' }, 255, 5],
    [{ verdict: 'no-reply' }, 255, 5],
    [{ verdict: 'lost' }, 255, 5],
    [{ verdict: 'denied' }, 4, 4],
  ];

for (const [part, one, many] of STATUSES) {
  const { verdict, code, signal } = part;
  test(`${[verdict, code, signal].join(' ').trim()}: ${one} alone, ${many} among others`, () => {
    const result = { ms: 1, ...part };
    assert.is(statusOfOne(result), one);
    assert.is(statusOfMany([{ verdict: 'ok', ms: 1 }, result]), many);
  });
}

test('every verdict is in the table', () => {
  const known = new Set(STATUSES.map(([{ verdict }]) => verdict));
  assert.equal(
    VERDICTS.filter((verdict) => !known.has(verdict)),
    [],
  );
});

test('of several kinds of trouble the first of this order counts', () => {
  const order: Verdict[] = ['cancelled', 'denied', 'timeout', 'unreachable', 'failed', 'ok'];
  const statuses = [130, 4, 124, 5, 1, 0];
  for (const [at, status] of statuses.entries()) {
    const results = order.slice(at).map((verdict) => ({ verdict, ms: 1 }));
    assert.is(statusOfMany(results), status);
    assert.is(statusOfMany(results.toReversed()), status);
  }
});

test('nobody is all well', () => {
  assert.is(statusOfMany([]), 0);
});

test.run();
