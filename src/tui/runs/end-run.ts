/** Ends a job, as `dagent job cancel` does. */
import { cancelJob, resultOfJob } from '../../client/jobs.ts';
import { describeResult } from './exec-run.ts';
import type { RunTools } from './runner.ts';
import type { RunSpec } from './spec.ts';

export async function runEnd(
  { node, id }: Extract<RunSpec, { kind: 'end' }>,
  { client, news }: RunTools,
): Promise<void> {
  const result = resultOfJob(await cancelJob(client, node, id), 'it still runs');
  news.line('', `[${describeResult(result)}]`, result.verdict === 'cancelled' ? 'good' : 'plain');
  news.verdict(result.verdict);
}
