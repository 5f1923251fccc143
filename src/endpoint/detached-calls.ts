/**
 * Calls that nobody waits for: those without an answer, and those whose outcome is asked for later.
 * It is kept for a while.
 */
import { DagentError } from '../protocol/errors.ts';
import {
  CALLS_UNHEARD_MAX,
  OUTCOME_KEPT_MS,
  OUTCOMES_KEPT_BYTES_MAX,
  OUTCOMES_KEPT_MAX,
  REQUEST_MS_MAX,
} from '../protocol/limits.ts';
import { pack } from '../protocol/pack.ts';
import type { Incoming } from './incoming.ts';
import type { CallRecord, CallTimer } from './running-call.ts';
import { type CallOutcome, Unheard } from './unheard.ts';

/** Bytes that an outcome counts as besides what is in it. */
const OUTCOME_BYTES_MIN = 512;

interface Kept {
  readonly record: CallRecord;
  readonly outcome: CallOutcome;
  readonly bytes: number;
  readonly atMs: number;
}

/** A call that runs. */
interface Open {
  readonly exchange: Unheard;
  readonly outcome: Promise<CallOutcome>;
}

export class DetachedCalls {
  readonly #timer: CallTimer;
  readonly #open = new Map<string, Open>();
  /** Outcomes, the oldest first. */
  readonly #kept = new Map<string, Kept>();
  #keptBytes = 0;

  constructor(timer: CallTimer) {
    this.#timer = timer;
  }

  /**
   * The answering end of such a call. It is cancelled after `timeoutMs`; a day when absent. Its
   * outcome is kept when somebody may ask for it, and otherwise when it failed; `record` tells of
   * it then. Throws E_TOO_MANY_CALLS.
   */
  begin(request: Incoming, timeoutMs: number | undefined, record: () => CallRecord): Unheard {
    if (this.#open.size >= CALLS_UNHEARD_MAX) {
      const values = { max: CALLS_UNHEARD_MAX, what: 'nobody waits for' };
      throw new DagentError('E_TOO_MANY_CALLS', { service: request.to, ...values });
    }
    const { promise: outcome, resolve } = Promise.withResolvers<CallOutcome>();
    const exchange = new Unheard(request, (it) => {
      stop();
      this.#open.delete(request.sn);
      const { isDetached, ...rest } = record();
      if (isDetached || it.kind === 'threw') this.keep({ ...rest, isDetached }, it);
      resolve(it);
    });
    const ms = Math.min(timeoutMs ?? REQUEST_MS_MAX, REQUEST_MS_MAX);
    const stop = this.#timer.after(ms, () => exchange.onCancel());
    this.#open.set(request.sn, { exchange, outcome });
    return exchange;
  }

  /** Keeps what became of a call. */
  keep(record: CallRecord, outcome: CallOutcome): void {
    const isWell = outcome.kind === 'returned';
    const own = isWell ? outcome.data : pack(outcome.error);
    const bytes = OUTCOME_BYTES_MIN + own.length + pack(record).length;
    const isCancelled = !isWell && outcome.error.code === 'E_CANCELLED';
    const state = isWell ? 'succeeded' : isCancelled ? 'cancelled' : 'failed';
    const atMs = this.#timer.monotonicMs();
    this.#drop(record.sn);
    this.#kept.set(record.sn, { record: { ...record, state }, outcome, bytes, atMs });
    this.#keptBytes += bytes;
    this.#forget(atMs);
  }

  #drop(sn: string): void {
    this.#keptBytes -= this.#kept.get(sn)?.bytes ?? 0;
    this.#kept.delete(sn);
  }

  /** What is too old, or too much. The newest one stays. */
  #forget(nowMs: number): void {
    for (const [sn, { atMs }] of this.#kept) {
      const isTooMuch =
        this.#kept.size > OUTCOMES_KEPT_MAX || this.#keptBytes > OUTCOMES_KEPT_BYTES_MAX;
      const isOld = nowMs - atMs >= OUTCOME_KEPT_MS;
      if (!isOld && !(isTooMuch && this.#kept.size > 1)) return;
      this.#drop(sn);
    }
  }

  /** What has ended, and is kept. */
  kept(): CallRecord[] {
    this.#forget(this.#timer.monotonicMs());
    return [...this.#kept.values()].map(({ record }) => record);
  }

  /** The outcome of a detached call, once there is one. Undefined: no such call is known. */
  outcomeOf(sn: string): Promise<CallOutcome> | undefined {
    this.#forget(this.#timer.monotonicMs());
    const kept = this.#kept.get(sn)?.outcome;
    return kept === undefined ? this.#open.get(sn)?.outcome : Promise.resolve(kept);
  }

  /** Cancels all that runs. */
  stop(): void {
    for (const { exchange } of this.#open.values()) exchange.onCancel();
  }
}
