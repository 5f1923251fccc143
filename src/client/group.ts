/** One call to many: the answers as they come. */
import type { Endpoint } from '../endpoint/endpoint.ts';
import { DagentError } from '../protocol/errors.ts';
import { GROUP_CALLS_MAX } from '../protocol/limits.ts';
import { CallHandle } from './call-handle.ts';
import type { GroupAnswer, GroupOptions } from './call-options.ts';
import type { PreparedCall } from './prepared-call.ts';

/**
 * Sends a call to each address, a bounded number at a time, and yields each answer when it comes.
 * Who stops reading cancels what is not answered yet.
 */
export async function* callGroup(
  endpoint: Endpoint,
  addresses: Iterable<string>,
  prepared: PreparedCall,
  options: GroupOptions,
): AsyncGenerator<GroupAnswer, void, undefined> {
  const { concurrentMax = GROUP_CALLS_MAX } = options;
  const left = addresses[Symbol.iterator]();
  const open = new Set<CallHandle>();
  let answers: GroupAnswer[] = [];
  let isMore = true;
  let wake = (): void => undefined;
  const answer = (it: GroupAnswer): void => {
    answers.push(it);
    wake();
  };
  const begin = (to: string): void => {
    try {
      const handle = new CallHandle(prepared.open(endpoint, to), prepared.method, options);
      open.add(handle);
      options.onStart?.(handle);
      const end = (it: GroupAnswer): void => {
        open.delete(handle);
        answer(it);
      };
      handle.result.then(
        (value) => end({ kind: 'value', to, value }),
        (error: DagentError) => end({ kind: 'error', to, error }),
      );
    } catch (error) {
      // One address that is none does not end the others.
      if (!(error instanceof DagentError)) throw error;
      answer({ kind: 'error', to, error });
    }
  };
  const beginSome = (): void => {
    while (isMore && open.size < concurrentMax) {
      const next = left.next();
      isMore = next.done !== true;
      if (next.done !== true) begin(next.value);
    }
  };
  try {
    for (beginSome(); isMore || open.size > 0 || answers.length > 0; beginSome()) {
      const batch = answers;
      answers = [];
      yield* batch;
      if (answers.length > 0 || (open.size === 0 && !isMore)) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    for (const handle of open) handle.cancel();
  }
}
