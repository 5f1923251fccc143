import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatJob, jobRow } from '../../src/cli/job-table.ts';
import type { ExecResult } from '../../src/protocol/exec.ts';
import type { JobRecord } from '../../src/protocol/job.ts';

const NOW_MS = Date.UTC(2026, 10, 28, 12);

function job(node: string, result: ExecResult | null, more: Partial<JobRecord> = {}): JobRecord {
  return {
    ...{ id: '0123456789abcdef0123', node, owner: 'ann@hq', command: 'work', result },
    state: result === null ? 'running' : 'ended',
    ...{ pid: 77, submittedAtMs: NOW_MS - 90_000, startedAtMs: NOW_MS - 90_000 },
    ...{ endedAtMs: null, timeoutMs: null, rank: 0, count: 1, isKeyed: false, isExec: false },
    ...{ stdout: { bytes: 0, omittedBytes: 0 }, stderr: { bytes: 5, omittedBytes: 0 } },
    ...more,
  };
}

test('a job on several nodes is one line, with how many of them are how', () => {
  const failed = { verdict: 'failed', code: 3, ms: 1_500 } as const;
  const group = [job('web1', null), job('web2', failed), job('web3', null)];
  assert.equal(jobRow(group, NOW_MS), [
    '0123456789abcdef0123',
    '2 running, 1 failed',
    'web[1-3]',
    'ann@hq',
    '1m 30s',
    '-',
    'work',
  ]);
  const [, state, , , , took] = jobRow([job('web2', failed)], NOW_MS);
  assert.equal([state, took], ['failed', '1.5s']);
});

test('what was never started took no time', () => {
  const none = { verdict: 'not-started', code: 127, ms: 0 } as const;
  assert.is(jobRow([job('web1', none)], NOW_MS)[5], '-');
  const ok = { verdict: 'ok', code: 0, ms: 1_500 } as const;
  assert.is(jobRow([job('web1', none), job('web2', ok)], NOW_MS)[5], '1.5s');
});

test('a long command is cut', () => {
  const row = jobRow([job('web1', null, { command: 'x'.repeat(100) })], NOW_MS);
  assert.is(row.at(-1), `${'x'.repeat(45)}...`);
});

test('of one job all is told: how it ended, when, and what it wrote', () => {
  const result = { verdict: 'cancelled', signal: 'SIGTERM', reason: 'enough', ms: 2_000 } as const;
  const text = formatJob(
    job('web1', result, {
      endedAtMs: NOW_MS,
      timeoutMs: 60_000,
      isKeyed: true,
      stdout: { bytes: 2_048, omittedBytes: 1_024 },
    }),
  );
  assert.match(text, /^web1\n {2}state {5}cancelled SIGTERM after 2.0s: enough$/m);
  assert.match(text, /^ {2}asked {5}2026-11-28T11:58:30.000Z by ann@hq$/m);
  assert.not.match(text, /runs as/);
  const other = formatJob(job('web1', result, { runsAs: 'www' }));
  assert.match(other, /^ {2}runs as {3}www$/m);
  assert.match(text, /^ {2}ended {5}2026-11-28T12:00:00.000Z$/m);
  assert.match(text, /^ {2}timeout {3}1m$/m);
  assert.match(text, /^ {2}key/m);
  assert.match(text, /^ {2}stdout {4}2.0 KiB, 1.0 KiB of it not kept$/m);
  assert.match(text, /^ {2}stderr {4}5 B$/m);
});

test('what runs, is about to, or never did says so', () => {
  assert.match(formatJob(job('web1', null)), 'running, pid 77');
  assert.match(formatJob(job('web1', null, { pid: null })), 'starting');
  const result = {
    verdict: 'not-started',
    code: 127,
    reason: 'no such program: x',
    ms: 0,
  } as const;
  const text = formatJob(job('web1', result, { startedAtMs: null }));
  assert.match(text, /state {5}not-started 127: no such program: x$/m);
});

test.run();
