/**
 * Spacing of redials: exponential with full jitter, so that the children of a parent that restarts
 * do not come back all at once. (Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture
 * Blog, 2015.)
 */
import { BACKOFF_MS_MAX, BACKOFF_MS_MIN } from '../protocol/limits.ts';

/** Milliseconds to wait before attempt number `attempt` (from 0); `chance` is in [0, 1). */
export function computeBackoffMs(attempt: number, chance: number): number {
  const ceilingMs = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** Math.min(attempt, 30));
  return Math.round(ceilingMs * chance);
}
