/** What becomes of a command when nobody reads what it writes, or when it cannot be written. */
import { writeSync } from 'node:fs';
import { DagentError } from '../protocol/errors.ts';

/** Exit status of a process that SIGPIPE ended, which is what `| head` does to others. */
export const EXIT_PIPE = 141;

/** Ends the process because what it has to say cannot be written: the disk is full, say. */
function leave(channel: 'stdout' | 'stderr', reason: string): never {
  const { message, exit } = new DagentError('E_CANNOT_WRITE', { path: channel, reason });
  try {
    if (channel === 'stdout') writeSync(2, `dagent: ${message} (E_CANNOT_WRITE)\n`);
  } catch {
    // There is nowhere left to say it.
  }
  process.exit(exit);
}

/**
 * Calls `then` once when nobody reads stdout or stderr any more; without it the process ends then,
 * as others do. What was asked for before holds no more.
 */
export function onPipeClosed(then: () => void = () => process.exit(EXIT_PIPE)): void {
  let isClosed = false;
  for (const channel of ['stdout', 'stderr'] as const) {
    const stream = process[channel];
    // One of them is oclif's, which would end with a stack at all that is no closed pipe.
    stream.removeAllListeners('error');
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') leave(channel, error.message);
      if (isClosed) return;
      isClosed = true;
      then();
    });
  }
}
