import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JobEnding, JobNote, JobSight } from '../../src/ports/job-host.ts';
import { EXEC_STRAY_MS, JOB_LINGER_MS, JOB_START_MS } from '../../src/protocol/limits.ts';
import {
  beginEnding,
  createLife,
  type JobOutput,
  type StraySight,
  stepJob,
} from '../../src/services/job-step.ts';

const START_MS = 1_000_000;

const NOTE: JobNote = {
  ...{ id: '0123456789abcdef0123', owner: 'ann@hq', command: 'work', hash: 'h', isKeyed: false },
  ...{ rank: 0, count: 1, timeoutMs: null, overallMs: null, graceMs: 5_000, spoolBytes: 65_536 },
  ...{ submittedAtMs: START_MS, boot: 'b1' },
};

const RUNNING: JobSight = {
  ...{ isSameBoot: true, pid: 77, startedAtMs: START_MS, isAlive: true, isPiped: true },
  ...{ word: 'ready', code: null, endedAtMs: null },
};

/** What is seen when it has ended after `ms`, and all of its output is there. */
function ended(code: number, ms = 300, more: Partial<JobSight> = {}): JobSight {
  const endedAtMs = START_MS + ms;
  return { ...RUNNING, isAlive: false, isPiped: false, code, endedAtMs, ...more };
}

const GONE: JobSight = { ...RUNNING, isAlive: false };

/** A job and what its steps say. */
class Played {
  readonly life;
  nowMs = START_MS;
  strays: StraySight = { groupCount: 0, foundCount: 0, leftCount: 0 };

  constructor(note: Partial<JobNote> = {}, ending?: JobEnding) {
    this.life = createLife({ ...NOTE, ...note }, START_MS, { ending });
  }

  see(sight: JobSight, afterMs = 0, bytes = 0, complaint = ''): JobOutput[] {
    this.nowMs += afterMs;
    const { strays } = this;
    const outputs = stepJob(this.life, { sight, bytes, strays }, this.nowMs, () => complaint);
    for (const output of outputs) if (output.kind === 'end') this.life.end = output.end;
    return outputs;
  }

  get result() {
    return this.life.end?.result;
  }
}

const signalsOf = (outputs: readonly JobOutput[]) =>
  outputs.flatMap((output) => (output.kind === 'signal' ? [output.signal] : []));

test('a job runs until its exit status is there, and that is its verdict', () => {
  const job = new Played();
  assert.equal(job.see(RUNNING), []);
  job.see(ended(0), 300);
  assert.equal(job.life.end, {
    result: { verdict: 'ok', code: 0, ms: 300 },
    pid: 77,
    startedAtMs: START_MS,
    endedAtMs: START_MS + 300,
  });
  assert.equal(job.see(GONE), [], 'it ends once');
});

const CODES: readonly [number, object][] = [
  [3, { verdict: 'failed', code: 3 }],
  [137, { verdict: 'signaled', signal: 'SIGKILL' }],
  [143, { verdict: 'signaled', signal: 'SIGTERM' }],
  [128, { verdict: 'failed', code: 128 }],
  [255, { verdict: 'failed', code: 255 }],
];
for (const [code, verdict] of CODES) {
  test(`the status ${code} is told as the shell means it`, () => {
    const job = new Played();
    job.see(ended(code));
    assert.equal(job.result, { ...verdict, ms: 300 });
  });
}

test('what could not be started says why, and never that it ran', () => {
  const job = new Played();
  job.see(ended(127, 4, { word: '127 no such program: work' }));
  const reason = 'no such program: work';
  assert.equal(job.result, { verdict: 'not-started', code: 127, reason, ms: 0 });
  assert.is(job.life.end?.startedAtMs, null);
  const other = new Played();
  other.see(ended(1, 4, { word: '' }), 0, 0, 'setpriv: no');
  assert.equal(other.result, { verdict: 'not-started', code: 125, reason: 'setpriv: no', ms: 0 });
});

test('the rest of its output is waited for, but not what a background process may say', () => {
  const job = new Played();
  const draining = ended(0, 300, { isPiped: true });
  assert.equal(job.see(draining, 300, 10), []);
  assert.equal(job.see(draining, JOB_LINGER_MS - 1, 20), [], 'some more came');
  assert.equal(job.see(draining, JOB_LINGER_MS - 1, 20), []);
  job.see(draining, 1, 20);
  assert.is(job.result?.verdict, 'ok');
});

test('the wait for the rest begins at its end, however long it was silent before', () => {
  const job = new Played();
  job.see(RUNNING, 0, 5);
  assert.equal(job.see(ended(0, 60_000, { isPiped: true }), 60_000, 5), []);
});

test('a timeout is TERM, then KILL after the grace, each once; the verdict says why', () => {
  const job = new Played({ timeoutMs: 1_000, graceMs: 2_000 });
  assert.equal(job.see(RUNNING, 999), []);
  const [noted, ...rest] = job.see(RUNNING, 1);
  const ending = { verdict: 'timeout', limit: 'command', atMs: START_MS + 1_000 };
  assert.equal(noted, { kind: 'ending', ending }, 'it is written down before it is done');
  assert.equal(signalsOf(rest), ['SIGTERM']);
  assert.equal(job.see(RUNNING, 1_999), []);
  assert.equal(signalsOf(job.see(RUNNING, 1)), ['SIGKILL']);
  assert.equal(job.see(RUNNING, 5_000), []);
  assert.equal(signalsOf(job.see(ended(137, 3_000))), ['SIGKILL'], 'what is left of its group');
  const signal = 'SIGKILL';
  assert.equal(job.result, { verdict: 'timeout', signal, limit: 'command', ms: 3_000 });
});

test('what is left of its group has the same grace, and KILL only after that', () => {
  const job = new Played({ timeoutMs: 1_000, graceMs: 2_000 });
  job.see(RUNNING, 1_000);
  job.strays = { groupCount: 1, foundCount: 0, leftCount: 0 };
  assert.equal(signalsOf(job.see(ended(143, 1_100), 100)), []);
  assert.equal(signalsOf(job.see(ended(143, 1_100), 1_899)), []);
  assert.is(job.result, undefined);
  assert.equal(signalsOf(job.see(ended(143, 1_100), 1)), ['SIGKILL']);
  const late = { verdict: 'timeout', signal: 'SIGTERM', limit: 'command', ms: 1_100 };
  assert.equal(job.result, late);
});

test('what has left its group is told as well, and its end is waited for, but not for ever', () => {
  const huntsOf = (outputs: readonly JobOutput[]): string[] =>
    outputs.flatMap((output) => (output.kind === 'hunt' ? [output.signal] : []));
  const job = new Played({ timeoutMs: 1_000, graceMs: 2_000 });
  job.strays = { groupCount: 0, foundCount: 0, leftCount: undefined };
  assert.equal(huntsOf(job.see(RUNNING, 1_000)), ['SIGTERM']);
  const first = job.see(ended(143, 1_100), 100);
  assert.equal([signalsOf(first), huntsOf(first)], [['SIGKILL'], ['SIGTERM']]);
  job.strays = { groupCount: 0, foundCount: 3, leftCount: 2 };
  const second = job.see(ended(143, 1_100), 1_900);
  assert.equal([signalsOf(second), huntsOf(second)], [[], ['SIGKILL']]);
  assert.is(job.see(ended(143, 1_100), EXEC_STRAY_MS - 1).length, 1);
  job.see(ended(143, 1_100), 1);
  const late = { verdict: 'timeout', signal: 'SIGTERM', limit: 'command', ms: 1_100 };
  assert.equal(job.result, { ...late, strays: 3 });
});

test('who goes on writing when the grace is over is killed, whose command has ended or not', () => {
  const ending = { verdict: 'cancelled', atMs: START_MS } as const;
  const job = new Played({ graceMs: 2_000 }, ending);
  const draining = ended(143, 100, { isPiped: true });
  for (let bytes = 0; bytes < 19; bytes++) assert.equal(job.see(draining, 100, bytes), []);
  job.see(draining, 100, 20);
  assert.equal(job.result, { verdict: 'cancelled', signal: 'SIGTERM', ms: 100 });
});

test('the time for all counts from when it was asked for', () => {
  const job = new Played({ overallMs: 500, submittedAtMs: START_MS - 400 });
  assert.equal(job.see(RUNNING, 99), []);
  assert.equal(signalsOf(job.see(RUNNING, 1)), ['SIGTERM']);
  assert.is(job.life.ending?.limit, 'overall');
});

test('a timeout that was over while no daemon was there is kept as soon as one is', () => {
  const job = new Played({ timeoutMs: 1_000 });
  assert.equal(signalsOf(job.see(RUNNING, 3_600_000)), ['SIGTERM']);
});

test('a daemon that comes back goes on with what the former one began to end', () => {
  const ending = { verdict: 'cancelled', reason: 'enough', atMs: START_MS - 10_000 } as const;
  const job = new Played({}, ending);
  assert.equal(signalsOf(job.see(RUNNING)), ['SIGTERM']);
  assert.equal(signalsOf(job.see(RUNNING, 200)), ['SIGKILL'], 'its grace was over long ago');
  job.see(ended(0));
  assert.equal(job.result, { verdict: 'cancelled', code: 0, reason: 'enough', ms: 300 });
});

test('what is cancelled before its pid is known is told as soon as it is', () => {
  const job = new Played();
  const starting = { ...RUNNING, pid: null, startedAtMs: null, word: '' };
  job.see(starting);
  beginEnding(job.life, { verdict: 'cancelled', atMs: job.nowMs });
  assert.equal(job.see(starting), []);
  assert.equal(signalsOf(job.see(RUNNING)), ['SIGTERM']);
});

test('an ending is begun once', () => {
  const job = new Played();
  assert.is(beginEnding(job.life, { verdict: 'cancelled', atMs: 1 }).length, 1);
  assert.equal(beginEnding(job.life, { verdict: 'timeout', atMs: 2 }), []);
  job.see(ended(0));
  assert.is(job.result?.verdict, 'cancelled');
});

test('a job whose processes are gone without a status is lost, never failed', () => {
  const job = new Played();
  job.see(GONE);
  assert.is(job.result?.verdict, 'lost');
  assert.match(job.result?.reason ?? '', 'nobody saw how it ended');
});

test('after a new start of the host it is lost, whoever has its pid now', () => {
  const job = new Played();
  job.see({ ...RUNNING, isSameBoot: false, isAlive: false });
  assert.is(job.result?.verdict, 'lost');
  assert.match(job.result?.reason ?? '', 'the host was started anew');
});

test('what ended before the host was started anew keeps its verdict', () => {
  const job = new Played();
  job.see(ended(0, 300, { isSameBoot: false }));
  assert.is(job.result?.verdict, 'ok');
});

test('what was only written down is lost when it does not begin', () => {
  const job = new Played();
  const unknown = { ...GONE, pid: null, startedAtMs: null, word: '' };
  assert.equal(job.see(unknown, JOB_START_MS - 1), []);
  job.see(unknown, 1);
  assert.is(job.result?.verdict, 'lost');
  assert.match(job.result?.reason ?? '', 'nobody knows whether it ran');
});

test.run();
