/** A service that works off durable messages, whatever becomes of its daemon meanwhile. */
import { setTimeout as wait } from 'node:timers/promises';
import { DagentError } from '../protocol/errors.ts';
import { MAILBOX_LEASE_MS_DEFAULT, MAILBOX_LEASE_MS_MIN } from '../protocol/limits.ts';
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

/** How often the lease of a message is extended while it is worked on, in milliseconds. */
function extensionMsOf({ leaseMs = MAILBOX_LEASE_MS_DEFAULT }: ConsumeOptions): number {
  return Math.max(MAILBOX_LEASE_MS_MIN, leaseMs) / 3;
}

/**
 * Works on a message, which is nobody else's for as long as that takes. Throws what `work` throws.
 */
export async function workOn(
  letter: Pick<Letter, 'extend'>,
  work: () => Promise<void> | void,
  extensionMs: number,
): Promise<void> {
  // When it is not heard, the message comes again to this program, which knows that it has it.
  const extend = (): void => void letter.extend().catch(() => undefined);
  const timer = setInterval(extend, extensionMs);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
}

interface Handling {
  readonly work: Work;
  readonly extensionMs: number;
}

async function handle(letter: Letter, { work, extensionMs }: Handling): Promise<void> {
  try {
    await workOn(letter, () => work(letter), extensionMs);
  } catch (error) {
    const delayMs = AGAIN_MS * letter.attempt;
    const reason = error instanceof Error ? error.message : String(error);
    // When it is not heard, the message comes again at once.
    letter.nack({ delayMs, reason }).catch(() => undefined);
    return;
  }
  // Not waited for: those that come meanwhile are acked together.
  void letter.ack();
}

async function consumeAll(
  client: Client,
  service: string,
  options: WorkOptions,
  work: Work,
): Promise<void> {
  const { signal, ...rest } = options;
  const queue = await client.consume(service, rest);
  const stop = onAborted(signal, () => void queue.drain());
  try {
    const handling = { work, extensionMs: extensionMsOf(options) };
    for await (const letter of queue) await handle(letter, handling);
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
