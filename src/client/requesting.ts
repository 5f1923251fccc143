/** The outcome of a request as a promise that a signal ends. */
import type { Asking, Reply } from '../endpoint/asking.ts';
import { DagentError } from '../protocol/errors.ts';
import { abortable } from './abort.ts';

/** The same milliseconds. Throws E_VALUE_INVALID when there is no such time to wait. */
export function checkTimeout(timeoutMs: number | undefined): number | undefined {
  if (timeoutMs === undefined || timeoutMs > 0) return timeoutMs;
  const reason = `it is ${timeoutMs}; milliseconds above 0 are wanted`;
  throw new DagentError('E_VALUE_INVALID', { what: 'timeoutMs', reason });
}

/** Settles with the outcome of what `open` asks; the signal cancels it: its reason is thrown. */
export function outcomeOf(open: () => Asking, signal: AbortSignal | undefined): Promise<Reply> {
  let asking: Asking | undefined;
  const outcome = new Promise<Reply>((resolve, reject) => {
    signal?.throwIfAborted();
    asking = open();
    asking.whenOver(resolve, reject);
  });
  return abortable(outcome, signal, () => asking?.cancel());
}
