/**
 * One who sniffs: which envelopes it wants, how many a second, and what it could not be shown. Pure
 * but for the lines that it writes: time is an argument.
 */
import { createBucket, takeToken } from '../base/bucket.ts';
import type { Filter } from '../protocol/expression.ts';
import { SNIFF_EXCHANGES_MAX } from '../protocol/limits.ts';
import type { Sight } from './sight.ts';
import {
  type ExchangeRecord,
  type FrameRecord,
  type SniffRecord,
  toExchangeRecord,
  toFrameRecord,
} from './sniff-record.ts';

/** What somebody asked to see. */
export interface SniffWish {
  readonly filter: Filter;
  readonly hasData: boolean;
  /** Requests with their outcomes, as one record. */
  readonly isMatching: boolean;
  /** Records a second at most. */
  readonly rate: number;
}

/** What was seen, at the end. */
export interface SniffSummary {
  /** Envelopes that passed the filter. */
  readonly matched: number;
  readonly shown: number;
  /** Above the rate, not taken in time, or not even looked at. */
  readonly notShown: number;
  /** Requests that have no outcome yet, the oldest first: some of them. */
  readonly waiting: readonly ExchangeRecord[];
}

const WAITING_SHOWN_MAX = 20;

export interface SeenAt {
  readonly node: string;
  readonly nowMs: number;
  readonly wallMs: number;
}

export class Sniffer {
  readonly #wish: SniffWish;
  readonly #write: (records: readonly SniffRecord[]) => boolean;
  readonly #bucket;
  readonly #waiting = new Map<string, { record: FrameRecord; atMs: number }>();
  #matched = 0;
  #shown = 0;
  #notShown = 0;
  #untold = 0;
  isBlocked = false;

  /** `write` returns false when it wants no more for now. */
  constructor(wish: SniffWish, nowMs: number, write: (records: readonly SniffRecord[]) => boolean) {
    this.#wish = wish;
    this.#write = write;
    this.#bucket = createBucket(wish.rate, nowMs);
  }

  /** An envelope passes. `latencyMs` is given for the outcome of a request that was seen. */
  see(sight: Sight, at: SeenAt, latencyMs: number | undefined): void {
    if (this.#wish.isMatching) this.#match(sight, at);
    else if (this.#isWanted(sight)) {
      this.#show(at.nowMs, () => this.#describe(sight, at, latencyMs));
    }
  }

  #isWanted(sight: Sight): boolean {
    const isWanted = this.#wish.filter((field) => sight.look(field));
    if (isWanted) this.#matched++;
    return isWanted;
  }

  #describe(sight: Sight, at: SeenAt, latencyMs: number | undefined): FrameRecord {
    const { hasData } = this.#wish;
    return toFrameRecord(sight, { node: at.node, wallMs: at.wallMs, latencyMs, hasData });
  }

  #match(sight: Sight, at: SeenAt): void {
    const { outcome, exchange } = sight;
    const begun = this.#waiting.get(exchange);
    if (begun !== undefined && outcome !== null) {
      this.#waiting.delete(exchange);
      const { length: size } = sight.sniffed.bytes;
      const ended = { outcome, size, ms: at.nowMs - begun.atMs };
      this.#show(at.nowMs, () => toExchangeRecord(begun.record, ended));
    } else if (sight.isAsking && this.#isWanted(sight)) {
      this.#begin(sight, at);
    }
  }

  #begin(sight: Sight, at: SeenAt): void {
    const record = this.#describe(sight, at, undefined);
    const { outcome } = sight;
    if (outcome !== null) {
      const ended = { outcome, size: 0 };
      return this.#show(at.nowMs, () => toExchangeRecord(record, ended));
    }
    if (this.#waiting.size >= SNIFF_EXCHANGES_MAX) {
      const [oldest] = this.#waiting.keys();
      if (oldest !== undefined) this.#waiting.delete(oldest);
      this.skip(1);
    }
    this.#waiting.set(sight.exchange, { record, atMs: at.nowMs });
  }

  #show(nowMs: number, describe: () => SniffRecord): void {
    if (this.isBlocked || !takeToken(this.#bucket, nowMs)) return this.skip(1);
    this.#shown++;
    this.isBlocked = !this.#write([describe()]);
  }

  /** So many more are not shown. */
  skip(count: number): void {
    this.#notShown += count;
    this.#untold += count;
  }

  /** Says how many were not shown since it was last said. */
  tell(node: string): void {
    if (this.#untold === 0 || this.isBlocked) return;
    const count = this.#untold;
    this.#untold = 0;
    this.isBlocked = !this.#write([{ type: 'skipped', node, count }]);
  }

  summary(): SniffSummary {
    const waiting = [...this.#waiting.values()]
      .slice(0, WAITING_SHOWN_MAX)
      .map(({ record }) => toExchangeRecord(record, undefined));
    return { matched: this.#matched, shown: this.#shown, notShown: this.#notShown, waiting };
  }
}
