/**
 * Copies between this host and nodes: what becomes of one target, tried again when its way breaks.
 */
import { systemClock } from '../adapters/system-clock.ts';
import { DagentError } from '../protocol/errors.ts';
import type { Verdict } from '../protocol/exec.ts';
import type { CopyProgress, CopyResult } from '../protocol/file.ts';
import { FILE_CANCEL_MS } from '../protocol/limits.ts';
import { verdictOf } from './exec.ts';

/** Time until a copy is tried again, the first time and at most. */
const AGAIN_MS_MIN = 200;
const AGAIN_MS_MAX = 3_000;

/** What was broken off, and may go on when the way is back. */
const BROKEN: ReadonlySet<Verdict> = new Set(['unreachable', 'lost', 'no-reply']);

export interface CopyOptions {
  /** Milliseconds for which a copy that broke off is tried again. */
  readonly retryMs: number;
  /** Ends it; nothing is left of what is not whole. */
  readonly signal: AbortSignal;
  onProgress(progress: CopyProgress): void;
}

/** One attempt. Throws why it did not succeed; `heard` says that the node has begun. */
export type Attempt = (heard: (progress: CopyProgress) => void) => Promise<CopyResult>;

function errnoOf({ values }: DagentError): { errno?: string } {
  return typeof values.errno === 'string' ? { errno: values.errno } : {};
}

function resultOf(error: unknown, last: CopyProgress, ms: number): CopyResult {
  if (!(error instanceof DagentError)) throw error;
  const { code, message } = error;
  const verdict =
    code === 'E_COPY_CANCELLED' ? 'cancelled' : code === 'E_SOURCE_LOST' ? 'lost' : verdictOf(code);
  const done = { files: 0, bytes: last.doneBytes, sentBytes: last.sentBytes };
  return { verdict, reason: message, ...errnoOf(error), ...done, ms };
}

/** Whether the same may succeed a moment later. Without our own daemon nothing does. */
function isWorthAgain({ verdict }: CopyResult, error: unknown): boolean {
  const code = error instanceof DagentError ? error.code : undefined;
  // A copy that broke off may still be giving up what it was writing.
  if (code === 'E_COPY_BUSY') return true;
  return code !== 'E_CONNECTION_LOST' && BROKEN.has(verdict);
}

/** Waits for so long, or until it is ended. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = systemClock.after(signal.aborted ? 0 : ms, resolve);
  signal.addEventListener('abort', () => {
    stop();
    resolve();
  });
  return promise;
}

/** Rejects when a copy is to end and its node does not say within FILE_CANCEL_MS that it did. */
function untilGivenUp(signal: AbortSignal): { readonly late: Promise<never>; stop(): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  let stopTimer = (): void => undefined;
  const wait = (): void => {
    stopTimer = systemClock.after(FILE_CANCEL_MS, () =>
      reject(new DagentError('E_COPY_CANCELLED')),
    );
  };
  if (signal.aborted) wait();
  else signal.addEventListener('abort', wait);
  return {
    late: promise,
    stop() {
      signal.removeEventListener('abort', wait);
      stopTimer();
    },
  };
}

/**
 * Tries until it has succeeded, has failed for good, or has been broken off for too long. A target
 * that cannot be reached at first is not waited for.
 */
export async function persist(attempt: Attempt, options: CopyOptions): Promise<CopyResult> {
  const { retryMs, signal, onProgress } = options;
  const startedAtMs = systemClock.monotonicMs();
  // When it last got further than ever before; never, before a node has begun.
  let goodAtMs = Number.NEGATIVE_INFINITY;
  let bestBytes = -1;
  let last: CopyProgress = { doneBytes: 0, sentBytes: 0 };
  let sentBefore = 0;
  for (let tries = 0; ; tries++) {
    const heard = (progress: CopyProgress): void => {
      if (progress.doneBytes > bestBytes) {
        goodAtMs = systemClock.monotonicMs();
        bestBytes = progress.doneBytes;
      }
      last = { ...progress, sentBytes: sentBefore + progress.sentBytes };
      onProgress(last);
    };
    const elapsedMs = (): number => Math.round(systemClock.monotonicMs() - startedAtMs);
    let result: CopyResult;
    let isOver: boolean;
    const givenUp = untilGivenUp(signal);
    try {
      const { sentBytes, ...rest } = await Promise.race([attempt(heard), givenUp.late]);
      return { ...rest, sentBytes: sentBefore + sentBytes, ms: elapsedMs() };
    } catch (error) {
      result = resultOf(error, last, elapsedMs());
      const isLate = systemClock.monotonicMs() >= goodAtMs + retryMs;
      isOver = isLate || !isWorthAgain(result, error);
    } finally {
      givenUp.stop();
    }
    if (isOver) return result;
    sentBefore = last.sentBytes;
    await pause(Math.min(AGAIN_MS_MAX, AGAIN_MS_MIN * 2 ** tries), signal);
    if (signal.aborted) return { ...result, verdict: 'cancelled' };
  }
}
