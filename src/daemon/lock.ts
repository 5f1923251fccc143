/**
 * One daemon per name and home. The lock has the identity of the process that holds it; one whose
 * process is gone is taken over, so that a crash is no obstacle. Nor is a disk that is full:
 * without a lock there might be two daemons, but that is all that a start cannot do without.
 */
import { symlinkSync, unlinkSync } from 'node:fs';
import { writing } from '../adapters/files.ts';
import { findHolder, formatHolder, readHolder } from '../adapters/lock-holder.ts';
import { identifyProcess, type ProcessIdentity } from '../adapters/process-identity.ts';
import { DagentError } from '../protocol/errors.ts';

/** More attempts than this mean that others come and go as quickly as we try. */
const ATTEMPT_COUNT_MAX = 5;

/** Makes the lock, with us in it. False: the name is taken. Throws E_CANNOT_WRITE. */
function tryCreate(path: string): boolean {
  return writing(path, () => {
    try {
      symlinkSync(formatHolder(identifyProcess(process.pid)), path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  });
}

function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/**
 * Removes the lock of a dead holder. Only who holds a second lock may do so: of two who find the
 * first one stale, the slower would otherwise remove what the quicker has just taken. Returns who
 * else is at it.
 */
function removeStale(path: string): ProcessIdentity | undefined {
  const right = `${path}.stale`;
  if (!tryCreate(right)) {
    const other = findHolder(right);
    if (other === undefined) removeFile(right);
    return other;
  }
  try {
    if (findHolder(path) === undefined) removeFile(path);
  } finally {
    removeFile(right);
  }
  return undefined;
}

/**
 * Takes the lock of the node `name`; returns what gives it back. Throws E_DAEMON_RUNNING,
 * E_CANNOT_WRITE.
 */
export function takeLock(path: string, name: string): () => void {
  for (let attempt = 0; attempt < ATTEMPT_COUNT_MAX; attempt++) {
    if (tryCreate(path)) return () => removeFile(path);
    const holder = findHolder(path) ?? removeStale(path);
    if (holder !== undefined) throw new DagentError('E_DAEMON_RUNNING', { name, pid: holder.pid });
  }
  throw new DagentError('E_DAEMON_RUNNING', { name, pid: readHolder(path)?.pid ?? 0 });
}
