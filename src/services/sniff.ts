/**
 * `sniff.open`: a stream of the envelopes that pass this node. What is wanted is chosen here, at
 * the source; the rest costs no link anything. Not all is shown: so many a second, as fast as the
 * reader takes them, and the others are counted. While nobody sniffs, the router shows nothing.
 */
import { createBucket, takeToken } from '../base/bucket.ts';
import type { CallContext, Method } from '../endpoint/methods.ts';
import type { Clock } from '../ports/clock.ts';
import { DagentError } from '../protocol/errors.ts';
import { parseExpression } from '../protocol/expression.ts';
import {
  SNIFF_EXCHANGES_MAX,
  SNIFF_LOOKS_PER_SECOND,
  SNIFF_RATE_MAX,
  SNIFFERS_MAX,
} from '../protocol/limits.ts';
import { Names, type NameView, Sight, SNIFF_FIELDS, type Sniffed } from './sight.ts';
import type { SniffRecord } from './sniff-record.ts';
import { Sniffer, type SniffSummary, type SniffWish } from './sniffer.ts';

const SNIFF_CHANNEL = 1;
const TELL_MS = 1_000;
const RATE_DEFAULT = 200;

export interface SniffComponents {
  /** Name of this node. */
  readonly node: string;
  readonly clock: Clock;
  readonly names: NameView;
  /** Lets the router show what passes, or no longer. */
  setTap(isOn: boolean): void;
}

/** What `sniff.open` is asked, from a decoded value. Throws E_EXPRESSION_INVALID. */
function parseWish(value: unknown): SniffWish {
  const { expression, data, match, rate } = (value ?? {}) as Record<string, unknown>;
  const isRate = Number.isSafeInteger(rate) && (rate as number) > 0;
  return {
    filter: parseExpression(typeof expression === 'string' ? expression : '', SNIFF_FIELDS),
    hasData: data === true,
    isMatching: match === true,
    rate: Math.min(isRate ? (rate as number) : RATE_DEFAULT, SNIFF_RATE_MAX),
  };
}

function encodeRecords(records: readonly SniffRecord[]): Buffer {
  return Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

export class Sniff {
  readonly #components: SniffComponents;
  readonly #sniffers = new Set<Sniffer>();
  readonly #looks;
  /** When requests passed that have no outcome yet, by exchange. */
  readonly #asked = new Map<string, number>();
  #names: Names;
  #stopTelling: (() => void) | undefined;

  constructor(components: SniffComponents) {
    this.#components = components;
    this.#names = new Names(components.names);
    this.#looks = createBucket(SNIFF_LOOKS_PER_SECOND, components.clock.monotonicMs());
  }

  readonly methods: Record<string, Method> = {
    'sniff.open': {
      doc: 'Streams the envelopes that pass this node, as lines of JSON on channel 1.',
      args: ['{expression, data, match, rate}'],
      run: ([wish], context) => this.#open(parseWish(wish), context),
    },
  };

  #open(wish: SniffWish, context: CallContext): Promise<SniffSummary> {
    const { node, clock } = this.#components;
    if (this.#sniffers.size >= SNIFFERS_MAX) {
      throw new DagentError('E_TOO_MANY_SNIFFERS', { node, max: SNIFFERS_MAX });
    }
    const { exchange, signal } = context;
    const sniffer = new Sniffer(wish, clock.monotonicMs(), (records) =>
      exchange.write(SNIFF_CHANNEL, encodeRecords(records)),
    );
    exchange.onDrain = () => {
      sniffer.isBlocked = false;
    };
    if (this.#sniffers.size === 0) this.#start();
    this.#sniffers.add(sniffer);
    exchange.write(SNIFF_CHANNEL, encodeRecords([{ type: 'open', node }]));
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        this.#sniffers.delete(sniffer);
        if (this.#sniffers.size === 0) this.#stop();
        resolve(sniffer.summary());
      });
    });
  }

  #start(): void {
    const { clock, node, setTap } = this.#components;
    setTap(true);
    this.#stopTelling = clock.every(TELL_MS, () => {
      for (const sniffer of this.#sniffers) sniffer.tell(node);
    });
  }

  #stop(): void {
    this.#components.setTap(false);
    this.#stopTelling?.();
    this.#stopTelling = undefined;
    this.#asked.clear();
    this.#names = new Names(this.#components.names);
  }

  /** An envelope passes. */
  see(sniffed: Sniffed): void {
    if (this.#sniffers.size === 0) return;
    const { clock, node } = this.#components;
    const nowMs = clock.monotonicMs();
    if (!takeToken(this.#looks, nowMs)) {
      for (const sniffer of this.#sniffers) sniffer.skip(1);
      return;
    }
    const sight = new Sight(sniffed, this.#names);
    const latencyMs = this.#timeOf(sight, nowMs);
    const at = { node, nowMs, wallMs: clock.wallMs() };
    for (const sniffer of this.#sniffers) sniffer.see(sight, at, latencyMs);
  }

  /** Remembers when a request passes; tells how long ago it did when its outcome comes. */
  #timeOf(sight: Sight, nowMs: number): number | undefined {
    if (sight.isAsking && sight.sniffed.to !== null) {
      const [oldest] = this.#asked.size >= SNIFF_EXCHANGES_MAX ? this.#asked.keys() : [];
      if (oldest !== undefined) this.#asked.delete(oldest);
      this.#asked.set(sight.exchange, nowMs);
    }
    if (!sight.isOutcome) return undefined;
    const askedAtMs = this.#asked.get(sight.exchange);
    this.#asked.delete(sight.exchange);
    return askedAtMs === undefined ? undefined : nowMs - askedAtMs;
  }
}
