/**
 * What a program subscribed to. Its daemon is told each pattern once, and brings each event once;
 * here it goes to all who want it.
 */
import type { Incoming } from '../endpoint/incoming.ts';
import { matchesTopic } from '../protocol/topic.ts';
import type { Claims } from './claims.ts';
import type { Link } from './link.ts';

/** One call of `subscribe`. */
export interface Subscription {
  readonly patterns: readonly string[];
  onEvent(event: Incoming): void;
}

/** Topics whose subscriptions are remembered; past it, all are forgotten at once. */
const MEMO_COUNT_MAX = 1_024;

export class Subscriptions {
  readonly #claims: Claims;
  readonly #link: () => Link;
  readonly #all = new Set<Subscription>();
  readonly #counts = new Map<string, number>();
  readonly #memo = new Map<string, readonly Subscription[]>();

  /** `link` is the connection that stands, or was the last to do so. */
  constructor(claims: Claims, link: () => Link) {
    this.#claims = claims;
    this.#link = link;
  }

  /**
   * Asks for the events of some patterns, each event once. Settles when the daemon brings them;
   * throws why it does not. What comes right behind its last word is heard.
   */
  async open(
    patterns: readonly string[],
    onEvent: (event: Incoming) => void,
  ): Promise<Subscription> {
    const subscription = { patterns: [...new Set(patterns)], onEvent };
    const last = subscription.patterns.at(-1);
    const asked = subscription.patterns.map((pattern) => {
      // Counted from before it is asked for: who leaves meanwhile does not give it up for us.
      this.#counts.set(pattern, (this.#counts.get(pattern) ?? 0) + 1);
      let isNew = true;
      const onGranted = (): void => {
        if (isNew && pattern === last) this.#add(subscription);
        isNew = false;
      };
      return this.#claims.make({ what: 'pattern', name: pattern, onGranted });
    });
    const outcomes = await Promise.allSettled(asked);
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    if (refused === undefined) return subscription;
    this.drop(subscription);
    throw refused.reason;
  }

  #add(subscription: Subscription): void {
    this.#all.add(subscription);
    this.#memo.clear();
  }

  /** No events go there any more. */
  drop(subscription: Subscription): void {
    this.#all.delete(subscription);
    this.#memo.clear();
    for (const pattern of subscription.patterns) {
      const count = (this.#counts.get(pattern) ?? 0) - 1;
      if (count > 0) {
        this.#counts.set(pattern, count);
      } else {
        this.#counts.delete(pattern);
        this.#claims.release('pattern', pattern, this.#link());
      }
    }
  }

  /** Hands an event to all who want it. */
  deliver(event: Incoming): void {
    for (const each of this.#find(event.to)) each.onEvent(event);
  }

  #find(topic: string): readonly Subscription[] {
    const known = this.#memo.get(topic);
    if (known !== undefined) return known;
    const found = [...this.#all].filter(({ patterns }) =>
      patterns.some((pattern) => matchesTopic(pattern, topic)),
    );
    if (this.#memo.size >= MEMO_COUNT_MAX) this.#memo.clear();
    this.#memo.set(topic, found);
    return found;
  }
}
