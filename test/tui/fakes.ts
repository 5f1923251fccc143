/** A clock with timers that a test moves by hand. */
import type { Schedule } from '../../src/tui/frames.ts';

interface Timer {
  readonly atMs: number;
  readonly task: () => void;
}

export interface FakeClock {
  readonly nowMs: () => number;
  readonly schedule: Schedule;
  /** Lets `ms` pass: what is due runs in its order, each at its time. */
  pass(ms: number): void;
  /** Moves the clock without letting time pass, as someone who sets it. */
  set(ms: number): void;
  /** How many timers wait. */
  waiting(): number;
}

export function createFakeClock(startMs = 0): FakeClock {
  const timers = new Set<Timer>();
  let nowMs = startMs;
  const next = () => [...timers].sort((a, b) => a.atMs - b.atMs)[0];
  return {
    nowMs: () => nowMs,
    schedule: (task, ms) => {
      const timer = { atMs: nowMs + ms, task };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pass: (ms) => {
      const endMs = nowMs + ms;
      for (let timer = next(); timer !== undefined && timer.atMs <= endMs; timer = next()) {
        timers.delete(timer);
        nowMs = Math.max(nowMs, timer.atMs);
        timer.task();
      }
      nowMs = endMs;
    },
    set: (ms) => {
      nowMs = ms;
    },
    waiting: () => timers.size,
  };
}
