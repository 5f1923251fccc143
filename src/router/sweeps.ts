/** What a router looks after when time has passed. */
import { flushAdverts } from './adverts.ts';
import { tickDiallers } from './dialling.ts';
import { expireHints } from './hints.ts';
import { expireHeld } from './holding.ts';
import { flushInterest } from './interest.ts';
import { tickLinks } from './liveness.ts';
import { expirePending } from './pending.ts';
import { sendProbes } from './probing.ts';
import { flushRefresh } from './refresh.ts';
import { expireLost } from './routes.ts';
import { expireServing } from './serving.ts';
import { type Due, type Router, wakeBy } from './state.ts';

type Sweep = (router: Router, nowMs: number) => number;

/** What looks after each concern when it is due, and returns when it is due again. */
const SWEEPS: readonly (readonly [keyof Due, Sweep])[] = [
  ['links', tickLinks],
  ['lostNodes', expireLost],
  ['pending', expirePending],
  ['probes', sendProbes],
  ['serving', expireServing],
  ['diallers', tickDiallers],
  ['adverts', flushAdverts],
  ['refresh', flushRefresh],
  ['interest', flushInterest],
  ['hints', expireHints],
  ['holding', expireHeld],
];

/** Looks after all that is due. */
export function handleDue(router: Router, nowMs: number): void {
  for (const [concern, sweep] of SWEEPS) {
    if (router.due[concern] > nowMs) continue;
    router.due[concern] = Number.POSITIVE_INFINITY;
    wakeBy(router, concern, sweep(router, nowMs));
  }
}

/** The next instant at which something is. */
export function nextDue(due: Due): number {
  const { links, lostNodes, pending, probes, serving } = due;
  const { diallers, adverts, refresh, interest, hints, holding } = due;
  const own = Math.min(links, lostNodes, pending, probes, serving);
  return Math.min(own, diallers, adverts, refresh, interest, hints, holding);
}
