/**
 * One who sniffs: which envelopes it wants, how many a second, and what it could not be shown. Pure
 * but for the lines that it writes: time is an argument.
 */
import { createBucket, takeToken } from '../base/bucket.ts';
import type { FieldValue, Filter } from '../protocol/expression.ts';
import { SNIFF_EXCHANGES_MAX } from '../protocol/limits.ts';
import { type Sight, SNIFF_FIELDS } from './sight.ts';
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

/** A request that has no outcome yet. */
interface Waiting {
  readonly record: FrameRecord;
  readonly atMs: number;
  /** Its fields, where the filter asks for the outcome: what is wanted shows only with that. */
  readonly fields: ReadonlyMap<string, FieldValue> | null;
}

export class Sniffer {
  readonly #wish: SniffWish;
  readonly #write: (records: readonly SniffRecord[]) => boolean;
  readonly #bucket;
  readonly #waiting = new Map<string, Waiting>();
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
    if (begun === undefined || outcome === null) {
      if (sight.isAsking) this.#begin(sight, at);
      return;
    }
    this.#waiting.delete(exchange);
    if (begun.fields !== null) {
      if (!this.#isMet(begun.fields, outcome)) return;
      this.#matched++;
    }
    const { length: size } = sight.sniffed.bytes;
    const ended = { outcome, size, ms: at.nowMs - begun.atMs };
    this.#show(at.nowMs, () => toExchangeRecord(begun.record, ended));
  }

  /** Whether a request with these fields is wanted once it has that outcome. */
  #isMet(fields: ReadonlyMap<string, FieldValue>, outcome: string | undefined): boolean {
    return this.#wish.filter((field) => (field === 'outcome' ? outcome : fields.get(field)));
  }

  #begin(sight: Sight, at: SeenAt): void {
    const { outcome } = sight;
    let isOutcomeAsked = false;
    const isWanted = this.#wish.filter((field) => {
      isOutcomeAsked ||= field === 'outcome';
      return sight.look(field);
    });
    const isOpen = isOutcomeAsked && outcome === null;
    if (!isWanted && !isOpen) return;
    if (!isOpen) this.#matched++;
    const record = this.#describe(sight, at, undefined);
    if (outcome !== null) {
      const ended = { outcome, size: 0 };
      return this.#show(at.nowMs, () => toExchangeRecord(record, ended));
    }
    if (this.#waiting.size >= SNIFF_EXCHANGES_MAX) {
      const [oldest] = this.#waiting.keys();
      if (oldest !== undefined) this.#waiting.delete(oldest);
      this.skip(1);
    }
    // Not the envelope itself: it is part of a larger piece of memory.
    const copy = (): [string, FieldValue][] =>
      Object.keys(SNIFF_FIELDS).map((field) => [field, sight.look(field)]);
    const fields = isOpen ? new Map(copy()) : null;
    this.#waiting.set(sight.exchange, { record, atMs: at.nowMs, fields });
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
      .filter(({ fields }) => fields === null || this.#isMet(fields, undefined))
      .slice(0, WAITING_SHOWN_MAX)
      .map(({ record }) => toExchangeRecord(record, undefined));
    return { matched: this.#matched, shown: this.#shown, notShown: this.#notShown, waiting };
  }
}
