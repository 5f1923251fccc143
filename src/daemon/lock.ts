/**
 * One daemon per name and home. The lock is a file with the identity of the process that holds it;
 * one whose process is gone is taken over, so that a crash is no obstacle.
 */
import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { identifyProcess, isAlive, type ProcessIdentity } from '../adapters/process-identity.ts';
import { DagentError } from '../protocol/errors.ts';

/** Takes over a stale lock may need; more means that others are as quick as we are. */
const ATTEMPT_COUNT_MAX = 5;

function readHolder(path: string): ProcessIdentity | undefined {
  try {
    const [pid, startTicks = ''] = readFileSync(path, 'utf8').trim().split(' ');
    return { pid: Number(pid), startTicks };
  } catch {
    return undefined;
  }
}

function tryCreate(path: string): boolean {
  const { pid, startTicks } = identifyProcess(process.pid);
  try {
    writeFileSync(path, `${pid} ${startTicks}\n`, { flag: 'wx', mode: 0o644 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Takes the lock of the node `name`; returns what gives it back. Throws E_DAEMON_RUNNING. */
export function takeLock(path: string, name: string): () => void {
  for (let attempt = 0; attempt < ATTEMPT_COUNT_MAX; attempt++) {
    if (tryCreate(path)) return () => unlinkSync(path);
    const holder = readHolder(path);
    if (holder !== undefined && isAlive(holder)) {
      throw new DagentError('E_DAEMON_RUNNING', { name, pid: holder.pid });
    }
    // Still the same dead holder? Then the file may go; if not, somebody was quicker.
    if (holder !== undefined && readHolder(path)?.pid === holder.pid) unlinkSync(path);
  }
  throw new DagentError('E_DAEMON_RUNNING', { name, pid: readHolder(path)?.pid ?? 0 });
}
