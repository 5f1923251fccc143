/**
 * Neighbours that come and go (as RFC 2439 has it, more simply): that such a one is back, with all
 * that is reached by it, is told later each time; that it is lost always at once. So one bad line
 * does not keep the whole tree busy. Its first neighbour sees to that: the others notice nothing.
 */
import type { NodeKey } from '../protocol/address.ts';
import { FLAP_HOLD_MS_MAX, FLAP_HOLD_MS_MIN, FLAPS_MAX } from '../protocol/limits.ts';
import type { Link } from './link.ts';
import type { Route } from './route.ts';
import { type Router, wakeBy } from './state.ts';

/** A neighbour that comes and goes. */
export interface Flap {
  /** How often it came back, until it was steady for a while. */
  readonly count: number;
  readonly atMs: number;
}

/** A neighbour is up: again, when it was known or has left lately. */
export function noteNeighbour(
  router: Router,
  { key, via }: Route,
  wasKnown: boolean,
  nowMs: number,
): void {
  const link = router.links.get(via);
  const hasReturned = wasKnown || router.departed.has(key);
  if (link !== undefined && hasReturned) noteReturn(router, key, link, nowMs);
}

function noteReturn(router: Router, key: NodeKey, link: Link, nowMs: number): void {
  const former = router.flaps.get(key);
  const isSteady = former === undefined || nowMs - former.atMs >= 2 * FLAP_HOLD_MS_MAX;
  const count = isSteady ? 1 : former.count + 1;
  const holdMs = count > FLAPS_MAX ? FLAP_HOLD_MS_MIN * 2 ** (count - FLAPS_MAX) : 0;
  link.quietUntilMs = nowMs + Math.min(FLAP_HOLD_MS_MAX, holdMs);
  router.flaps.delete(key);
  router.flaps.set(key, { count, atMs: nowMs });
  wakeBy(router, 'lostNodes', nowMs + 2 * FLAP_HOLD_MS_MAX);
}

/** A neighbour was sent away: when it comes again is not for its line to say. */
export function forgiveReturns(router: Router, key: NodeKey): void {
  router.flaps.delete(key);
}

/** Forgets neighbours that have been steady; returns when to look again. */
export function forgetSteady(router: Router, nowMs: number): number {
  for (const [key, { atMs }] of router.flaps) {
    const dueAtMs = atMs + 2 * FLAP_HOLD_MS_MAX;
    if (dueAtMs > nowMs) return dueAtMs;
    router.flaps.delete(key);
  }
  return Number.POSITIVE_INFINITY;
}
