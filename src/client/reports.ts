/**
 * What a program reports: it gathers here by name, so that a million reports are a few numbers, and
 * goes to the node every REPORT_FLUSH_MS. While the connection is lost it goes on gathering. What
 * is on its way when the connection breaks may have been counted or not: it is not sent again, and
 * is told as dropped.
 */
import { decodeValue, openCall } from '../endpoint/methods.ts';
import type { Clock } from '../ports/clock.ts';
import { DagentError, errorFromData } from '../protocol/errors.ts';
import {
  REPORT_BATCH_COUNT,
  REPORT_CLOSE_MS,
  REPORT_FLUSH_MS,
  REPORT_SERIES_MAX,
} from '../protocol/limits.ts';
import { objectToOwn, parseReport, type Report, type SeriesKind } from '../protocol/series.ts';
import { addReport, createRegistry, takeReports } from '../series/registry.ts';
import type { Link } from './link.ts';

/** Time that the node has to take reports, before they are told as dropped. */
const PUT_MS_MAX = 10_000;

/** What a value is. A name keeps both, as they were with its first value at the node. */
export interface ValueOptions {
  /** `counter` when absent. */
  readonly kind?: SeriesKind | undefined;
  readonly unit?: string | undefined;
}

/** Numbers are of values, as they were reported. */
export interface ReportStatistics {
  /** Not sent yet. */
  readonly pending: number;
  readonly taken: number;
  /** What the node did not take: of another kind than there, or one name too many. */
  readonly refused: number;
  /** Why the last ones were refused. */
  readonly refusal: DagentError | undefined;
  /** What did not reach the node for certain, and what had no room here. */
  readonly dropped: number;
}

export interface ReportsOptions {
  readonly clock: Clock;
  /** Whether there is a connection. */
  isUp(): boolean;
  /** Hands reports to the node; settles with what became of each: undefined, or why not. */
  put(reports: readonly Report[]): Promise<readonly (DagentError | undefined)[]>;
}

/** The `put` of a connection. */
export async function putReports(
  { endpoint, record }: Link,
  reports: readonly Report[],
): Promise<(DagentError | undefined)[]> {
  const call = { args: reports, timeoutMs: PUT_MS_MAX };
  const { data } = await openCall(endpoint, `${record.name}:`, 'report.put', call).outcome;
  const outcomes: unknown = decodeValue(data);
  const list: readonly unknown[] = Array.isArray(outcomes) ? outcomes : [];
  return reports.map((_, at) => (list[at] === null ? undefined : errorFromData(list[at])));
}

export class Reports {
  readonly #options: ReportsOptions;
  readonly #registry = createRegistry(REPORT_SERIES_MAX);
  /** How many values each series stands for. */
  readonly #counts = new Map<string, number>();
  #sending: Promise<void> | undefined;
  #stopTimer: (() => void) | undefined;
  /** Why there is no connection any more, nor will be. */
  #over: DagentError | undefined;
  #taken = 0;
  #refused = 0;
  #dropped = 0;
  #refusal: DagentError | undefined;

  constructor(options: ReportsOptions) {
    this.#options = options;
  }

  /** Throws E_ARGUMENT_INVALID, E_REPORT_KIND, and when it is over, why. */
  add(name: string, value: number, options: ValueOptions): void {
    if (this.#over !== undefined) throw this.#over;
    const report = parseReport({ ...options, name, value });
    const reason = typeof report === 'string' ? report : objectToOwn(report.name);
    if (typeof report === 'string' || reason !== undefined) {
      throw new DagentError('E_ARGUMENT_INVALID', { method: 'report', reason: reason ?? '' });
    }
    const { clock } = this.#options;
    const error = addReport(this.#registry, report, clock.monotonicMs());
    if (error?.code === 'E_REPORT_FULL') this.#dropped++;
    else if (error !== undefined) throw error;
    else this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    this.#schedule();
  }

  statistics(): ReportStatistics {
    const pending = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
    const [taken, refused, dropped] = [this.#taken, this.#refused, this.#dropped];
    return { pending, taken, refused, refusal: this.#refusal, dropped };
  }

  /** Whether nothing is to be sent, nor on its way. */
  get isIdle(): boolean {
    return this.#counts.size === 0 && this.#sending === undefined;
  }

  #schedule(): void {
    const isDue = this.#counts.size > 0 && this.#options.isUp();
    if (!isDue || this.#sending !== undefined || this.#stopTimer !== undefined) return;
    this.#stopTimer = this.#options.clock.after(REPORT_FLUSH_MS, () => void this.#flush());
  }

  /** Sends what has gathered; while that is under way, the rest waits for the next time. */
  #flush(): Promise<void> {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined;
      this.#schedule();
    });
    return this.#sending;
  }

  async #send(): Promise<void> {
    const { clock, put, isUp } = this.#options;
    const batchCount = Math.ceil(this.#registry.series.size / REPORT_BATCH_COUNT);
    for (let batch = 0; batch < batchCount && isUp(); batch++) {
      const reports = takeReports(this.#registry, REPORT_BATCH_COUNT, clock.monotonicMs());
      const counts = reports.map(({ name }) => this.#takeCount(name));
      try {
        const outcomes = await put(reports);
        for (const [at, count] of counts.entries()) this.#settle(outcomes[at], count);
      } catch (error) {
        if (!(error instanceof DagentError)) throw error;
        for (const count of counts) this.#dropped += count;
      }
    }
  }

  #takeCount(name: string): number {
    const count = this.#counts.get(name) ?? 0;
    this.#counts.delete(name);
    return count;
  }

  #settle(refusal: DagentError | undefined, count: number): void {
    if (refusal === undefined) {
      this.#taken += count;
    } else {
      this.#refused += count;
      this.#refusal = refusal;
    }
  }

  /** There is a connection again. */
  resume(): void {
    this.#schedule();
  }

  /** Sends all that is here; settles when that has its outcome, after REPORT_CLOSE_MS at most. */
  async finish(): Promise<void> {
    const { clock, isUp } = this.#options;
    let isLate = false;
    let stop = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      stop = clock.after(REPORT_CLOSE_MS, () => {
        isLate = true;
        resolve();
      });
    });
    while (!this.isIdle && isUp() && !isLate) await Promise.race([this.#flush(), late]);
    stop();
  }

  /** There is no connection any more, nor will there be. */
  fail(error: DagentError): void {
    this.#over = error;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    for (const count of this.#counts.values()) this.#dropped += count;
    this.#counts.clear();
    this.#registry.series.clear();
  }
}
