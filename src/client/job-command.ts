/** A command that runs as a job, for who runs commands: it goes on when we are gone. */
import type { ExecResult, ExecSpec } from '../protocol/exec.ts';
import type { Client } from './client.ts';
import type { CommandOptions, ExecSink, RemoteCommand } from './exec.ts';
import { followJob } from './job-following.ts';
import { persist } from './job-persistence.ts';
import { cancelJob, type JobStart, resultOfFailure, resultOfJob, startJob } from './jobs.ts';

/** Starts `spec` on the node `target` as the job `start`, and reads its output. */
export function startJobCommand(
  client: Client,
  target: string,
  { outputBytesMax, ...spec }: ExecSpec & CommandOptions,
  start: JobStart,
  sink: ExecSink,
): RemoteCommand {
  let isCancelled = false;
  let id: string | undefined;
  const over = new AbortController();
  const tellNode = (): void => {
    const job = id;
    if (job === undefined) return;
    const isReturning = (): boolean => client.isReturning;
    // Its end comes with its output, once the node has heard of this.
    persist(() => cancelJob(client, target, job), { isReturning, signal: over.signal }).catch(
      () => 'who asked for it hears of the job what there is to hear',
    );
  };
  const run = async (): Promise<ExecResult> => {
    try {
      const record = await startJob(client, target, spec, start);
      if (record.state === 'ended' && record.pid === null) return resultOfJob(record, '');
      id = record.id;
      if (isCancelled) tellNode();
      const wish = { isFollowing: true, tellsHost: spec.tellsHost, outputBytesMax };
      const ended = await followJob(client, target, id, sink, wish).record;
      return resultOfJob(ended, 'it was left to itself');
    } catch (error) {
      return resultOfFailure(error);
    } finally {
      over.abort();
    }
  };
  return {
    target,
    result: run(),
    writeStdin: () => true,
    endStdin: () => undefined,
    drained: () => Promise.resolve(),
    cancel(): void {
      if (!isCancelled) tellNode();
      isCancelled = true;
    },
  };
}
