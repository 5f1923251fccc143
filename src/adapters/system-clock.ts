/** The clock of the machine. */
import type { Clock } from '../ports/clock.ts';

/** Longest time that a timer of Node takes; one with more fires at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** A timer that may be longer than one of Node's. */
function startTimer(ms: number, then: () => void): () => void {
  if (ms <= TIMER_MS_MAX) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  }
  let stop = startTimer(TIMER_MS_MAX, () => {
    stop = startTimer(ms - TIMER_MS_MAX, then);
  });
  return () => stop();
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after: startTimer,
  every(ms, then) {
    const timer = setInterval(then, ms);
    return () => clearInterval(timer);
  },
};
