/** The outcome of a request as a promise that a signal ends. */
import type { Asking, Reply } from '../endpoint/asking.ts';
import { abortable } from './abort.ts';

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
