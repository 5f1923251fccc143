/** One run of `dagent exec`: from the selector to the exit status. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:os';
import { escapeLine } from '../base/escape.ts';
import type { Client } from '../client/client.ts';
import { type RemoteCommand, startCommand } from '../client/exec.ts';
import { EXIT, statusOfMany, statusOfOne } from '../client/exec-status.ts';
import { explainUnreachable } from '../client/targets.ts';
import type { ExecResult } from '../protocol/exec.ts';
import type { CommandSpec } from './exec-command.ts';
import { broadcastStdin } from './exec-stdin.ts';
import { countVerdicts, formatSummary, type TargetResult } from './exec-summary.ts';
import { createOutput, type ExecView } from './exec-view.ts';
import { rememberRun } from './last-run.ts';
import { EXIT_PIPE, onPipeClosed } from './pipe.ts';
import { resolveWanted, type Wanted } from './target-flags.ts';

export interface ExecRun {
  readonly targets: Wanted;
  readonly command: CommandSpec;
  readonly hasStdin: boolean;
  readonly view: ExecView;
  /** Directory of the installation, as it was given. */
  readonly home: string | undefined;
  /** The line that runs it once more where it failed. */
  readonly again: string;
}

/** A process that a signal ended has this and the number of the signal as its status. */
const EXIT_SIGNAL = 128;
/** What became of the signals that this process got. */
interface Interruption {
  /** Exit status that tells of the first of them; undefined when there was none. */
  status: number | undefined;
  /** From here on signals do what they always do. */
  restore(): void;
}

/** Ctrl-C: the first cancels where the commands run, the second leaves at once. */
function cancelOnSignal(commands: readonly RemoteCommand[]): Interruption {
  const listeners = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => {
    const status = EXIT_SIGNAL + constants.signals[signal];
    const listener = (): void => {
      if (signal === 'SIGINT' && interruption.status !== undefined) process.exit(status);
      if (signal === 'SIGINT')
        process.stderr.write('dagent: cancelling; once more to leave at once\n');
      interruption.status ??= status;
      for (const command of commands) command.cancel();
    };
    process.on(signal, listener);
    return { signal, listener };
  });
  const interruption: Interruption = {
    status: undefined,
    restore(): void {
      for (const { signal, listener } of listeners) process.off(signal, listener);
    },
  };
  return interruption;
}

/** A name for a run that no other has. */
function createJobId(): string {
  return randomBytes(6).toString('hex');
}

function explain(result: TargetResult): void {
  const { verdict, reason, target } = result;
  if (verdict === 'ok' || verdict === 'failed') return;
  // Who has cancelled it knows that.
  if (verdict === 'cancelled' && reason === undefined) return;
  const why =
    reason ?? (verdict === 'timeout' ? 'the time was over; its process group was killed' : '');
  if (verdict === 'signaled') return;
  process.stderr.write(
    `dagent: ${escapeLine(`${target}: ${verdict}${why === '' ? '' : `: ${why}`}`)}\n`,
  );
}

/** A literal name was tried without asking who is there: only if that fails is it looked up. */
async function checkKnown(client: Client, result: ExecResult, target: string): Promise<void> {
  if (result.verdict !== 'unreachable') return;
  const error = await explainUnreachable(client, target);
  if (error !== undefined) throw error;
}

/** Runs it; returns the exit status. Throws E_NO_TARGET. */
export async function runExec(client: Client, run: ExecRun): Promise<number> {
  const { isSingle } = run.targets;
  const { names: targets } = await resolveWanted(client, run.targets);
  const { view } = run;
  const output = createOutput(view, targets, isSingle);
  const spec = {
    ...run.command,
    hasStdin: run.hasStdin,
    count: targets.length,
    job: createJobId(),
  };
  const masking = view.masksHost ? { tellsHost: true } : {};
  const startedAtMs = performance.now();
  const commands = targets.map((target, rank) =>
    startCommand(client, target, { ...spec, ...masking, rank }, output.sink(target)),
  );
  let isPipeClosed = false;
  onPipeClosed(() => {
    isPipeClosed = true;
    for (const command of commands) command.cancel();
  });
  const interruption = cancelOnSignal(commands);
  if (run.hasStdin) void broadcastStdin(process.stdin, commands);
  const results = await Promise.all(
    commands.map(async (command): Promise<TargetResult> => {
      const result = await command.result;
      if (isSingle) await checkKnown(client, result, command.target);
      output.finish(command.target, result);
      return { target: command.target, ...result };
    }),
  );
  interruption.restore();
  if (isPipeClosed) return EXIT_PIPE;
  try {
    output.end?.();
  } finally {
    conclude(run, results, { isSingle, ms: Math.round(performance.now() - startedAtMs) });
  }
  const [only] = results;
  const status = isSingle && only !== undefined ? statusOfOne(only) : statusOfMany(results);
  return status === EXIT.CANCELLED ? (interruption.status ?? status) : status;
}

function conclude(
  run: ExecRun,
  results: readonly TargetResult[],
  how: { readonly isSingle: boolean; readonly ms: number },
): void {
  if (!how.isSingle) rememberRun(run.home, results);
  if (run.view.isJson) {
    const t = new Date().toISOString();
    const counts = countVerdicts(results);
    const failed = results.filter(({ verdict }) => verdict !== 'ok').map(({ target }) => target);
    const summary = {
      v: 1,
      t,
      type: 'summary',
      target: run.targets.text,
      targets: results.length,
      counts,
      failed,
      ms: how.ms,
    };
    process.stdout.write(`${JSON.stringify(summary)}\n`);
  } else if (how.isSingle) {
    for (const result of results) explain(result);
  } else if (!run.view.isQuiet) {
    process.stderr.write(`${formatSummary(results)}\n`);
    const hasFailed = results.some(({ verdict }) => verdict !== 'ok');
    if (hasFailed) process.stderr.write(`once more where it failed: ${escapeLine(run.again)}\n`);
  }
}
