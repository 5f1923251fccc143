import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseConnectMs } from '../../src/cli/exec-request.ts';
import { EXEC_CONNECT_MS, EXEC_CONNECT_MS_EACH } from '../../src/protocol/limits.ts';

const JOB = { isAsync: false, key: undefined, spoolBytes: undefined, isStdinRefused: false };

test('a node has five seconds to say that it has a command, and more where there are many', () => {
  const run = { connectMs: undefined, job: undefined };
  assert.is(chooseConnectMs(run, 1), EXEC_CONNECT_MS + EXEC_CONNECT_MS_EACH);
  assert.is(chooseConnectMs(run, 1_000), EXEC_CONNECT_MS + 1_000 * EXEC_CONNECT_MS_EACH);
});

test('what is said counts, and a job is asked for until it is there', () => {
  assert.is(chooseConnectMs({ connectMs: 70, job: undefined }, 1_000), 70);
  assert.is(chooseConnectMs({ connectMs: undefined, job: JOB }, 1), undefined);
});

test.run();
