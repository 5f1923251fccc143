/** What is new while the disk refuses to write: it is refused too, and is a reason to try again. */
import type { ErrorData } from '../protocol/errors.ts';
import { MAILBOX_PROBE_MS } from '../protocol/limits.ts';
import type { Mailboxes } from './state.ts';

/**
 * Why the store takes nothing new, if so. Somebody wants it: it is tried again soon, however long
 * it has refused.
 */
export function findRefusal(state: Mailboxes): ErrorData | undefined {
  const { failure, now } = state;
  if (failure === null) return undefined;
  const soonAtMs = Math.max(now.ms, failure.triedAtMs + MAILBOX_PROBE_MS);
  failure.retryAtMs = Math.min(failure.retryAtMs, soonAtMs);
  if (state.writing === null) state.dueAtMs = Math.min(state.dueAtMs, failure.retryAtMs);
  return failure.error;
}
