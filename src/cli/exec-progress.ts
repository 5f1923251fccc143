/** How far a run over several targets is: one line on the terminal, which output pushes aside. */
import { escapeLine } from '../base/escape.ts';
import type { ExecResult } from '../protocol/exec.ts';
import { EXEC_QUIET_MS } from '../protocol/limits.ts';
import { foldNames } from '../protocol/node-set.ts';
import type { Write } from './exec-output.ts';

/** How often the line is drawn. */
const DRAW_MS = 250;
const CLEAR = '\r\x1b[K';

/** What is known of a run while it goes on. Times are milliseconds. */
export class Progress {
  readonly #total: number;
  readonly #startedAtMs = new Map<string, number>();
  #okCount = 0;
  #failedCount = 0;
  #quietSinceMs: number;

  constructor(total: number, nowMs: number) {
    this.#total = total;
    this.#quietSinceMs = nowMs;
  }

  started(target: string, nowMs: number): void {
    this.#startedAtMs.set(target, nowMs);
  }

  /** Something was heard. */
  heard(nowMs: number): void {
    this.#quietSinceMs = nowMs;
  }

  ended(target: string, { verdict }: ExecResult, nowMs: number): void {
    this.#startedAtMs.delete(target);
    if (verdict === 'ok') this.#okCount += 1;
    else this.#failedCount += 1;
    this.heard(nowMs);
  }

  /** `312/400 ok  3 failed  85 running  slowest web17 00:41`; who is waited for, if it is quiet. */
  format(nowMs: number): string {
    const running = this.#startedAtMs.size;
    const parts = [`${this.#okCount}/${this.#total} ok`];
    if (this.#failedCount > 0) parts.push(`${this.#failedCount} failed`);
    if (running > 0) parts.push(`${running} running`);
    const [slowest] = this.#startedAtMs;
    if (nowMs - this.#quietSinceMs >= EXEC_QUIET_MS && running > 0) {
      parts.push(`waiting for ${escapeLine(foldNames(this.#startedAtMs.keys()))}`);
    } else if (slowest !== undefined) {
      parts.push(`slowest ${escapeLine(slowest[0])} ${formatClock(nowMs - slowest[1])}`);
    }
    return parts.join('  ');
  }
}

/** `00:41`, `1:02:03`. */
function formatClock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (number: number): string => String(number % 60).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor(seconds / 60))}:${two(seconds)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** The line on the terminal. */
export interface ProgressLine {
  /** Writes what must not be mixed with it. */
  readonly write: Write;
  end(): void;
}

/** Draws on stderr, which is a terminal, until it ends. */
export function drawProgress(progress: Pick<Progress, 'format'>, write: Write): ProgressLine {
  const { stderr } = process;
  let isShown = false;
  const clear = (): void => {
    if (isShown) stderr.write(CLEAR);
    isShown = false;
  };
  const timer = setInterval(() => {
    const line = progress.format(performance.now()).slice(0, Math.max(1, stderr.columns - 1));
    stderr.write(`${CLEAR}${line}`);
    isShown = true;
  }, DRAW_MS);
  timer.unref();
  return {
    write(channel, bytes, done): void {
      if (process[channel].isTTY === true) clear();
      write(channel, bytes, done);
    },
    end(): void {
      clearInterval(timer);
      clear();
    },
  };
}
