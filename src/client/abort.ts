/** Promises that an AbortSignal ends early. */

/**
 * Settles as `promise` does; throws the reason of `signal` when that comes first, and calls
 * `onAbort`. Without a signal it is `promise` itself.
 */
export function abortable<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  onAbort: () => void = () => undefined,
): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason);
      onAbort();
    };
    const leave = (): void => signal.removeEventListener('abort', abort);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(leave);
  });
}

/** Calls `end` when the signal comes, or has come. Returns what prevents it. */
export function onAborted(signal: AbortSignal | undefined, end: () => void): () => void {
  if (signal?.aborted === true) end();
  else signal?.addEventListener('abort', end, { once: true });
  return () => signal?.removeEventListener('abort', end);
}
