/** A service that works off durable messages, whatever becomes of its daemon meanwhile. */
import { setTimeout as wait } from 'node:timers/promises';
import { DagentError } from '../protocol/errors.ts';
import { onAborted } from './abort.ts';
import { type Client, connect } from './client.ts';
import type { ConnectOptions } from './connection.ts';
import type { ConsumeOptions, Letter } from './letter.ts';
import { isFinal } from './standing.ts';

/** How it connects, and what it wants. The signal ends it. */
export interface WorkOptions extends ConnectOptions, ConsumeOptions {}

/** How long a message waits that could not be done, in milliseconds, the first time. */
const AGAIN_MS = 1_000;

type Work = (letter: Letter) => Promise<void> | void;

/** How long to wait before a name is asked for again that somebody else has, in milliseconds. */
const RECLAIM_MS = 1_000;

async function handle(letter: Letter, work: Work, fail: (error: unknown) => void): Promise<void> {
  try {
    await work(letter);
  } catch (error) {
    const delayMs = AGAIN_MS * letter.attempt;
    const reason = error instanceof Error ? error.message : String(error);
    // When it is not heard, the message comes again at once.
    letter.nack({ delayMs, reason }).catch(() => undefined);
    return;
  }
  // Not waited for: those that come meanwhile are acked together.
  letter.ack().catch(fail);
}

async function consumeAll(
  client: Client,
  service: string,
  options: WorkOptions,
  work: Work,
): Promise<void> {
  const { signal, ...rest } = options;
  const queue = await client.consume(service, rest);
  // Of what is not acked the node hears again; what cannot be remembered must not go on.
  const fail = (error: unknown): void => {
    if (error instanceof DagentError && error.code === 'E_CANNOT_WRITE') queue.end(error);
  };
  const stop = onAborted(signal, () => void queue.drain());
  try {
    for await (const letter of queue) await handle(letter, work, fail);
    await queue.settled();
  } finally {
    stop();
  }
}

/**
 * Takes a name, and calls `work` with each durable message, one after the other: one that returns
 * has done it, one that throws gives it back, and it comes again later. No message is handed to
 * `work` again once it has returned, also when this process was killed right then; what `work` had
 * done when it was killed itself, only the program can know: `isDone`. Waits as long as there is no
 * daemon, somebody else has the name, or a disk is full: `onStatus` hears of it. Settles when the
 * signal has come and what it was at is acked. Throws what trying again does not change, as
 * E_NAME_INVALID.
 */
export async function workOff(service: string, options: WorkOptions, work: Work): Promise<void> {
  const { signal, onStatus } = options;
  const isOver = (): boolean => signal?.aborted === true;
  let client: Client | undefined;
  try {
    client = await connect({ waitMs: Number.POSITIVE_INFINITY, ...options });
    while (!isOver()) {
      try {
        await consumeAll(client, service, options, work);
      } catch (error) {
        if (!(error instanceof DagentError) || isFinal(error)) throw error;
        if (!client.isConnected) await client.connected({ signal });
        onStatus?.({ kind: 'refused', what: 'service', name: service, error });
        await wait(RECLAIM_MS, undefined, { signal });
      }
    }
  } catch (error) {
    if (!isOver()) throw error;
  } finally {
    await client?.close();
  }
}
