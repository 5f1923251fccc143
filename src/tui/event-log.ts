/**
 * What happened lately, the newest first: the last TOP_EVENTS_MAX. They are followed while a view
 * of them is shown, and only then; whoever looks again is told what has been meanwhile.
 */

import type { EventRow } from '../client/events.ts';
import { TOP_EVENTS_MAX } from '../protocol/limits.ts';
import type { Effect } from './effects.ts';
import type { Model } from './model.ts';

/** After a loss it is tried again so much later. */
export const EVENTS_RETRY_MS = 5_000;

export interface EventLog {
  rows: readonly EventRow[];
  /** What came in while the screen stands still. */
  held: readonly EventRow[];
  /** Raised when the rows are others. */
  version: number;
  isFollowed: boolean;
  /** Whether nothing was told yet, not even that nothing has happened. */
  isAwaited: boolean;
  /** Whether the next ones are all of them, as after a new beginning. */
  isFresh: boolean;
  /** Why they are not followed though they should be, or '', and since when. */
  reason: string;
  lostAtMs: number;
}

export function createEventLog(): EventLog {
  return {
    rows: [],
    held: [],
    version: 0,
    isFollowed: false,
    isAwaited: true,
    isFresh: true,
    reason: '',
    lostAtMs: -Infinity,
  };
}

/** What is to be done so that events are followed exactly while they are shown. */
export function dueFollowing(model: Model, nowMs: number): readonly Effect[] {
  const { eventLog, view, link, pausedAtMs } = model;
  const isShown = view.isOfEvents === true && link.state === 'live';
  if (isShown === eventLog.isFollowed) return [];
  if (isShown && (pausedAtMs !== null || nowMs - eventLog.lostAtMs < EVENTS_RETRY_MS)) return [];
  eventLog.isFollowed = isShown;
  eventLog.isFresh = true;
  eventLog.isAwaited = true;
  return [{ kind: 'follow', isWanted: isShown }];
}

/** The newer ones, which came in their order, before those that are known. */
function join(newer: readonly EventRow[], known: readonly EventRow[]): readonly EventRow[] {
  const newest = newer.slice(-TOP_EVENTS_MAX).reverse();
  return [...newest, ...known.slice(0, TOP_EVENTS_MAX - newest.length)];
}

/** Takes in what happened, in its order. */
export function takeEvents({ eventLog, pausedAtMs }: Model, events: readonly EventRow[]): void {
  if (!eventLog.isFollowed) return;
  eventLog.reason = '';
  eventLog.isAwaited = false;
  if (pausedAtMs !== null) {
    eventLog.held = join(events, eventLog.held);
    return;
  }
  eventLog.rows = join(events, eventLog.isFresh ? [] : eventLog.rows);
  eventLog.isFresh = false;
  eventLog.version++;
}

/** Shows what was held back. */
export function showHeldEvents({ eventLog }: Model): void {
  if (eventLog.held.length === 0) return;
  eventLog.rows = join(eventLog.held.toReversed(), eventLog.isFresh ? [] : eventLog.rows);
  eventLog.held = [];
  eventLog.isFresh = false;
  eventLog.version++;
}

/** They are followed no longer. */
export function loseEvents({ eventLog }: Model, reason: string, nowMs: number): void {
  if (!eventLog.isFollowed) return;
  eventLog.isFollowed = false;
  eventLog.reason = reason;
  eventLog.lostAtMs = nowMs;
}
