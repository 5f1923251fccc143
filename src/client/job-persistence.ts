/**
 * A job goes on while nobody can ask after it: a node that was there and is not now is asked again,
 * for a while, and so is one to which our own daemon was the way.
 */
import { systemClock } from '../adapters/system-clock.ts';
import type { Clock } from '../ports/clock.ts';
import { DagentError, type ErrorCode } from '../protocol/errors.ts';
import { JOB_AWAY_MS } from '../protocol/limits.ts';

/** Is told once each time when a node is away. */
export type OnAway = (error: DagentError) => void;

/** Errors that say nothing of the job, but of the way to it. */
const AWAY: ReadonlySet<ErrorCode> = new Set([
  'E_UNREACHABLE',
  'E_LOST',
  'E_STREAM_BROKEN',
  'E_DEADLINE',
]);

const PAUSE_MS_MIN = 200;
const PAUSE_MS_MAX = 5_000;

export interface Persistence {
  readonly onAway?: OnAway | undefined;
  /** Whether the node has answered before: one that never did may never have been there. */
  readonly hasAnswered?: () => boolean;
  /** Whether our own connection is lost, and is being made again: that is told elsewhere. */
  readonly isReturning?: () => boolean;
  /** Aborted when nobody wants to know any more. */
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
}

/** Settles after `ms`, or when `signal` is aborted. */
function pause(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const stop = clock.after(ms, resolve);
    signal?.addEventListener('abort', () => {
      stop();
      resolve();
    });
  });
}

/**
 * Asks until there is an answer, or until the way there has been broken for JOB_AWAY_MS: then it
 * throws what broke it last. `ask` calls what it gets when the node is there again.
 */
export async function persist<T>(
  ask: (heard: () => void) => Promise<T>,
  options: Persistence = {},
): Promise<T> {
  const { onAway, signal, clock = systemClock } = options;
  const { hasAnswered = () => true, isReturning = () => false } = options;
  let awaySinceMs: number | undefined;
  let pauseMs = PAUSE_MS_MIN;
  const heard = (): void => {
    awaySinceMs = undefined;
    pauseMs = PAUSE_MS_MIN;
  };
  for (;;) {
    try {
      return await ask(heard);
    } catch (error) {
      if (!(error instanceof DagentError) || signal?.aborted === true) throw error;
      const isOurs = isReturning();
      if (!(isOurs || AWAY.has(error.code)) || !hasAnswered()) throw error;
      if (awaySinceMs === undefined && !isOurs) onAway?.(error);
      awaySinceMs ??= clock.monotonicMs();
      if (clock.monotonicMs() - awaySinceMs + pauseMs > JOB_AWAY_MS) throw error;
      await pause(clock, pauseMs, signal);
      pauseMs = Math.min(PAUSE_MS_MAX, 2 * pauseMs);
    }
  }
}
