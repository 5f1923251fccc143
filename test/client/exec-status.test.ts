import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  EXIT_MODES,
  statusOfMany,
  statusOfOne,
  statusOfRun,
} from '../../src/client/exec-status.ts';
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
    [{ verdict: 'skipped' }, 7, 7],
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
  const order: Verdict[] = [
    'cancelled',
    'denied',
    'skipped',
    'timeout',
    'unreachable',
    'failed',
    'ok',
  ];
  const statuses = [130, 4, 7, 124, 5, 1, 0];
  for (const [at, status] of statuses.entries()) {
    const results = order.slice(at).map((verdict) => ({ verdict, ms: 1 }));
    assert.is(statusOfMany(results), status);
    assert.is(statusOfMany(results.toReversed()), status);
  }
});

test('nobody is all well', () => {
  assert.is(statusOfMany([]), 0);
});

/** Verdicts of several, and the status by each of EXIT_MODES. */
const MODES: readonly (readonly [string, readonly number[]])[] = [
  ['0 0', [0, 0, 0, 0, 0, 0]],
  ['3 3', [1, 1, 3, 1, 3, 0]],
  ['0 3 7', [1, 1, 7, 1, 1, 0]],
  ['3 unreachable', [5, 1, 255, 1, 5, 0]],
  ['0 lost no-reply', [5, 0, 255, 1, 5, 0]],
  ['unreachable', [5, 5, 255, 1, 255, 0]],
  ['timeout timeout', [124, 124, 124, 1, 124, 0]],
  ['0 skipped', [7, 7, 7, 1, 7, 0]],
];

function read(word: string): ExecResult {
  if (!/^\d/.test(word)) return { verdict: word as Verdict, ms: 1 };
  return { verdict: word === '0' ? 'ok' : 'failed', code: Number(word), ms: 1 };
}

for (const [words, statuses] of MODES) {
  test(`${words}: auto, max, any, passthrough, zero`, () => {
    const results = words.split(' ').map(read);
    assert.equal(
      EXIT_MODES.map((mode) => statusOfRun(results, false, mode)),
      statuses,
    );
  });
}

test('one target that is named in full ends as its command did, unless told otherwise', () => {
  assert.is(statusOfRun([read('42')], true, 'auto'), 42);
  assert.is(statusOfRun([read('42')], true, 'reached'), 42);
  assert.is(statusOfRun([read('unreachable')], true, 'reached'), 255);
  assert.is(statusOfRun([read('42')], true, 'any'), 1);
  assert.is(statusOfRun([read('42')], false, 'auto'), 1);
});

test('ten thousand targets are not too many for any of them', () => {
  const results = Array.from({ length: 200_000 }, () => read('9'));
  assert.is(statusOfRun(results, false, 'max'), 9);
});

test.run();
