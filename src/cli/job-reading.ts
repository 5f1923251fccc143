/** Shows what a job writes on its nodes: to its end, or as far as it is. */
import { escapeLine } from '../base/escape.ts';
import type { Client } from '../client/client.ts';
import { type ExitMode, statusOfMany, statusOfRun } from '../client/exec-status.ts';
import { type Following, followJob } from '../client/job-following.ts';
import { resultOfFailure } from '../client/jobs.ts';
import type { DagentError } from '../protocol/errors.ts';
import { conclude, printSummaryRecord } from './exec-conclusion.ts';
import { CHANNEL_NAMES, type ExecOutput } from './exec-output.ts';
import { formatSummary, type TargetResult } from './exec-summary.ts';
import { createOutput, type ExecView, writeOut } from './exec-view.ts';
import { checkKnown, checkWatched, type FoundJob } from './job-nodes.ts';
import { verdictOnMissing } from './job-orders.ts';
import { withoutName } from './own-name.ts';
import { EXIT_PIPE, onPipeClosed } from './pipe.ts';

export interface JobView {
  readonly view: ExecView;
  readonly isFollowing: boolean;
  /** Only what was written in so many milliseconds. */
  readonly lastMs: number | undefined;
  readonly exit: ExitMode;
  readonly home: string | undefined;
}

/** Status of who is interrupted while it reads: the job is not. */
const EXIT_INTERRUPTED = 130;
const LEAVING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What one node has told. */
interface Read {
  /** Why its output could not be read. */
  readonly error: DagentError | undefined;
  /** None of a job that still runs, or of which we hear no more. */
  readonly result: TargetResult | undefined;
}

/** Says on stderr that a node is asked again, and why. */
export function tellAway(target: string, error: DagentError): void {
  const what = `${target} is away and is asked again; the job goes on`;
  const why = `${what}: ${withoutName(error.message, target)}`;
  process.stderr.write(`dagent: ${escapeLine(why)}\n`);
}

interface Reading {
  readonly output: ExecOutput;
  readonly all: Promise<readonly Read[]>;
  detach(): void;
}

function beginReading(client: Client, { id, names, isSingle }: FoundJob, wish: JobView): Reading {
  const output = createOutput(wish.view, names, { isSingle, write: writeOut });
  const { isFollowing, lastMs, view } = wish;
  const followings: Following[] = [];
  const readOne = async (target: string): Promise<Read> => {
    const onAway = (error: DagentError): void => tellAway(target, error);
    const { masksHost: tellsHost, outputBytesMax } = view;
    const options = { isFollowing, tellsHost, lastMs, outputBytesMax, onAway };
    const following = followJob(client, target, id, output.sink(target), options);
    followings.push(following);
    const told = await following.record.then(
      ({ result }) => ({ error: undefined, result }),
      (error) => ({ error, result: client.isConnected ? resultOfFailure(error) : null }),
    );
    const { error, result } = told;
    if (result !== null) output.finish(target, result);
    // Nobody can say yet how it ends; what it has written of its last line is shown all the same.
    else if (!view.isJson) output.finish(target, { verdict: 'ok', ms: 0 });
    return { error, result: result === null ? undefined : { target, ...result } };
  };
  return {
    output,
    all: Promise.all(names.map(readOne)),
    detach(): void {
      for (const following of followings) following.detach();
    },
  };
}

/** Settles when we are told to leave, or when nobody reads our output any more. */
function watchLeaving(): { readonly status: Promise<number>; restore(): void } {
  let leave: (status: number) => void = () => undefined;
  const status = new Promise<number>((resolve) => {
    leave = resolve;
  });
  const onSignal = (): void => leave(EXIT_INTERRUPTED);
  for (const name of LEAVING) process.on(name, onSignal);
  onPipeClosed(() => leave(EXIT_PIPE));
  return {
    status,
    restore(): void {
      for (const name of LEAVING) process.off(name, onSignal);
    },
  };
}

/** Waits until our own streams have taken what they got. */
async function flush(): Promise<void> {
  const nothing = Buffer.alloc(0);
  await Promise.all(
    CHANNEL_NAMES.map((name) => new Promise<void>((resolve) => writeOut(name, nothing, resolve))),
  );
}

function resultsIn(told: readonly Read[]): TargetResult[] {
  return told.map(({ result }) => result).filter((result) => result !== undefined);
}

/** Throws when there is no job, or nobody to tell of it; who reads records has a summary first. */
function check(client: Client, job: FoundJob, wish: JobView, told: readonly Read[], ms: number) {
  const errors = told.flatMap(({ error }) => error ?? []);
  try {
    checkKnown(job, errors);
    checkWatched(client, job.id, errors);
  } catch (error) {
    const results = resultsIn(told);
    const { id: text, isSingle, missing } = job;
    const summed = { targets: { text, isSingle }, missing };
    if (wish.view.isJson) printSummaryRecord(summed, results, ms);
    throw error;
  }
}

/** Says the last word; returns the exit status. Throws E_CANNOT_WRITE. */
function finish(job: FoundJob, wish: JobView, reading: Reading, told: readonly Read[], ms: number) {
  const results = resultsIn(told);
  const missing = verdictOnMissing(job);
  const { view, home, isFollowing } = wish;
  const unread = told.flatMap(({ error, result }) => (error && result ? [result] : []));
  if (isFollowing || view.isJson) {
    const targets = { text: job.id, isSingle: job.isSingle };
    const concluded = { targets, view, home, again: undefined, missing: job.missing };
    conclude(concluded, reading.output, results, ms);
  } else if (unread.length > 0) {
    process.stderr.write(`${formatSummary(unread)}\n`);
  }
  return isFollowing
    ? statusOfRun([...results, ...missing], job.isSingle, wish.exit)
    : statusOfMany([...unread, ...missing]);
}

/**
 * Shows the output of a job; returns the exit status: that of its verdicts when it was followed to
 * its end; 0 when what there is was shown; 130 when we left before. Throws E_CANNOT_WRITE,
 * E_JOB_UNKNOWN, E_JOB_NOWHERE, E_JOB_UNWATCHED.
 */
export async function readJob(client: Client, job: FoundJob, wish: JobView): Promise<number> {
  const startedAtMs = performance.now();
  const reading = beginReading(client, job, wish);
  const leaving = watchLeaving();
  try {
    const told = await Promise.race([reading.all, leaving.status]);
    if (typeof told !== 'number') {
      const ms = Math.round(performance.now() - startedAtMs);
      check(client, job, wish, told, ms);
      return finish(job, wish, reading, told, ms);
    }
    reading.detach();
    if (told === EXIT_PIPE) return told;
    await flush();
    const again = `dagent job attach ${job.id}`;
    process.stderr.write(`dagent: detached; the job goes on. To see it again: ${again}\n`);
    return told;
  } finally {
    leaving.restore();
  }
}
