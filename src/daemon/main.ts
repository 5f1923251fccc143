/**
 * Entry of a daemon that runs in the background. Its first argument is a JSON {home, options,
 * uplinkMs}; on file descriptor 3 it says once, in one line of JSON, whether it is in: {status} or
 * {error}.
 */
import { closeSync, writeSync } from 'node:fs';
import type { Home } from '../adapters/home.ts';
import { DagentError } from '../protocol/errors.ts';
import type { StartOptions } from './options.ts';
import { runDaemon } from './run.ts';

const READY_FD = 3;

interface Launch {
  readonly home: Home;
  readonly options: StartOptions;
  readonly uplinkMs: number;
}

function say(word: unknown): void {
  try {
    writeSync(READY_FD, `${JSON.stringify(word)}\n`);
    closeSync(READY_FD);
  } catch {
    // Whoever started us is gone: the log has it all.
  }
}

try {
  const launch = JSON.parse(process.argv[2] ?? '{}') as Launch;
  await runDaemon({ ...launch, isForeground: false }, (status) => say({ status }));
  process.exit(0);
} catch (thrown) {
  const isKnown = thrown instanceof DagentError;
  const error = isKnown ? thrown : new DagentError('E_INTERNAL', { reason: String(thrown) });
  if (!isKnown) process.stderr.write(`${(thrown as Error).stack}\n`);
  say({ error: error.toData() });
  process.exit(error.exit);
}
