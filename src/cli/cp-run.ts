/** One run of `dagent cp`: from the words to the exit status. */
import { basename, resolve } from 'node:path';
import type { Client } from '../client/client.ts';
import type { CopyOptions } from '../client/copy.ts';
import { copyIn, makePlace, makePlaceFor, takeTurns } from '../client/copy-in.ts';
import { copyOut, offerFiles, type ReadingOptions } from '../client/copy-out.ts';
import { EXIT, statusOfMany } from '../client/exec-status.ts';
import { explainUnreachable } from '../client/targets.ts';
import { DagentError } from '../protocol/errors.ts';
import type { CopyResult } from '../protocol/file.ts';
import { FILE_RETRY_MS } from '../protocol/limits.ts';
import type { CpFlags } from './cp-flags.ts';
import {
  formatMany,
  formatOne,
  printResult,
  printSummaryRecord,
  type TargetCopy,
} from './cp-output.ts';
import type { CopyWords } from './cp-paths.ts';
import { CopyMeter } from './cp-progress.ts';
import { quoteWord } from './exec-args.ts';
import { confirmTargets } from './exec-guard.ts';
import { drawProgress } from './exec-progress.ts';
import { writeOut } from './exec-view.ts';
import { catchSignals } from './interruption.ts';
import { rememberRun } from './last-run.ts';
import { EXIT_PIPE, onPipeClosed } from './pipe.ts';
import { resolveWanted, type Wanted } from './target-flags.ts';

export interface CopyRun {
  readonly words: CopyWords;
  readonly targets: Wanted;
  readonly flags: CpFlags;
}

/** Copies to or from one target. */
type CopyOne = (target: string, options: CopyOptions) => Promise<CopyResult>;

interface Prepared {
  readonly copy: CopyOne;
  /** Bytes for each target, where they are known before. */
  readonly bytes: number | undefined;
}

function note(text: string): void {
  process.stderr.write(`dagent: ${text}\n`);
}

function noteLeftOut(count: number, whose: string): void {
  const what = count === 1 ? 'entry that is' : 'entries that are';
  if (count > 0) note(`${count} ${what} neither file nor directory left out${whose}`);
}

async function prepareOut(
  client: Client,
  words: Extract<CopyWords, { kind: 'out' }>,
  flags: CpFlags,
  reading: ReadingOptions,
): Promise<Prepared> {
  const isRecursive = flags.recursive === true;
  const paths = words.sources.map((source) => resolve(source));
  const offer = await offerFiles(client, paths, { isRecursive, ...reading });
  const { item, origin, leftOut, bytes } = offer;
  noteLeftOut(leftOut.length, '');
  const [only = ''] = paths;
  const name = paths.length === 1 ? basename(only) || 'root' : undefined;
  const { mode, owner } = flags;
  const spec = { item, path: words.to.path, name, origin, mode, owner };
  return { bytes, copy: (target, options) => copyOut(client, target, spec, options) };
}

async function prepareIn(
  client: Client,
  words: Extract<CopyWords, { kind: 'in' }>,
  flags: CpFlags,
  isSingle: boolean,
): Promise<Prepared> {
  const { mode, owner } = flags;
  const wanted = { path: words.from.path, isRecursive: flags.recursive === true };
  const to = resolve(words.to) + (/.\/$/.test(words.to) ? '/' : '');
  if (!isSingle) await makePlace(to);
  const inTurn = takeTurns();
  const gather: CopyOne = async (node, options) => {
    const path = isSingle ? to : await makePlaceFor(to, node);
    const name = basename(wanted.path) || node;
    const onLeftOut = (count: number): void => noteLeftOut(count, ` at ${node}`);
    const place = { path, name, mode, owner };
    return copyIn(client, { node, wanted, place, onLeftOut }, options);
  };
  return { bytes: undefined, copy: (node, options) => inTurn(() => gather(node, options)) };
}

/** What is to be copied. What is ended while our files are read has cancelled each target. */
async function prepare(
  client: Client,
  { words, targets, flags }: CopyRun,
  reading: ReadingOptions,
): Promise<Prepared> {
  if (words.kind === 'in') return prepareIn(client, words, flags, targets.isSingle);
  try {
    return await prepareOut(client, words, flags, reading);
  } catch (error) {
    if (!(error instanceof DagentError) || error.code !== 'E_COPY_CANCELLED') throw error;
    const { message: reason } = error;
    const counts = { files: 0, bytes: 0, sentBytes: 0, ms: 0 };
    const cancelled = { verdict: 'cancelled', reason, ...counts } as const;
    return { bytes: undefined, copy: () => Promise.resolve(cancelled) };
  }
}

function formatAgain({ words, flags }: CopyRun): string {
  const kept = [
    ...(flags.recursive === true ? ['-r'] : []),
    ...(flags.mode === undefined ? [] : ['--mode', flags.mode.toString(8)]),
    ...(flags.owner === undefined
      ? []
      : ['--owner', [flags.owner.user ?? '', flags.owner.group].filter(Boolean).join(':')]),
  ];
  const places =
    words.kind === 'out'
      ? [...words.sources, `@last:failed:${words.to.path}`]
      : [`@last:failed:${words.from.path}`, words.to];
  return ['dagent cp', ...[...kept, ...places].map(quoteWord)].join(' ');
}

function tell(run: CopyRun, results: readonly TargetCopy[], ms: number): void {
  const { targets, flags } = run;
  if (flags.json === true) return printSummaryRecord(targets.text, results, ms);
  const hasFailed = results.some(({ verdict }) => verdict !== 'ok');
  const [only] = results;
  if (targets.isSingle && only !== undefined) {
    if (hasFailed || flags.quiet !== true) process.stderr.write(`${formatOne(only, ms)}\n`);
  } else if (flags.quiet !== true) {
    process.stderr.write(`${formatMany(results, ms)}\n`);
    if (hasFailed) process.stderr.write(`once more where it failed: ${formatAgain(run)}\n`);
  }
}

interface TimeLimit {
  /** What was cancelled because its time was over was late. */
  judge(result: CopyResult): CopyResult;
  stop(): void;
}

/** Ends what is under way after so many milliseconds, if that is wanted. */
function limitTime(ms: number | undefined, ending: AbortController): TimeLimit {
  let isOver = false;
  const end = (): void => {
    isOver = true;
    ending.abort();
  };
  const timer = ms === undefined ? undefined : setTimeout(end, ms);
  return {
    judge(result) {
      if (!isOver || result.verdict !== 'cancelled') return result;
      const { reason: _, ...rest } = result;
      return { ...rest, verdict: 'timeout', ms: ms ?? 0 };
    },
    stop: () => clearTimeout(timer),
  };
}

/** Copies; returns the exit status. Throws E_NO_TARGET and what stands in the way of it. */
export async function runCopy(client: Client, run: CopyRun): Promise<number> {
  const { words, targets, flags } = run;
  const { names } = await resolveWanted(client, targets);
  const guard = { expectCount: flags['expect-count'], isSure: flags.yes === true };
  if (words.kind === 'out') await confirmTargets(names, guard);
  const ending = new AbortController();
  const { signal } = ending;
  const limit = limitTime(flags.timeout, ending);
  const meter = new CopyMeter(names.length);
  const interruption = catchSignals({
    cancel: () => ending.abort(),
    tellStatus: () => process.stderr.write(`${meter.format(performance.now())}\n`),
    hasKeyboard: false,
  });
  let isPipeClosed = false;
  onPipeClosed(() => {
    isPipeClosed = true;
    ending.abort();
  });
  const isShown = flags.quiet !== true && flags.json !== true && process.stderr.isTTY === true;
  const line = isShown ? drawProgress(meter, writeOut) : undefined;
  const startedAtMs = performance.now();
  const finish = async (target: string, result: CopyResult): Promise<TargetCopy> => {
    const isUnknown = targets.isSingle && result.verdict === 'unreachable';
    const error = isUnknown ? await explainUnreachable(client, target) : undefined;
    if (error !== undefined) throw error;
    const told = limit.judge(result);
    if (flags.json === true) printResult({ target, ...told });
    meter.ended(target, told);
    return { target, ...told };
  };
  try {
    const onRead = (read: number): void => meter.read(read);
    const { copy, bytes } = await prepare(client, run, { signal, onRead });
    meter.begin(bytes);
    const retryMs = flags.retry ?? FILE_RETRY_MS;
    const results = await Promise.all(
      names.map(async (target) => {
        const onProgress: CopyOptions['onProgress'] = (progress) => meter.heard(target, progress);
        return finish(target, await copy(target, { retryMs, signal, onProgress }));
      }),
    );
    line?.end();
    if (isPipeClosed) return EXIT_PIPE;
    if (!targets.isSingle) rememberRun(flags.home, results);
    tell(run, results, Math.round(performance.now() - startedAtMs));
    const code = statusOfMany(results);
    return code === EXIT.CANCELLED ? (interruption.status ?? code) : code;
  } finally {
    // What is still under way when one of them throws has nobody to tell.
    ending.abort();
    limit.stop();
    line?.end();
    interruption.restore();
  }
}
