/** Starts the commands of a run as its schedule says, and waits until each has its verdict. */
import type { RemoteCommand } from '../client/exec.ts';
import type { ExecResult } from '../protocol/exec.ts';
import type { Pace } from './exec-schedule.ts';
import { Schedule } from './exec-schedule.ts';
import type { TargetResult } from './exec-summary.ts';

export interface DriveParts {
  /** Starts the command of the target at `rank`; `overallMs` are left of the run. */
  start(target: string, rank: number, overallMs: number | undefined): RemoteCommand;
  /** Called for each target when it has its verdict. Throws what ends the run. */
  finish(target: string, result: ExecResult): Promise<void> | void;
}

export interface DriveOptions {
  readonly pace: Pace;
  /** Milliseconds for all of it. */
  readonly overallMs: number | undefined;
}

/** The targets of a run on their way to their verdicts. */
export class Drive {
  readonly #targets: readonly string[];
  readonly #parts: DriveParts;
  readonly #schedule: Schedule;
  readonly #overallMs: number | undefined;
  readonly #startedAtMs = performance.now();
  readonly #running = new Set<RemoteCommand>();
  readonly #results: (TargetResult | undefined)[];
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Those that wait for their part of the splay, by what ends the wait. */
  readonly #delayed = new Map<NodeJS.Timeout, number>();
  #isOverallOver = false;
  #settle: (results: TargetResult[]) => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;
  readonly results: Promise<readonly TargetResult[]>;

  constructor(targets: readonly string[], parts: DriveParts, options: DriveOptions) {
    this.#targets = targets;
    this.#parts = parts;
    this.#schedule = new Schedule(targets.length, options.pace, Math.random);
    this.#overallMs = options.overallMs;
    this.#results = targets.map(() => undefined);
    this.results = new Promise((resolve, reject) => {
      this.#settle = resolve;
      this.#fail = reject;
    });
  }

  /** Begins. */
  begin(): void {
    if (this.#overallMs !== undefined) this.#after(this.#overallMs, () => this.#endTime());
    this.#advance();
  }

  /** Commands that run now. */
  get running(): Iterable<RemoteCommand> {
    return this.#running;
  }

  /** Starts no more, for this reason, and ends what runs. */
  cancel(reason: string): void {
    this.#stop(reason);
    for (const command of this.#running) command.cancel();
  }

  /** Those that run have been told to end by their own nodes. */
  #endTime(): void {
    this.#isOverallOver = true;
    this.#stop('the time for all was over');
  }

  #stop(reason: string): void {
    this.#schedule.stop(reason);
    for (const [timer, rank] of this.#delayed) {
      clearTimeout(timer);
      this.#end(rank, this.#neverStarted());
    }
    this.#delayed.clear();
    this.#advance();
  }

  #neverStarted(): ExecResult {
    const reason = this.#schedule.stopped ?? '';
    if (this.#isOverallOver) return { verdict: 'timeout', limit: 'overall', reason, ms: 0 };
    return { verdict: 'skipped', reason, ms: 0 };
  }

  #after(ms: number, act: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
    return timer;
  }

  #advance(): void {
    const nowMs = performance.now();
    const { start, wakeAtMs } = this.#schedule.next(nowMs);
    for (const { rank, delayMs } of start) {
      if (delayMs === 0) this.#start(rank);
      else this.#delay(rank, delayMs);
    }
    if (wakeAtMs !== undefined) this.#after(Math.ceil(wakeAtMs - nowMs), () => this.#advance());
    if (this.#schedule.isOver) this.#conclude();
  }

  #delay(rank: number, ms: number): void {
    const timer = this.#after(ms, () => {
      this.#delayed.delete(timer);
      this.#start(rank);
    });
    this.#delayed.set(timer, rank);
  }

  #start(rank: number): void {
    const target = this.#targets[rank] ?? '';
    const leftMs =
      this.#overallMs === undefined
        ? undefined
        : Math.max(1, this.#overallMs - (performance.now() - this.#startedAtMs));
    try {
      const command = this.#parts.start(target, rank, leftMs);
      this.#running.add(command);
      void command.result.then((result) => {
        this.#running.delete(command);
        this.#end(rank, result);
      });
    } catch (error) {
      this.#fail(error);
    }
  }

  #end(rank: number, result: ExecResult): void {
    const target = this.#targets[rank] ?? '';
    this.#results[rank] = { target, ...result };
    const goOn = (): void => {
      this.#schedule.ended(result.verdict === 'ok', performance.now());
      this.#advance();
    };
    Promise.resolve(this.#parts.finish(target, result)).then(goOn, (error) => this.#fail(error));
  }

  #conclude(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    const { from, to } = this.#schedule.unstarted;
    for (let rank = from; rank < to; rank++) {
      if (this.#results[rank] !== undefined) continue;
      const target = this.#targets[rank] ?? '';
      const result = this.#neverStarted();
      this.#results[rank] = { target, ...result };
      void this.#parts.finish(target, result);
    }
    this.#settle(this.#results.filter((result) => result !== undefined));
  }
}
