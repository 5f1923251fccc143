/** Starting, stopping and listing the daemons of a home, from another process. */
import { spawn } from 'node:child_process';
import { closeSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { makeDirectory, openToAppend } from '../adapters/files.ts';
import {
  type DaemonStatus,
  type Home,
  listDaemons,
  listNodes,
  pathsOf,
  readStatus,
} from '../adapters/home.ts';
import { isAlive } from '../adapters/process-identity.ts';
import { DagentError, errorFromData } from '../protocol/errors.ts';
import { readConfig, type StartOptions } from './options.ts';

/** Interval of looking whether a process is gone. */
const LOOK_MS = 10;

/** What only a daemon that runs has. */
interface Idle {
  readonly pid: null;
  readonly parent: null;
  readonly listen: readonly string[];
}

/** A daemon that runs, or one that was started once and does not. */
export type DaemonEntry =
  | (DaemonStatus & { readonly state: 'running' })
  | (Pick<DaemonStatus, 'name' | 'id' | 'role'> & Idle & { readonly state: 'stopped' });

/** A daemon of which nothing can be read but its name. */
export type BrokenEntry = Pick<DaemonStatus, 'name'> &
  Idle & { readonly id: null; readonly role: null; readonly state: 'broken' };

const IDLE: Idle = { pid: null, parent: null, listen: [] };

function entryFile(): string {
  const root = dirname(createRequire(import.meta.url).resolve('dagent/package.json'));
  return join(root, 'dist/daemon/main.js');
}

function parseWord(line: string): { status?: DaemonStatus; error?: unknown } | undefined {
  try {
    return JSON.parse(line) as { status?: DaemonStatus; error?: unknown };
  } catch {
    return undefined;
  }
}

function lastLines(path: string): string {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-3).join('\n');
  } catch {
    return '';
  }
}

/**
 * Starts a daemon in the background; settles when it answers and its uplink stands. Throws why it
 * does not; nothing of it is left then.
 */
export function launchDaemon(
  home: Home,
  options: StartOptions,
  uplinkMs: number,
): Promise<DaemonStatus> {
  makeDirectory(home.logDir);
  const log = options.logFile ?? pathsOf(home, options.name).log;
  const logFd = openToAppend(log);
  const launch = JSON.stringify({ home, options, uplinkMs });
  // Also where a command starts it, it is no part of that, and not ended with it.
  const { DAGENT_JOB_ID: _, ...env } = process.env;
  const child = spawn(process.execPath, [entryFile(), launch], {
    detached: true,
    env,
    cwd: '/',
    stdio: ['ignore', logFd, logFd, 'pipe'],
  });
  closeSync(logFd);
  const pipe = child.stdio[3] as NodeJS.ReadableStream;
  return new Promise((resolve, reject) => {
    let said = '';
    pipe.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    pipe.on('end', () => {
      child.unref();
      const word = parseWord(said);
      if (word?.status !== undefined) return resolve(word.status);
      if (word?.error !== undefined) return reject(errorFromData(word.error));
      const reason = `the daemon ended at once; its log ${log} ends with:\n${lastLines(log)}`;
      return reject(new DagentError('E_INTERNAL', { reason }));
    });
  });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Tells a daemon to drain and stop; settles when its process is gone. Throws E_STOP_TIMEOUT. */
export async function stopDaemon(status: DaemonStatus, timeoutMs: number): Promise<void> {
  const { name, pid } = status;
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    // It ended by itself since we looked.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
    throw error;
  }
  const deadlineAtMs = Date.now() + timeoutMs;
  while (isAlive(status)) {
    if (Date.now() > deadlineAtMs)
      throw new DagentError('E_STOP_TIMEOUT', { name, pid, ms: timeoutMs });
    await sleep(LOOK_MS);
  }
}

/**
 * All daemons that were ever started in a home, the running ones first. One whose files are broken
 * does not hide the others.
 */
export function listEntries(home: Home): (DaemonEntry | BrokenEntry)[] {
  const running = listDaemons(home);
  const names = new Set(running.map((status) => status.name));
  const others = listNodes(home).filter((name) => !names.has(name));
  return [
    ...running.map((status) => ({ ...status, state: 'running' as const })),
    ...others.map((name) => describeOther(home, name)),
  ];
}

function describeOther(home: Home, name: string): DaemonEntry | BrokenEntry {
  try {
    return describeStopped(home, name);
  } catch (error) {
    if (!(error instanceof DagentError)) throw error;
    return { name, id: null, role: null, ...IDLE, state: 'broken' };
  }
}

function describeStopped(home: Home, name: string): DaemonEntry {
  const { id, options } = readConfig(home, name);
  return { name, id, role: options.role, ...IDLE, state: 'stopped' };
}

/**
 * The daemon that a command means: the named one, or the only one. Throws E_DAEMON_UNKNOWN,
 * E_DAEMON_AMBIGUOUS, E_STATE_BROKEN.
 */
export function chooseEntry(home: Home, name: string | undefined): DaemonEntry {
  if (name !== undefined) {
    const status = readStatus(home, name);
    return status === undefined ? describeStopped(home, name) : { ...status, state: 'running' };
  }
  const all = listEntries(home);
  const running = all.filter((entry) => entry.state === 'running');
  const candidates = running.length > 0 ? running : all;
  const [only] = candidates;
  if (only === undefined) throw new DagentError('E_NO_DAEMON', { home: home.label });
  if (candidates.length === 1)
    return only.state === 'broken' ? describeStopped(home, only.name) : only;
  const names = candidates.map((entry) => entry.name).join(', ');
  throw new DagentError('E_DAEMON_AMBIGUOUS', { home: home.label, names });
}
