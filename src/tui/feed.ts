/**
 * The subscription, kept alive: when it is lost, or cannot be had, it is asked for again, each time
 * after a longer wait, with a part of chance so that the viewers of a restarted daemon do not all
 * come at once.
 */
import { createRandom, nextRandom } from '../base/random.ts';
import type { WatchRecord } from '../protocol/status.ts';
import type { Schedule } from './frames.ts';
import type { Event } from './update.ts';

/** A watch that stands. */
export interface Opened {
  /** Name of the node that tells of the others, where it is known. */
  readonly top?: string;
  close(): Promise<void>;
}

/**
 * Opens a watch. Resolves when it stands, rejects when it cannot be had. `onTop` hears when another
 * node tells from then on, with a snapshot of its own.
 */
export type Subscribe = (
  onRecord: (record: WatchRecord) => void,
  onLost: (reason: string) => void,
  onTop?: (top: string) => void,
) => Promise<Opened>;

export interface FeedOptions {
  readonly subscribe: Subscribe;
  readonly dispatch: (event: Event) => void;
  readonly nowMs: () => number;
  readonly schedule: Schedule;
  /** Seed of the chance in the waits. */
  readonly seed: number;
}

export interface Feed {
  /** Opens the first watch; rejects when that fails. Later losses are events. */
  open(): Promise<void>;
  close(): Promise<void>;
}

/** First and longest wait before the next attempt. */
const RETRY_MS_MIN = 250;
const RETRY_MS_MAX = 5_000;

/** The wait after `failures` attempts in a row; `chance` is from 0 to 1. */
export function retryDelayMs(failures: number, chance: number): number {
  const longestMs = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** failures);
  return Math.round(longestMs * (0.5 + chance / 2));
}

/** What an error says. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function createFeed(options: FeedOptions): Feed {
  const { subscribe, dispatch, nowMs, schedule } = options;
  const random = createRandom(options.seed);
  let watch: { close(): Promise<void> } | undefined;
  // Raised with each attempt: what an earlier one still says is not heard.
  let attempt = 0;
  let failures = 0;
  let isClosed = false;
  let cancel = () => {};

  const lose = (reason: string) => {
    watch = undefined;
    const delayMs = retryDelayMs(failures, nextRandom(random));
    failures++;
    cancel();
    dispatch({ kind: 'lost', reason, retryAtMs: nowMs() + delayMs });
    cancel = schedule(retry, delayMs);
  };
  const open = async () => {
    attempt++;
    const mine = attempt;
    let isLost = false;
    const isCurrent = () => mine === attempt && !isClosed && !isLost;
    const onRecord = (record: WatchRecord) => {
      if (!isCurrent()) return;
      failures = 0;
      dispatch({ kind: 'record', record });
    };
    const onLost = (reason: string) => {
      if (!isCurrent()) return;
      isLost = true;
      lose(reason);
    };
    const onTop = (top: string) => {
      if (isCurrent()) dispatch({ kind: 'opened', top });
    };
    const opened = await subscribe(onRecord, onLost, onTop);
    // Of what was lost before it stood, nothing needs to be closed that can be.
    if (!isCurrent()) return await opened.close().catch(() => undefined);
    watch = opened;
    if (opened.top !== undefined) dispatch({ kind: 'opened', top: opened.top });
  };
  const retry = () => {
    dispatch({ kind: 'retrying' });
    const mine = attempt + 1;
    open().catch((error: unknown) => {
      if (mine === attempt && !isClosed) lose(textOf(error));
    });
  };
  return {
    open,
    close: async () => {
      isClosed = true;
      cancel();
      await watch?.close();
    },
  };
}
