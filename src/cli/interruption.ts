/** A command that ends at a signal when it has settled what it had begun. */
import { constants } from 'node:os';

/** Status of a process that a signal has ended, less the number of the signal. */
const EXIT_SIGNAL = 128;
const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

export interface LateEnd {
  /** Status to end with; undefined while there was no signal. */
  readonly status: number | undefined;
  /** Leaves signals to others again. */
  restore(): void;
}

/** Calls `stop` at the first signal; the second one ends the process as ever. */
export function stopAtSignal(stop: () => void): LateEnd {
  let status: number | undefined;
  const restore = (): void => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    status = EXIT_SIGNAL + constants.signals[signal];
    restore();
    stop();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    get status() {
      return status;
    },
    restore,
  };
}
