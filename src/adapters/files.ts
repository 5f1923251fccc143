/** Files that a daemon cannot do without: what the system refuses is an error of ours. */
import { mkdirSync, openSync, statSync, unlinkSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { DagentError } from '../protocol/errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such directory',
  ENOTDIR: 'there is a file where a directory should be',
  EEXIST: 'there is a file where a directory should be',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the filesystem is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  ELOOP: 'it is a symbolic link',
  ENAMETOOLONG: 'the name is too long',
};

/** Why the system refuses something, for people; what it calls that, for programs. */
export function explain(error: NodeJS.ErrnoException): { reason: string; errno: string } {
  const errno = error.code ?? '';
  return { reason: REASONS[errno] ?? error.message, errno };
}

/** Whether the system refuses something for want of room. */
export function isDiskFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** Does something that writes at `path`. Throws E_CANNOT_WRITE when the system refuses it. */
export function writing<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined || error instanceof DagentError) throw error;
    throw new DagentError('E_CANNOT_WRITE', { path, reason: REASONS[code] ?? message });
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** One by one: where a filesystem has no such place (/proc/x), Node's own way never ends. */
function makeAll(path: string, mode: number): void {
  if (isDirectory(path)) return;
  makeAll(dirname(path), mode);
  try {
    mkdirSync(path, mode);
  } catch (error) {
    // Somebody else may just have made it.
    if (!isDirectory(path)) throw error;
  }
}

/**
 * Makes a directory, with those above it, that by `mode` only its owner may enter. Throws
 * E_CANNOT_WRITE.
 */
export function makeDirectory(path: string, mode = 0o700): void {
  writing(path, () => makeAll(resolve(path), mode));
}

/** Lets what was made or renamed in a directory be on disk. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Opens a file to add to it; its descriptor. Throws E_CANNOT_WRITE. */
export function openToAppend(path: string): number {
  return writing(path, () => openSync(path, 'a', 0o600));
}

/** Removes a file that may be gone already. What cannot be removed stays. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is gone: that is what was wanted.
  }
}
