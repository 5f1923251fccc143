/** The timers of the process. */
import type { Schedule } from './frames.ts';

export const schedule: Schedule = (task, ms) => {
  const timer = setTimeout(task, ms);
  return () => clearTimeout(timer);
};
