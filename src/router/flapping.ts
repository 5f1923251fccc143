/**
 * Nodes that come and go (as RFC 2439 has it, more simply): that such a node is back is told later
 * each time, that it is lost always at once. So one bad line does not keep the whole tree busy.
 */
import type { NodeKey } from '../protocol/address.ts';
import { FLAP_HOLD_MS_MAX, FLAP_HOLD_MS_MIN, FLAPS_MAX } from '../protocol/limits.ts';
import { type Router, wakeBy } from './state.ts';

/** A node was lost, or is new, and is up now. */
export function noteReturn(router: Router, key: NodeKey, nowMs: number): void {
  const former = router.flaps.get(key);
  const isQuiet = former === undefined || nowMs - former.atMs >= 2 * FLAP_HOLD_MS_MAX;
  const count = isQuiet ? 1 : former.count + 1;
  const holdMs =
    count > FLAPS_MAX ? Math.min(FLAP_HOLD_MS_MAX, FLAP_HOLD_MS_MIN * 2 ** (count - FLAPS_MAX)) : 0;
  router.flaps.delete(key);
  router.flaps.set(key, { count, atMs: nowMs, quietUntilMs: nowMs + holdMs });
  wakeBy(router, 'lostNodes', nowMs + 2 * FLAP_HOLD_MS_MAX);
}

/** Before which instant nobody is to hear that a node is back: 0 when it does not flap. */
export function quietUntilMs(router: Router, key: NodeKey): number {
  return router.flaps.get(key)?.quietUntilMs ?? 0;
}

/** Forgets nodes that have been quiet; returns when to look again. */
export function forgetQuiet(router: Router, nowMs: number): number {
  for (const [key, { atMs }] of router.flaps) {
    const dueAtMs = atMs + 2 * FLAP_HOLD_MS_MAX;
    if (dueAtMs > nowMs) return dueAtMs;
    router.flaps.delete(key);
  }
  return Number.POSITIVE_INFINITY;
}
