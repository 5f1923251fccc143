/** What the daemon knows of itself, as figures of a sample. */
import type { Clock } from '../ports/clock.ts';
import type { PartialSample } from '../protocol/figures.ts';
import type { Router } from '../router/state.ts';

/** All that went over links so far, and what waits to go. */
export interface TrafficTotals {
  readonly heardBytes: number;
  readonly sentBytes: number;
  readonly queuedBytes: number;
}

export interface OwnFigureComponents {
  readonly router: Router;
  readonly clock: Clock;
  totals(): TrafficTotals;
  jobs(): { readonly runningCount: number; readonly keptCount: number };
}

/** What is counted, by the figure that is its rate. */
type Counts = Readonly<
  Record<
    | 'deliveredPerSecond'
    | 'forwardedPerSecond'
    | 'droppedPerSecond'
    | 'rejectedPerSecond'
    | 'linkInBytesPerSecond'
    | 'linkOutBytesPerSecond',
    number
  >
>;

function countAll({ counters }: Router, totals: TrafficTotals): Counts {
  const { droppedSlowPeer, droppedLate, droppedUnreachable } = counters;
  const { heldExpired, heldDisplaced, rejected, expired, lost } = counters;
  return {
    deliveredPerSecond: counters.framesDelivered,
    forwardedPerSecond: counters.framesForwarded,
    droppedPerSecond:
      droppedSlowPeer + droppedLate + droppedUnreachable + heldExpired + heldDisplaced,
    rejectedPerSecond: rejected + expired + lost,
    linkInBytesPerSecond: totals.heardBytes,
    linkOutBytesPerSecond: totals.sentBytes,
  };
}

function countRequests({ programs }: Router): {
  readonly asking: number;
  readonly serving: number;
} {
  let [asking, serving] = [0, 0];
  for (const link of programs) {
    asking += link.pending.size;
    serving += link.serving.count;
  }
  return { asking, serving };
}

const NO_COUNTS: Counts = {
  deliveredPerSecond: 0,
  forwardedPerSecond: 0,
  droppedPerSecond: 0,
  rejectedPerSecond: 0,
  linkInBytesPerSecond: 0,
  linkOutBytesPerSecond: 0,
};

function computeRates(before: Counts, now: Counts, ms: number): PartialSample {
  const ids = Object.keys(now) as (keyof Counts)[];
  return Object.fromEntries(ids.map((id) => [id, ((now[id] - before[id]) * 1000) / ms]));
}

/** Tells the figures. Rates are those since the call before; at first, since this one. */
export function createOwnFigures(components: OwnFigureComponents): () => PartialSample {
  const { router, clock, totals, jobs } = components;
  let before = { atMs: clock.monotonicMs(), counts: NO_COUNTS };
  let rates: PartialSample = {};
  return () => {
    const traffic = totals();
    const now = { atMs: clock.monotonicMs(), counts: countAll(router, traffic) };
    const ms = now.atMs - before.atMs;
    if (ms > 0) {
      rates = computeRates(before.counts, now.counts, ms);
      before = now;
    }
    return {
      ...rates,
      ...countRequests(router),
      // The node's own service is a link to its router, and to nobody else.
      links: Math.max(0, router.links.size - router.opening.size - 1),
      queueBytes: traffic.queuedBytes,
      heldMessages: router.holding.all.size,
      jobsRunning: jobs().runningCount,
      jobsKept: jobs().keptCount,
    };
  };
}
