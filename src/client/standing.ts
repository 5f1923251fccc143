/** A connection that stands: when it is lost it is made again, until its owner ends it. */
import { setTimeout as wait } from 'node:timers/promises';
import { DagentError, type ErrorCode } from '../protocol/errors.ts';
import { type Client, connect } from './client.ts';
import type { ConnectOptions } from './connection.ts';

/** First and longest wait before the next attempt, in milliseconds; it doubles. */
const RETRY_MS_MIN = 50;
const RETRY_MS_MAX = 5_000;

/** What trying again does not change. */
const FINAL_CODES: ReadonlySet<ErrorCode> = new Set([
  'E_NAME_INVALID',
  'E_ARGUMENT_INVALID',
  'E_NOT_OURS',
  'E_VERSION',
  'E_STORE_VERSION',
]);

export interface StandingOptions extends ConnectOptions {
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Connects again and again, and lets `use` have each connection; what it throws because the
 * connection was lost is of no account. Settles when `use` returns true, or the signal has come.
 * Throws what trying again does not change.
 */
export async function standing(
  options: StandingOptions,
  use: (client: Client) => Promise<boolean>,
): Promise<void> {
  const { signal } = options;
  let waitMs = RETRY_MS_MIN;
  while (signal?.aborted !== true) {
    try {
      const client = await connect(options);
      waitMs = RETRY_MS_MIN;
      try {
        if (await use(client)) return;
      } finally {
        await client.close();
      }
    } catch (error) {
      if (!(error instanceof DagentError) || FINAL_CODES.has(error.code)) throw error;
    }
    await wait(waitMs, undefined, { signal }).catch(() => undefined);
    waitMs = Math.min(RETRY_MS_MAX, waitMs * 2);
  }
}
