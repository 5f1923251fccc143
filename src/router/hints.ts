/**
 * Who answered for a service that this node had to ask for upwards. For a while the node sends what
 * its programs send to that service straight there: so one receiver has it all, in its order. What
 * is known below this node goes first, and ways.ts never asks here then.
 */
import type { NodeKey, ServiceKey } from '../protocol/address.ts';
import { HINT_MS, HINTS_MAX, PROBE_MS } from '../protocol/limits.ts';
import { type Router, wakeBy } from './state.ts';

export interface Hint {
  readonly node: NodeKey;
  readonly untilMs: number;
}

/** The node that answered for a service lately; 0 when none is remembered. */
export function findHint(router: Router, service: ServiceKey): NodeKey {
  return router.hints.get(service)?.node ?? 0;
}

/**
 * Remembers who answered. What is known already stays as it is: after its time the nearest is asked
 * for anew, and may be another one.
 */
export function learnHint(router: Router, service: ServiceKey, node: NodeKey, nowMs: number): void {
  const { hints } = router;
  if (hints.has(service)) return;
  const [oldest] = hints.keys();
  if (hints.size >= HINTS_MAX && oldest !== undefined) hints.delete(oldest);
  hints.set(service, { node, untilMs: nowMs + HINT_MS });
  router.tableVersion++;
  wakeBy(router, 'hints', nowMs + HINT_MS);
  wakeBy(router, 'probes', nowMs + PROBE_MS);
}

/** Forgets who answered for a service, if it was `node`. */
export function forgetHint(router: Router, service: ServiceKey, node: NodeKey): void {
  if (findHint(router, service) !== node || !router.hints.delete(service)) return;
  router.tableVersion++;
}

/** Forgets a node that is lost. */
export function forgetHintsTo(router: Router, node: NodeKey): void {
  for (const service of router.hints.keys()) forgetHint(router, service, node);
}

/** Forgets all: above another parent others are near. */
export function forgetHints(router: Router): void {
  if (router.hints.size > 0) router.tableVersion++;
  router.hints.clear();
}

/** Forgets those whose time is over. Returns when to look again. */
export function expireHints(router: Router, nowMs: number): number {
  for (const [service, { node, untilMs }] of router.hints) {
    if (untilMs > nowMs) return untilMs;
    forgetHint(router, service, node);
  }
  return Number.POSITIVE_INFINITY;
}
