/**
 * One daemon per name and home. The lock is a file with the identity of the process that holds it;
 * one whose process is gone is taken over, so that a crash is no obstacle.
 */
import { linkSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { writing } from '../adapters/files.ts';
import { identifyProcess, isAlive, type ProcessIdentity } from '../adapters/process-identity.ts';
import { DagentError } from '../protocol/errors.ts';

/** More attempts than this mean that others come and go as quickly as we try. */
const ATTEMPT_COUNT_MAX = 5;

/** Who holds a lock; undefined when nobody does, or when the file makes no sense. */
function readHolder(path: string): ProcessIdentity | undefined {
  try {
    const [pid, startTicks = ''] = readFileSync(path, 'utf8').trim().split(' ');
    return Number(pid) > 0 ? { pid: Number(pid), startTicks } : undefined;
  } catch {
    return undefined;
  }
}

/** The holder of a lock, if it lives. */
function findHolder(path: string): ProcessIdentity | undefined {
  const holder = readHolder(path);
  return holder !== undefined && isAlive(holder) ? holder : undefined;
}

/** Gives a file another name. False: that is taken. */
function tryLink(aside: string, path: string): boolean {
  try {
    linkSync(aside, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Writes the file aside and links it to its name, which fails when the name is taken: nobody ever
 * sees half of it. Throws E_CANNOT_WRITE; nothing is left behind then.
 */
function tryCreate(path: string): boolean {
  const { pid, startTicks } = identifyProcess(process.pid);
  const aside = `${path}.${pid}`;
  try {
    return writing(path, () => {
      writeFileSync(aside, `${pid} ${startTicks}\n`, { mode: 0o644 });
      return tryLink(aside, path);
    });
  } finally {
    rmSync(aside, { force: true });
  }
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
