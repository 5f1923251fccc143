/** What is told of an order to a job, as it was carried out on each of its nodes. */
import { statusOfMany } from '../client/exec-status.ts';
import { resultOfFailure, resultOfJob } from '../client/jobs.ts';
import type { ExecResult } from '../protocol/exec.ts';
import type { JobRecord } from '../protocol/job.ts';
import { formatSummary, type TargetResult } from './exec-summary.ts';
import type { Answers, FoundJob } from './job-nodes.ts';
import { printRecord } from './output.ts';

/** A job that does not run any more by now cannot run on: this is for who was not waited for. */
const UNKNOWN_END = 'it has not ended';

/** Those that did not answer, as verdicts. */
export function failuresOf({ failures }: Answers<unknown>): TargetResult[] {
  return failures.map(({ target, error }) => ({ target, ...resultOfFailure(error) }));
}

/** What became of a job on all nodes that were asked for it. */
export function resultsOf(asked: Answers<JobRecord>): TargetResult[] {
  const ended = asked.answers.map(({ target, value }) => {
    return { target, ...resultOfJob(value, UNKNOWN_END) };
  });
  return [...ended, ...failuresOf(asked)].sort((a, b) => (a.target < b.target ? -1 : 1));
}

/** The verdict on the targets of a job that nobody knows by name: one stands for all. */
export function verdictOnMissing({ missing }: Pick<FoundJob, 'missing'>): ExecResult[] {
  return missing === 0 ? [] : [{ verdict: 'lost', reason: 'no node tells of it', ms: 0 }];
}

/** A record for each node, and one for all. */
export function printResults(id: string, results: readonly TargetResult[]): void {
  for (const { target, ...result } of results)
    printRecord({ v: 1, type: 'result', id, target, ...result });
}

/** Tells who did not answer on stderr; the exit status for that, and for who is missing. */
export function tellUnanswered(
  asked: Answers<unknown>,
  job: Pick<FoundJob, 'missing'> = { missing: 0 },
): number {
  const failed = failuresOf(asked);
  if (failed.length > 0) process.stderr.write(`${formatSummary(failed)}\n`);
  return statusOfMany([...failed, ...verdictOnMissing(job)]);
}
