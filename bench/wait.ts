/** Waiting within a bound: for a server to answer, for a program to end. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { nowMs } from './clock.ts';
import type { Hold } from './hold.ts';

/** Longest time a server may take to answer, milliseconds. */
const READY_MS_MAX = 10_000;
/** Time between two questions, and the longest wait for one answer, milliseconds. */
const ASK_MS = 20;
const GREETING_MS_MAX = 1_000;

/**
 * Resolves with what `ask` returns as soon as that is not undefined.
 * @throws when the server has ended, or has not answered after READY_MS_MAX; with what it wrote.
 */
export async function waitFor<T>(
  server: Hold,
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const untilMs = nowMs() + READY_MS_MAX;
  for (;;) {
    if (server.hasEnded()) throw new Error(`${what} ended at once\n${server.output()}`);
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (nowMs() > untilMs) {
      throw new Error(`${what}: no answer within ${READY_MS_MAX} ms\n${server.output()}`);
    }
    await delay(ASK_MS);
  }
}

/** Settles as `promise` does. @throws with `what` when that takes longer than `msMax`. */
export async function settleWithin<T>(
  promise: Promise<T>,
  msMax: number,
  what: string,
): Promise<T> {
  const timer = new AbortController();
  const late = delay(msMax, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`${what} within ${msMax} ms`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
    late.catch(() => {}); // aborted: the race is over
  }
}

/** The first bytes that a server says on a loopback port, or undefined when none come. */
export async function readGreeting(port: number): Promise<string | undefined> {
  const socket = connect(port, '127.0.0.1');
  try {
    const signal = AbortSignal.timeout(GREETING_MS_MAX);
    const [data] = await once(socket, 'data', { signal });
    return String(data);
  } catch {
    return undefined;
  } finally {
    socket.on('error', () => {}).destroy();
  }
}
