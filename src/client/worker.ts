/** A service that works off durable messages, whatever becomes of its daemon meanwhile. */

import type { Client } from './client.ts';
import type { ConsumeOptions, Letter } from './durable-queue.ts';
import { SeenIds } from './seen-ids.ts';
import { type StandingOptions, standing } from './standing.ts';

export interface WorkOptions extends StandingOptions, ConsumeOptions {}

/**
 * Takes a name, and calls `work` with each durable message, one after the other: one that returns
 * has done it, one that throws gives it back, and it comes again later. No message is handed to
 * `work` again in the life of this process once it has returned; across a crash of the program
 * itself, `isDone` says what it has done. Settles when the signal of the options has come. Throws
 * what trying again does not change, as E_NAME_INVALID.
 */
export function workOff(
  service: string,
  options: WorkOptions,
  work: (letter: Letter) => Promise<void> | void,
): Promise<void> {
  const seen = new SeenIds();
  const consume = async (client: Client): Promise<boolean> => {
    seen.forgetOut();
    const queue = await client.consume(service, { ...options, seen });
    const end = (): void => queue.end();
    options.signal?.addEventListener('abort', end);
    try {
      for await (const letter of queue) await handle(letter, work);
      // What was done is said before the connection ends.
      await queue.settled();
    } finally {
      options.signal?.removeEventListener('abort', end);
    }
    return options.signal?.aborted === true;
  };
  return standing(options, consume);
}

/** How long a message waits that could not be done, in milliseconds, the first time. */
const AGAIN_MS = 1_000;

async function handle(letter: Letter, work: (letter: Letter) => Promise<void> | void) {
  try {
    await work(letter);
  } catch (error) {
    const delayMs = AGAIN_MS * letter.attempt;
    const reason = error instanceof Error ? error.message : String(error);
    letter.nack({ delayMs, reason }).catch(() => undefined);
    return;
  }
  // When it is not heard, the message comes again, and is acked without being handed out.
  letter.ack().catch(() => undefined);
}
