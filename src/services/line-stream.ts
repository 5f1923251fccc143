/** Lines of JSON on their way to who asked for them. */
import type { Answering } from '../endpoint/answering.ts';
import type { CallContext } from '../endpoint/methods.ts';
import { STREAM_CHUNK_BYTES } from '../protocol/limits.ts';

/** Settles when `exchange` takes more, or nobody waits for it any more. */
export function untilDrained(exchange: Answering, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      signal.removeEventListener('abort', settle);
      resolve();
    };
    exchange.onDrain = settle;
    signal.addEventListener('abort', settle);
  });
}

/** Sends lines as fast as they are taken, and says how many. What is not due yet is not made. */
export async function sendLines(
  lines: Iterable<string>,
  channel: number,
  context: CallContext,
): Promise<number> {
  const { exchange, signal } = context;
  let piece = '';
  let count = 0;
  const send = () => exchange.write(channel, Buffer.from(piece));
  for (const line of lines) {
    piece += line;
    count++;
    if (piece.length < STREAM_CHUNK_BYTES) continue;
    if (!send()) await untilDrained(exchange, signal);
    if (signal.aborted) return count;
    piece = '';
  }
  if (piece !== '') send();
  return count;
}
