/**
 * A time bound for questions to the host. What does not answer cannot be stopped (a process that
 * waits for a dead network mount takes no signal), only left alone; so that such leftovers never
 * pile up, a question that is still open is not put again: the next to ask waits for the same
 * answer.
 */
import { DagentError } from '../protocol/errors.ts';

/** Asks by `work`, unless the same question (`key`) is open. Rejects with E_PROBE_TIMEOUT. */
export type Ask = <T>(question: Question<T>) => Promise<T>;

export interface Question<T> {
  readonly key: string;
  readonly timeoutMs: number;
  readonly work: () => Promise<T>;
}

/** A fresh desk: its questions are independent of those of any other. */
export function createAsk(): Ask {
  const open = new Map<string, Promise<unknown>>();
  return <T>({ key, timeoutMs, work }: Question<T>): Promise<T> => {
    let answer = open.get(key) as Promise<T> | undefined;
    if (answer === undefined) {
      answer = work().finally(() => open.delete(key));
      open.set(key, answer);
    }
    return withTimeout(answer, key, timeoutMs);
  };
}

function withTimeout<T>(answer: Promise<T>, key: string, timeoutMs: number): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new DagentError('E_PROBE_TIMEOUT', { class: key, ms: timeoutMs }));
    }, timeoutMs);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** What the system refuses (it has an errno), as an error of ours; all else stays what it is. */
export function toProbeError(what: string, error: unknown): unknown {
  const { errno, message } = error as NodeJS.ErrnoException;
  if (errno === undefined) return error;
  return new DagentError('E_PROBE_FAILED', { class: what, reason: message });
}
