/**
 * The ways in which a program on a terminal ends or stops without having been asked to by a key.
 * They are passed on, so that the terminal is always given back first.
 */

/**
 * Signals that end a program. Not those of a broken memory access, such as SIGSEGV: who listens to
 * them may hang.
 */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGABRT'] as const;
export type EndingSignal = (typeof ENDING)[number];

/**
 * The names of a signal. To Node, each name has listeners of its own: whoever listens to one name
 * only is not known to those who listen to the other, and Ink listens to both.
 */
function namesOf(signal: EndingSignal): readonly NodeJS.Signals[] {
  return signal === 'SIGABRT' ? ['SIGABRT', 'SIGIOT'] : [signal];
}

export interface SignalHandlers {
  readonly onEnd: (signal: EndingSignal) => void;
  /** Someone wants us stopped (SIGTSTP). */
  readonly onStop: () => void;
  /** We go on after having been stopped (SIGCONT). */
  readonly onContinue: () => void;
  /** The program is about to die of an error that nobody caught. */
  readonly onCrash: () => void;
}

export interface Signals {
  /**
   * Sends `signal` to ourselves, if nobody but us had a say in it; otherwise they have heard it.
   */
  dieOf(signal: EndingSignal): void;
  /** Stops the whole job, as the terminal would have done with its own Ctrl-Z. */
  stopJob(): void;
  /** Has the size of the terminal asked for anew: who was stopped was not told of a change. */
  refreshSize(): void;
  /** Listens no more. */
  release(): void;
}

/** Listens to the signals of this process. */
export function watchSignals(handlers: SignalHandlers): Signals {
  const isHeard = (name: NodeJS.Signals): boolean => process.listenerCount(name) > 0;
  const others = new Set(ENDING.filter((signal) => namesOf(signal).some(isHeard)));
  const listeners = ENDING.flatMap((signal) =>
    namesOf(signal).map((name) => [name, () => handlers.onEnd(signal)] as const),
  );
  for (const [name, listener] of listeners) process.on(name, listener);
  process.on('SIGTSTP', handlers.onStop);
  process.on('SIGCONT', handlers.onContinue);
  process.on('uncaughtExceptionMonitor', handlers.onCrash);
  return {
    dieOf: (signal) => {
      if (others.has(signal)) return;
      // What listens now came with the drawing, to show the cursor again. That is done.
      for (const name of namesOf(signal)) process.removeAllListeners(name);
      process.kill(process.pid, signal);
    },
    stopJob: () => {
      // Without a listener the signal does what it is for. In a group that no shell looks after,
      // the system ignores it, and we simply go on.
      process.off('SIGTSTP', handlers.onStop);
      process.kill(0, 'SIGTSTP');
      process.on('SIGTSTP', handlers.onStop);
    },
    refreshSize: () => process.kill(process.pid, 'SIGWINCH'),
    release: () => {
      for (const [name, listener] of listeners) process.off(name, listener);
      process.off('SIGTSTP', handlers.onStop);
      process.off('SIGCONT', handlers.onContinue);
      process.off('uncaughtExceptionMonitor', handlers.onCrash);
    },
  };
}
