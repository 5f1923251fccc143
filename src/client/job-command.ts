/** A command that runs as a job, for who runs commands: it goes on when we are gone. */
import type { ExecResult, ExecSpec } from '../protocol/exec.ts';
import type { Client } from './client.ts';
import type { CommandOptions, ExecSink, RemoteCommand } from './exec.ts';
import { followJob } from './job-following.ts';
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
  const tellNode = (): void => {
    // Its end comes with its output, if the node hears of this.
    if (id !== undefined) cancelJob(client, target, id).catch(() => undefined);
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
