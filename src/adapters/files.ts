/** Files that a daemon cannot do without: what the system refuses is an error of ours. */
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
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

/** Makes a directory that only its owner may enter, with those above it. Throws E_CANNOT_WRITE. */
export function makeDirectory(path: string): void {
  writing(path, () => mkdirSync(path, { recursive: true, mode: 0o700 }));
}

/** Opens a file to add to it; its descriptor. Throws E_CANNOT_WRITE. */
export function openToAppend(path: string): number {
  return writing(path, () => openSync(path, 'a', 0o600));
}

/** Writes a file anew. Throws E_CANNOT_WRITE. */
export function writeText(path: string, text: string): void {
  writing(path, () => writeFileSync(path, text));
}
