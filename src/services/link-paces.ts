/**
 * Which links are slow: those whose queues are full, and those whose round trip takes far longer
 * than it usually does. What is usual is learnt by looking, link by link.
 */

interface Link {
  readonly peer: string;
  readonly isSlow: boolean;
  readonly rttMs: number | null;
}

/** A slow round trip is so many times the usual one, and so much longer. */
const SLOW = { ratio: 8, ms: 100 };
/** It is as usual again below these. */
const USUAL = { ratio: 3, ms: 50 };
/** Weight of the newest look in what is usual; of one that is not as usual. */
const LEARNT = 0.1;
const LEARNT_ODD = 0.02;
/** Looks before anything is said of a link. */
const LEARN_COUNT = 4;

interface Pace {
  usualMs: number;
  count: number;
}

function isBeyond(rttMs: number, usualMs: number, { ratio, ms }: typeof SLOW): boolean {
  return rttMs > Math.max(ratio * usualMs, usualMs + ms);
}

export class LinkPaces {
  /** By peer; of those only that have a link. */
  #paces = new Map<string, Pace>();

  /**
   * Names of those that are slow, and of those that are not as usual; the latter have the former.
   */
  look(links: readonly Link[]): { readonly slow: string[]; readonly between: string[] } {
    const [slow, between]: [string[], string[]] = [[], []];
    const paces = new Map<string, Pace>();
    for (const link of links) {
      const pace = this.#paces.get(link.peer) ?? { usualMs: 0, count: 0 };
      paces.set(link.peer, pace);
      const { isSlow, isBetween } = this.#judge(link, pace);
      if (isSlow) slow.push(link.peer);
      if (isBetween) between.push(link.peer);
    }
    this.#paces = paces;
    return { slow, between };
  }

  #judge({ isSlow, rttMs }: Link, pace: Pace): { isSlow: boolean; isBetween: boolean } {
    if (rttMs === null) return { isSlow, isBetween: isSlow };
    const isKnown = pace.count >= LEARN_COUNT;
    const isLate = isKnown && isBeyond(rttMs, pace.usualMs, SLOW);
    const isOdd = isKnown && isBeyond(rttMs, pace.usualMs, USUAL);
    // What is slow now must not become the usual; what is odd may, in a while.
    if (!isLate) {
      pace.count++;
      const weight = isOdd ? LEARNT_ODD : Math.max(LEARNT, 1 / pace.count);
      pace.usualMs += (rttMs - pace.usualMs) * weight;
    }
    return { isSlow: isSlow || isLate, isBetween: isSlow || isLate || isOdd };
  }
}
