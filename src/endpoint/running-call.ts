/** A call that is being answered: what its method sees of it, and what is told of it. */
import { type Bucket, createBucket, takeToken } from '../base/bucket.ts';
import type { CallBody, Named, Place, ProgressReport } from '../protocol/call.ts';
import { PROGRESS_PER_SECOND_MAX } from '../protocol/limits.ts';
import type { Answering } from './answering.ts';
import { Callbacks } from './callbacks.ts';
import type { Incoming } from './incoming.ts';
import type { CallContext, Method } from './methods.ts';

/** What an answering side needs of time. */
export interface CallTimer {
  monotonicMs(): number;
  /** Calls `then` once after `ms`; returns what prevents it. */
  after(ms: number, then: () => void): () => void;
}

/** Accepted: it waits for its turn. */
export type CallState = 'accepted' | 'started';

/** A call as it is shown to who asks for those that run. */
export interface CallRecord {
  readonly sn: string;
  readonly from: string;
  readonly method: string;
  readonly state: CallState | 'succeeded' | 'failed' | 'cancelled';
  readonly isDetached: boolean;
  /** Since it came, in milliseconds. */
  readonly ageMs: number;
  /** What it said last of how far it is. */
  readonly progress: ProgressReport | null;
  readonly data: unknown;
}

/** What there is to tell of a call before anything of it is done. */
export function recordOfRequest({ sn, from, command }: Incoming): CallRecord {
  const unknown = { state: 'accepted', isDetached: true, ageMs: 0, progress: null } as const;
  return { sn, from, method: command, ...unknown, data: null };
}

export class RunningCall implements CallContext {
  readonly sn: string;
  readonly exchange: Answering;
  readonly call: CallBody;
  readonly method: Method;
  state: CallState = 'accepted';
  readonly #timer: CallTimer;
  readonly #beganAtMs: number;
  #abort: AbortController | undefined;
  #callbacks: Callbacks | undefined;
  #bucket: Bucket | undefined;
  #progress: ProgressReport | null = null;
  /** What was said last has not been sent. */
  #isHeld = false;
  #isCancelled = false;

  constructor(exchange: Answering, call: CallBody, method: Method, timer: CallTimer) {
    this.sn = exchange.request.sn;
    this.exchange = exchange;
    this.call = this.#withCallbacks(call);
    this.method = method;
    this.#timer = timer;
    this.#beganAtMs = timer.monotonicMs();
    exchange.onCancel = () => this.#cancel();
  }

  get from(): string {
    return this.exchange.request.from;
  }

  get kwargs(): Named {
    return this.call.kws;
  }

  get data(): unknown {
    return this.call.data;
  }

  /** Most methods never look at it: it is made for those that do. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      const abort = new AbortController();
      this.#abort = abort;
      // A moment later: who listens to it now, and does not look first, hears of it as well.
      if (this.#isCancelled) queueMicrotask(() => abort.abort());
    }
    return this.#abort.signal;
  }

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** Called when it is cancelled before its turn has come. To be replaced. */
  onCancelledEarly(): void {}

  #cancel(): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    this.#callbacks?.end();
    if (this.state === 'accepted') this.onCancelledEarly();
    else this.#abort?.abort();
  }

  /** The call, with functions where its caller has passed some. */
  #withCallbacks(call: CallBody): CallBody {
    if (call.callbacks.length === 0) return call;
    const callbacks = new Callbacks(this.exchange);
    this.#callbacks = callbacks;
    const places = new Set<Place>(call.callbacks);
    const replace = (value: unknown, place: Place): unknown =>
      places.has(place) ? callbacks.functionAt(place) : value;
    const named = Object.entries(call.kws).map(([name, value]) => [name, replace(value, name)]);
    return { ...call, args: call.args.map(replace), kws: Object.fromEntries(named) as Named };
  }

  progress(report: Partial<ProgressReport>): void {
    const { total = null, completed = null, details = null } = report;
    this.#progress = { total, completed, details };
    const nowMs = this.#timer.monotonicMs();
    this.#bucket ??= createBucket(PROGRESS_PER_SECOND_MAX, nowMs);
    this.#isHeld = !takeToken(this.#bucket, nowMs);
    if (!this.#isHeld) this.exchange.progress(this.#progress, 'progress');
  }

  /**
   * The method is done: what is left to say goes before the outcome, and nothing follows. Throws
   * E_TOO_LARGE when that is too long, once.
   */
  finish(): void {
    this.#callbacks?.end();
    const isHeld = this.#isHeld;
    this.#isHeld = false;
    if (isHeld) this.exchange.progress(this.#progress, 'progress');
  }

  /** What there is to tell of it. */
  record(): CallRecord {
    return {
      ...recordOfRequest(this.exchange.request),
      state: this.state,
      isDetached: this.call.isDetached,
      ageMs: Math.round(this.#timer.monotonicMs() - this.#beganAtMs),
      progress: this.#progress,
      data: this.data ?? null,
    };
  }
}
