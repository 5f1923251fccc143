/**
 * Which targets are started when: in batches, a few at a time, a canary first, and none any more
 * once too many have failed. A function of what happens and of the time; it starts nothing itself.
 */

/** A number of targets, or a part of them in percent. */
export interface Amount {
  readonly count: number;
  readonly isPercent: boolean;
}

export interface Pace {
  /** So many at a time; the next ones when all of these have ended. */
  readonly batch?: Amount | undefined;
  /** Milliseconds between two batches. */
  readonly pauseMs?: number | undefined;
  /** The first batch, of which none may fail. */
  readonly canary?: number | undefined;
  /** So many may fail; with one more, no further ones are started. */
  readonly maxFail?: Amount | undefined;
  /** Each waits for a random part of this, in milliseconds. */
  readonly splayMs?: number | undefined;
  /** At most so many run at a time. */
  readonly fanout?: number | undefined;
}

/** Targets to be started now, by their places, and the milliseconds that each is to wait. */
export interface Starting {
  readonly start: readonly { readonly rank: number; readonly delayMs: number }[];
  /** When to ask again, if nothing else happens; undefined when nothing is to be waited for. */
  readonly wakeAtMs: number | undefined;
}

/** Whether all may start at once. */
export function isAtOnce({ batch, canary, fanout, splayMs }: Pace): boolean {
  return [batch, canary, fanout, splayMs].every((each) => each === undefined);
}

function resolveAmount({ count, isPercent }: Amount, total: number, round: 'up' | 'down'): number {
  if (!isPercent) return count;
  const part = (total * count) / 100;
  return round === 'up' ? Math.max(1, Math.ceil(part)) : Math.floor(part);
}

export class Schedule {
  readonly #total: number;
  readonly #pace: Pace;
  readonly #chance: () => number;
  readonly #failedMax: number;
  #next = 0;
  #batchEnd = 0;
  #runningCount = 0;
  #failedCount = 0;
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  /** Why no more are started. */
  #stopped: string | undefined;

  /** `chance` gives numbers from 0 to 1. */
  constructor(total: number, pace: Pace, chance: () => number) {
    this.#total = total;
    this.#pace = pace;
    this.#chance = chance;
    const { maxFail } = pace;
    this.#failedMax = maxFail === undefined ? total : resolveAmount(maxFail, total, 'down');
  }

  /** Why those that have not been started never will be. */
  get stopped(): string | undefined {
    return this.#stopped;
  }

  /** Places of those that were never started. */
  get unstarted(): { readonly from: number; readonly to: number } {
    return { from: this.#next, to: this.#total };
  }

  get isOver(): boolean {
    const hasMore = this.#next < this.#total && this.#stopped === undefined;
    return !hasMore && this.#runningCount === 0;
  }

  /** No more are started. What runs goes on. */
  stop(reason: string): void {
    this.#stopped ??= reason;
  }

  #batchSize(): number {
    const { batch, canary } = this.#pace;
    if (canary !== undefined && this.#next === 0) return canary;
    return batch === undefined ? this.#total : resolveAmount(batch, this.#total, 'up');
  }

  /** What is to be started at `nowMs`. */
  next(nowMs: number): Starting {
    const start: { rank: number; delayMs: number }[] = [];
    const isWaiting = nowMs < this.#notBeforeMs;
    if (this.#stopped !== undefined || isWaiting) {
      return { start, wakeAtMs: isWaiting ? this.#notBeforeMs : undefined };
    }
    if (this.#next === this.#batchEnd && this.#runningCount === 0) {
      this.#batchEnd = Math.min(this.#total, this.#next + this.#batchSize());
    }
    const { fanout = this.#total, splayMs = 0 } = this.#pace;
    while (this.#next < this.#batchEnd && this.#runningCount < fanout) {
      start.push({ rank: this.#next++, delayMs: Math.floor(this.#chance() * splayMs) });
      this.#runningCount += 1;
    }
    return { start, wakeAtMs: undefined };
  }

  /** One of those that were started has ended at `nowMs`. */
  ended(isOk: boolean, nowMs: number): void {
    this.#runningCount -= 1;
    if (!isOk) this.#failedCount += 1;
    const isCanary = this.#pace.canary !== undefined && this.#batchEnd <= this.#pace.canary;
    if (isCanary && this.#failedCount > 0) this.stop('the canary failed');
    else if (this.#failedCount > this.#failedMax) this.stop(`${this.#failedCount} failed`);
    const isBatchOver = this.#runningCount === 0 && this.#next === this.#batchEnd;
    if (isBatchOver) this.#notBeforeMs = nowMs + (this.#pace.pauseMs ?? 0);
  }
}
