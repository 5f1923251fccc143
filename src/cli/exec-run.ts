/** One run of `dagent exec`: from the selector to the exit status. */
import { isatty } from 'node:tty';
import type { Client } from '../client/client.ts';
import {
  drawRunId,
  type ExecSink,
  findOwnName,
  type RemoteCommand,
  startCommand,
  unsentCommand,
} from '../client/exec.ts';
import { EXIT, statusOfRun } from '../client/exec-status.ts';
import { explainUnreachable } from '../client/targets.ts';
import type { ExecResult, ExecSpec } from '../protocol/exec.ts';
import { EXEC_KEPT_BYTES_MAX } from '../protocol/limits.ts';
import { conclude } from './exec-conclusion.ts';
import { Drive } from './exec-drive.ts';
import { confirmTargets } from './exec-guard.ts';
import { drawProgress, Progress, type ProgressLine } from './exec-progress.ts';
import { chooseConnectMs, type ExecRun } from './exec-request.ts';
import { isAtOnce } from './exec-schedule.ts';
import { StdinFeed } from './exec-stdin.ts';
import type { TargetResult } from './exec-summary.ts';
import { createOutput, writeOut } from './exec-view.ts';
import { catchSignals } from './interruption.ts';
import { EXIT_PIPE, onPipeClosed } from './pipe.ts';
import { resolveAsked } from './target-flags.ts';

/** A literal name was tried without asking who is there: only if that fails is it looked up. */
async function checkKnown(client: Client, result: ExecResult, target: string): Promise<void> {
  if (result.verdict !== 'unreachable') return;
  const error = await explainUnreachable(client, target);
  if (error !== undefined) throw error;
}

/** Where only several are, and somebody looks, it is shown how far it is. */
function showProgress(run: ExecRun, progress: Progress): ProgressLine {
  const { view, targets } = run;
  const isShown = !targets.isSingle && !view.isQuiet && process.stderr.isTTY === true;
  return isShown ? drawProgress(progress, writeOut) : { write: writeOut, end: () => undefined };
}

/** Tells the progress what passes a sink, and `onCut` of what its node has left out. */
function observed(sink: ExecSink, progress: Progress, onCut: () => void): ExecSink {
  return {
    onStart: (hostNames) => sink.onStart?.(hostNames),
    onOmitted(channel, bytes, hash): void {
      if (hash !== undefined) onCut();
      sink.onOmitted?.(channel, bytes, hash);
    },
    onOutput(channel, bytes, done): void {
      progress.heard(performance.now());
      sink.onOutput(channel, bytes, done);
    },
  };
}

/** Says where all of the output is that was cut short, and remembers it. */
async function tellSpooled(run: ExecRun, id: string, names: ReadonlySet<string>): Promise<void> {
  if (names.size === 0) return;
  const { rememberJob } = await import('./job-nodes.ts');
  rememberJob(run.home, id, [...names]);
  if (run.view.isQuiet || run.view.isJson) return;
  process.stderr.write(`dagent: more of it, for a day: dagent job output ${id}
`);
}

/** Where there is more output, and what may have been meant if the one target could not run it. */
async function tellMore(
  client: Client,
  run: ExecRun,
  results: readonly TargetResult[],
  { id, spooled }: { readonly id: string; readonly spooled: ReadonlySet<string> },
): Promise<void> {
  await tellSpooled(run, id, spooled);
  const [result] = results;
  const isOne = run.targets.isSingle && !run.view.isJson;
  if (!isOne || result?.verdict !== 'not-started') return;
  const { explainMistake } = await import('./exec-mistake.ts');
  const meant = await explainMistake(client, run.command, result);
  if (meant !== undefined) process.stderr.write(`  ${meant}\n`);
}

/** Says how far it is, and how to see it from elsewhere: a job has said that itself. */
function tellStatus(run: ExecRun, id: string, progress: Progress): void {
  const elsewhere = run.job === undefined ? `; elsewhere: dagent job attach ${id}` : '';
  process.stderr.write(`${progress.format(performance.now())}${elsewhere}\n`);
}

/** The parts of a request that are the same for all targets. */
function commonSpec(
  run: ExecRun,
  count: number,
): Omit<ExecSpec, 'hasStdin'> & { readonly job: string } {
  const job = drawRunId();
  const owner = findOwnName();
  const { masksHost, outputBytesMax, logDir } = run.view;
  const masking = masksHost ? { tellsHost: true } : {};
  // What is not shown need not come, unless it is wanted in files.
  const isCapped = outputBytesMax !== undefined && logDir === undefined;
  const cap = isCapped ? { outputBytesMax: Math.min(outputBytesMax, EXEC_KEPT_BYTES_MAX) } : {};
  const who = owner === undefined ? {} : { owner };
  return { ...run.command, ...masking, ...cap, ...who, count, job };
}

/** Starts the command of one target. */
export type Begin = typeof startCommand;

/** Runs it; returns the exit status. Throws E_NO_TARGET and what stands in the way of it. */
export async function runExec(
  client: Client,
  run: ExecRun,
  begin: Begin = startCommand,
): Promise<number> {
  const { names, silent } = await resolveAsked(client, run.targets);
  const beginAsked: Begin = (by, target, spec, sink) => {
    const error = silent.get(target);
    return error === undefined ? begin(by, target, spec, sink) : unsentCommand(target, error);
  };
  if (run.pick === undefined) return runOn(client, run, names, beginAsked);
  const { withPicked } = await import('./exec-pick.ts');
  const asked = names.filter((name) => !silent.has(name));
  const pick = { names: asked, count: run.pick, isQuiet: run.view.isQuiet };
  return withPicked(client, pick, (picked) => runOn(client, run, picked, begin));
}

/** Runs it on the nodes of these names. */
async function runOn(
  client: Client,
  run: ExecRun,
  names: readonly string[],
  begin: Begin,
): Promise<number> {
  const { isSingle } = run.targets;
  await confirmTargets(names, run.guard);
  const feeding = { mode: run.stdin, count: names.length, isAtOnce: isAtOnce(run.pace) };
  const feed = await StdinFeed.open(feeding, () => process.stdin);
  const startedAtMs = performance.now();
  const progress = new Progress(names.length, startedAtMs);
  const line = showProgress(run, progress);
  const output = createOutput(run.view, names, { isSingle, write: line.write });
  const common = commonSpec(run, names.length);
  const spooled = new Set<string>();
  const start = (target: string, rank: number, overallMs: number | undefined): RemoteCommand => {
    const connectMs = chooseConnectMs(run, names.length);
    const limits = { connectMs, ...(overallMs === undefined ? {} : { overallMs }) };
    const hasStdin = feed.takes(rank);
    const spec = { ...common, ...limits, rank, hasStdin };
    const onCut = (): unknown => spooled.add(target);
    const command = begin(client, target, spec, observed(output.sink(target), progress, onCut));
    progress.started(target, performance.now());
    if (hasStdin) feed.add(command, rank);
    return command;
  };
  const finish = async (target: string, result: ExecResult): Promise<void> => {
    if (isSingle) await checkKnown(client, result, target);
    output.finish(target, result);
    progress.ended(target, result, performance.now());
  };
  const drive = new Drive(names, { start, finish }, run);
  let isPipeClosed = false;
  onPipeClosed(() => {
    isPipeClosed = true;
    drive.cancel('nobody reads our output any more');
  });
  const interruption = catchSignals({
    cancel: () => drive.cancel('it was interrupted'),
    tellStatus: () => tellStatus(run, common.job, progress),
    hasKeyboard: !isSingle && run.stdin === 'none' && isatty(0),
  });
  drive.begin();
  feed.begin();
  try {
    const results = await drive.results;
    if (isPipeClosed) return EXIT_PIPE;
    line.end();
    const told = { ...run, job: spooled.size === 0 ? undefined : common.job };
    conclude(told, output, results, Math.round(performance.now() - startedAtMs));
    await tellMore(client, run, results, { id: common.job, spooled });
    const status = statusOfRun(results, isSingle, run.exit);
    const isEnded = status === EXIT.CANCELLED || status === EXIT.SKIPPED;
    return isEnded ? (interruption.status ?? status) : status;
  } finally {
    line.end();
    interruption.restore();
  }
}
