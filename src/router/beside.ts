/**
 * Whether ways lead over links between peers, now or lately: then what is asked below may be
 * answered by another way than it went.
 */
import { PROBE_MS } from '../protocol/limits.ts';
import { Reach, type Route } from './route.ts';
import { type Router, wakeBy } from './state.ts';

/** The way to a node that is up is counted. */
export function countBeside(router: Router, { reach }: Route, nowMs: number): void {
  if (reach === Reach.BELOW) return;
  router.besideCount++;
  // What was asked before is asked after from now on.
  wakeBy(router, 'probes', nowMs + PROBE_MS);
}

/** That way is no more, or about to change. */
export function discountBeside(router: Router, { reach }: Route, nowMs: number): void {
  if (reach === Reach.BELOW) return;
  router.besideCount--;
  router.besideAtMs = nowMs;
}

/** Whether a way has led over peers, or a peer was there, since an instant. */
export function wasBesideSince(
  { besideCount, besideAtMs, peers }: Router,
  sinceMs: number,
): boolean {
  return besideCount + peers.size > 0 || besideAtMs >= sinceMs;
}
