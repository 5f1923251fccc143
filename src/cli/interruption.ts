/** Ctrl-C and its kin, while something that we have asked for goes on elsewhere. */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';

/** A process that a signal ended has this and the number of the signal as its status. */
const EXIT_SIGNAL = 128;

export interface SignalHandlers {
  cancel(): void;
  /** Says how far it is. */
  tellStatus(): void;
  /** Whether stdin is a terminal that nobody else reads: Enter asks for the status there. */
  readonly hasKeyboard: boolean;
}

/** What became of the signals that this process got. */
export interface Interruption {
  /** Exit status that tells of the first of them; undefined when there was none. */
  readonly status: number | undefined;
  /** From here on signals do what they always do. */
  restore(): void;
}

/** Whether the terminal is ours to read: a process in the background that tries to is stopped. */
function isInForeground(): boolean {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return group === foreground;
}

/**
 * SIGINT, SIGTERM and SIGHUP cancel what goes on elsewhere; a second Ctrl-C leaves at once.
 * SIGQUIT, and Enter where there is a keyboard, tell the status. A stop by Ctrl-Z stops us only.
 */
export function catchSignals({ cancel, tellStatus, hasKeyboard }: SignalHandlers): Interruption {
  let status: number | undefined;
  const listeners: [NodeJS.Signals, () => void][] = [];
  const on = (signal: NodeJS.Signals, listener: () => void): void => {
    process.on(signal, listener);
    listeners.push([signal, listener]);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const own = EXIT_SIGNAL + constants.signals[signal];
    on(signal, () => {
      if (signal === 'SIGINT' && status !== undefined) process.exit(own);
      if (signal === 'SIGINT')
        process.stderr.write('dagent: cancelling; once more to leave at once\n');
      status ??= own;
      cancel();
    });
  }
  on('SIGQUIT', tellStatus);
  if (hasKeyboard) listenToKeyboard(on, tellStatus);
  return {
    get status() {
      return status;
    },
    restore(): void {
      for (const [signal, listener] of listeners) process.off(signal, listener);
      if (hasKeyboard) process.stdin.removeListener('data', tellStatus).pause();
    },
  };
}

function listenToKeyboard(
  on: (signal: NodeJS.Signals, listener: () => void) => void,
  tellStatus: () => void,
): void {
  const { stdin } = process;
  if (isInForeground()) stdin.on('data', tellStatus);
  on('SIGTSTP', () => {
    stdin.pause();
    process.kill(process.pid, 'SIGSTOP');
  });
  on('SIGCONT', () => {
    if (isInForeground()) stdin.resume();
  });
}
