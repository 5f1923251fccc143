import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatQuestion, mustAsk } from '../../src/cli/exec-guard.ts';
import { Progress } from '../../src/cli/exec-progress.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import { EXEC_CONFIRM_COUNT, EXEC_QUIET_MS } from '../../src/protocol/limits.ts';
import { OK } from './exec-streams.ts';

test('the line says how many are through, and who takes longest', () => {
  const progress = new Progress(400, 0);
  for (let number = 0; number < 5; number++) progress.started(`web${number}`, number * 1_000);
  progress.ended('web0', OK, 30_000);
  progress.ended('web2', { verdict: 'failed', code: 1, ms: 1 }, 40_000);
  const line = '1/400 ok  1 failed  3 running  slowest web1 00:41';
  assert.is(progress.format(42_000), line);
});

test('when it is quiet it says who is waited for', () => {
  const progress = new Progress(3, 0);
  for (const name of ['web1', 'web2', 'web3']) progress.started(name, 0);
  progress.ended('web2', OK, 1_000);
  assert.match(progress.format(1_000 + EXEC_QUIET_MS - 1), 'slowest web1');
  const line = '1/3 ok  2 running  waiting for web[1,3]';
  assert.is(progress.format(1_000 + EXEC_QUIET_MS), line);
  progress.heard(7_000);
  assert.match(progress.format(3_700_000 - 1), 'waiting');
  progress.heard(3_700_000);
  assert.is(progress.format(3_700_000), '1/3 ok  2 running  slowest web1 1:01:40');
});

test('at the end there is nobody to wait for', () => {
  const progress = new Progress(1, 0);
  progress.started('a', 0);
  progress.ended('a', OK, 1);
  assert.is(progress.format(1e6), '1/1 ok');
});

test('many are asked about, unless somebody said that they are meant', () => {
  const max = EXEC_CONFIRM_COUNT;
  assert.not.ok(mustAsk(max, { expectCount: undefined, isSure: false }));
  assert.ok(mustAsk(max + 1, { expectCount: undefined, isSure: false }));
  assert.not.ok(mustAsk(max + 1, { expectCount: undefined, isSure: true }));
  assert.not.ok(mustAsk(max + 1, { expectCount: max + 1, isSure: false }));
});

test('another number than the expected one is told, with both', () => {
  try {
    mustAsk(3, { expectCount: 2, isSure: true });
    assert.unreachable();
  } catch (error) {
    const { code, message } = error as DagentError;
    assert.is(code, 'E_TARGET_COUNT');
    assert.is(message, '3 targets match, and 2 are expected');
  }
});

test('the question names their number, and some of them', () => {
  const names = Array.from({ length: 400 }, (_, number) => `n${number}x${number % 7}`);
  const question = formatQuestion(names);
  assert.match(question, /^this runs on 400 targets: n.*\.\.\.\ntype their number to go on: $/);
  assert.ok(question.length < 300);
});

test.run();
