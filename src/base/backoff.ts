/**
 * Spacing of attempts: exponential with full jitter, so that those who have lost one daemon do not
 * come back all at once. (Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog,
 * 2015.)
 */

/** What the first wait may be at most, and any. */
export interface BackoffBounds {
  readonly minMs: number;
  readonly maxMs: number;
}

/** Milliseconds to wait before attempt number `attempt` (from 0); `chance` is in [0, 1). */
export function computeBackoffMs(
  { minMs, maxMs }: BackoffBounds,
  attempt: number,
  chance: number,
): number {
  const ceilingMs = Math.min(maxMs, minMs * 2 ** Math.min(attempt, 30));
  return Math.round(ceilingMs * chance);
}
