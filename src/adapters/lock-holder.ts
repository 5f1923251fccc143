/**
 * Who holds a lock: a symbolic link that leads nowhere, but names a process. It is made at once and
 * with what it says, and takes no block of a disk that is full.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import type { ProcessIdentity } from './process-identity.ts';
import { isAlive } from './process-identity.ts';

/** What stands in a lock. */
export function formatHolder({ pid, startTicks }: ProcessIdentity): string {
  return `${pid} ${startTicks}`;
}

function readText(path: string): string {
  try {
    return readlinkSync(path);
  } catch (error) {
    // Daemons of older versions hold a file.
    if ((error as NodeJS.ErrnoException).code === 'EINVAL') return readFileSync(path, 'utf8');
    throw error;
  }
}

/** Who holds a lock; undefined when nobody does, or when it makes no sense. */
export function readHolder(path: string): ProcessIdentity | undefined {
  try {
    const [pid, startTicks = ''] = readText(path).trim().split(' ');
    return Number(pid) > 0 ? { pid: Number(pid), startTicks } : undefined;
  } catch {
    return undefined;
  }
}

/** The holder of a lock, if it lives. */
export function findHolder(path: string): ProcessIdentity | undefined {
  const holder = readHolder(path);
  return holder !== undefined && isAlive(holder) ? holder : undefined;
}
