/** `dagent exec` as jobs: started and left to themselves, or read as long as we are there. */
import { randomBytes } from 'node:crypto';
import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { Client } from '../client/client.ts';
import { findOwnName } from '../client/exec.ts';
import { EXIT, statusOfRun } from '../client/exec-status.ts';
import { startJobCommand } from '../client/job-command.ts';
import { type JobStart, resultOfFailure, startJob } from '../client/jobs.ts';
import { explainUnreachable } from '../client/targets.ts';
import { DagentError } from '../protocol/errors.ts';
import type { ExecResult, Verdict } from '../protocol/exec.ts';
import type { JobRecord } from '../protocol/job.ts';
import { explain } from './exec-conclusion.ts';
import { confirmTargets } from './exec-guard.ts';
import type { ExecRun } from './exec-request.ts';
import { runExec } from './exec-run.ts';
import { isAtOnce } from './exec-schedule.ts';
import { formatSummary, type TargetResult } from './exec-summary.ts';
import type { JobWish } from './job-flags.ts';
import { rememberJob } from './job-nodes.ts';
import { rememberRun } from './last-run.ts';
import { printLine, printRecord } from './output.ts';
import { resolveAsked } from './target-flags.ts';

/** An id that nobody guesses, for a new job. */
function drawJobId(): string {
  return randomBytes(10).toString('hex');
}

/** How each job of a run is started. */
function describeStart({ key, spoolBytes }: JobWish, id: string): JobStart {
  return { id, key, owner: findOwnName() ?? 'somebody', spoolBytes };
}

/** Says how to come back: to who looks on, and where not all of the output is shown. */
function tellId(run: ExecRun, id: string): void {
  const { isQuiet, isJson, outputBytesMax } = run.view;
  if (isJson) {
    const t = new Date().toISOString();
    printRecord({ v: 1, t, type: 'job', target: run.targets.text, id });
  } else if (!isQuiet && (outputBytesMax !== undefined || isatty(2))) {
    process.stderr.write(`dagent: all of it, also later: dagent job attach ${id}\n`);
  }
}

/** A pipe or a file that somebody has put there is not read: that must not go unnoticed. */
function tellStdin(): void {
  const stat = fstatSync(0);
  if (stat.isFIFO() || (stat.isFile() && stat.size > 0)) {
    process.stderr.write(
      'dagent: a job has no stdin: ours is not read (-n says that it is meant)\n',
    );
  }
}

/** Runs it as jobs, and reads them. As for exec; but they go on when we are gone. */
export async function runAsJobs(client: Client, run: ExecRun, wish: JobWish): Promise<number> {
  const start = describeStart(wish, drawJobId());
  const names: string[] = [];
  if (!wish.isStdinRefused) tellStdin();
  tellId(run, start.id);
  try {
    return await runExec(client, run, (_, target, spec, sink) => {
      names.push(target);
      return startJobCommand(client, target, spec, start, sink);
    });
  } finally {
    if (names.length > 0) rememberJob(run.home, start.id, names);
  }
}

type Started =
  | { readonly target: string; readonly record: JobRecord }
  | { readonly target: string; readonly error: DagentError };

async function startOne(
  client: Client,
  run: ExecRun,
  start: JobStart,
  place: { readonly target: string; readonly rank: number; readonly count: number },
): Promise<Started> {
  const { target, rank, count } = place;
  const { command, connectMs, overallMs } = run;
  const limits = overallMs === undefined ? {} : { overallMs };
  const spec = { ...command, ...limits, connectMs, rank, count, hasStdin: false };
  try {
    return { target, record: await startJob(client, target, spec, start) };
  } catch (error) {
    if (error instanceof DagentError) return { target, error };
    throw error;
  }
}

/** What a start tells: a job that runs is as good as could be. */
function resultOfStart(started: Started): ExecResult {
  if ('error' in started) return resultOfFailure(started.error);
  const { result } = started.record;
  return result?.verdict === 'not-started' ? result : { verdict: 'ok', code: 0, ms: 0 };
}

/** Verdicts of who was asked to start a job, and was not heard again. */
const OPEN: ReadonlySet<Verdict> = new Set(['lost', 'no-reply']);

/**
 * The id of a job that a node knows, be it only why it never began, or that may run all the same.
 * One with a key has its id from its node, and none as long as that is silent.
 */
export function findId(sent: readonly Started[], { id, key }: JobStart): string | undefined {
  const taken = sent.find((each) => 'record' in each);
  if (taken !== undefined) return taken.record.id;
  const isOpen = sent.some((each) => OPEN.has(resultOfStart(each).verdict));
  return isOpen && key === undefined ? id : undefined;
}

/** The id, by which a job is found and ended also where nobody has said that it began. */
function tellJobs(run: ExecRun, id: string, all: readonly Started[]): void {
  if (run.view.isJson) {
    for (const each of all) {
      const t = new Date().toISOString();
      const more = 'record' in each ? { job: each.record } : { error: each.error.toData() };
      printRecord({ v: 1, t, type: 'job', target: each.target, id, ...more });
    }
  } else {
    printLine(id);
  }
}

function tellResults(run: ExecRun, results: readonly TargetResult[]): void {
  if (results.every(({ verdict }) => verdict === 'ok')) return;
  if (run.targets.isSingle) for (const result of results) explain(result);
  else if (!run.view.isQuiet) process.stderr.write(`${formatSummary(results, 'begun')}\n`);
}

/** One target that nobody knows: what may have been meant, as for exec. */
async function checkKnown(client: Client, run: ExecRun, [only]: readonly Started[]): Promise<void> {
  if (!run.targets.isSingle || only === undefined || !('error' in only)) return;
  const isLost = only.error.code === 'E_UNREACHABLE';
  throw (isLost ? await explainUnreachable(client, only.target) : undefined) ?? only.error;
}

/** Starts the jobs of a run; returns the exit status. Throws E_USAGE, E_NO_TARGET. */
export async function submitJob(client: Client, run: ExecRun, wish: JobWish): Promise<number> {
  if (!isAtOnce(run.pace)) {
    const reason = '--async starts all at once: leave out --batch, --canary, --fanout, --splay';
    throw new DagentError('E_USAGE', { reason });
  }
  const { names, silent } = await resolveAsked(client, run.targets);
  await confirmTargets(names, run.guard);
  if (!wish.isStdinRefused) tellStdin();
  const start = describeStart(wish, drawJobId());
  const count = names.length;
  const all = await Promise.all(
    names.map((target, rank): Started | Promise<Started> => {
      const error = silent.get(target);
      if (error !== undefined) return { target, error };
      return startOne(client, run, start, { target, rank, count });
    }),
  );
  const sent = all.filter(({ target }) => !silent.has(target));
  const id = findId(sent, start);
  if (id !== undefined) rememberJob(run.home, id, names);
  const hasRecords = run.view.isJson && !run.targets.isSingle;
  if (id !== undefined || hasRecords) tellJobs(run, id ?? start.id, all);
  await checkKnown(client, run, all);
  const results = all.map((each) => ({ target: each.target, ...resultOfStart(each) }));
  if (!run.targets.isSingle) rememberRun(run.home, results);
  tellResults(run, results);
  return run.exit === 'zero' ? EXIT.OK : statusOfRun(results, run.targets.isSingle, run.exit);
}
