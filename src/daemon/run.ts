/** Running a daemon in this process until it is told to stop. */
import { setFlagsFromString } from 'node:v8';
import { type DaemonStatus, type Home, pathsOf } from '../adapters/home.ts';
import { createLogger } from '../adapters/pino-logger.ts';
import { systemClock } from '../adapters/system-clock.ts';
import { VERSION } from '../base/version.ts';
import type { Clock } from '../ports/clock.ts';
import { DagentError } from '../protocol/errors.ts';
import { PEERS_TRIED_MS_MAX } from '../protocol/limits.ts';
import { Daemon } from './daemon.ts';
import type { StartOptions } from './options.ts';

export interface RunOptions {
  readonly home: Home;
  readonly options: StartOptions;
  readonly isForeground: boolean;
  /** Milliseconds that the uplink may take to stand, or null to try for ever. */
  readonly uplinkMs: number | null;
}

/** Exit status after an error that nobody foresaw. */
const EXIT_INTERNAL = 125;

/** Settles when the daemon is in; throws E_UPLINK_TIMEOUT, or why it was refused. */
async function awaitJoined(daemon: Daemon, uplinkMs: number | null): Promise<void> {
  if (uplinkMs === null) return daemon.joined;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new DagentError('E_UPLINK_TIMEOUT', { ms: uplinkMs, reason: daemon.whyAlone }));
    }, uplinkMs);
  });
  try {
    await Promise.race([daemon.joined, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Settles when each peer has been tried, so that it can be said which are not linked; within
 * PEERS_TRIED_MS_MAX in any case.
 */
export async function awaitPeersTried(tried: Promise<void>, clock: Clock): Promise<void> {
  let cancel = (): void => undefined;
  const timeout = new Promise<void>((resolve) => {
    cancel = clock.after(PEERS_TRIED_MS_MAX, resolve);
  });
  await Promise.race([tried, timeout]);
  cancel();
}

/** Settles when the process is told to stop, with the signal. */
function untilSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      process.once(signal, () => resolve(signal));
    }
  });
}

/**
 * A daemon shares its host with those that it serves. Its young objects are few megabytes, which
 * one thread collects in half a millisecond; several wait for each other, and where others want the
 * processors that was measured to take a hundred times as long.
 */
function collectByOneThread(): void {
  setFlagsFromString('--no-parallel-scavenge');
}

/**
 * Runs a daemon. `onReady` is called once it answers, its uplink stands, and its peers are linked,
 * have failed to be, or have had PEERS_TRIED_MS_MAX for it; the promise settles when it has
 * stopped. Throws what keeps it from starting or joining; it is stopped then.
 */
export async function runDaemon(
  run: RunOptions,
  onReady: (status: DaemonStatus) => void,
): Promise<void> {
  const { home, options, isForeground, uplinkMs } = run;
  const file = options.logFile ?? (isForeground ? null : pathsOf(home, options.name).log);
  const log = createLogger(options.name, file);
  process.title = `dagent: ${options.name}`;
  collectByOneThread();
  process.once('uncaughtException', (error) => {
    log.error('internal error', { reason: error.message, stack: error.stack });
    process.exit(EXIT_INTERNAL);
  });
  // A library complains there, which on a full disk is an error of its own.
  process.stderr.on('error', () => undefined);
  const stopping = untilSignal();
  const daemon = await Daemon.start({ home, options, version: VERSION, log });
  try {
    const awaitTried = () => awaitPeersTried(daemon.peersTried, systemClock);
    const joined = awaitJoined(daemon, uplinkMs).then(awaitTried);
    const ready = joined.then(() => onReady(daemon.status()));
    await Promise.race([ready.then(() => stopping), stopping]);
    log.info('stopping', { signal: await stopping });
  } finally {
    await daemon.stop();
  }
}
