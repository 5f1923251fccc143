/**
 * Whether only root and ourselves can change a file: every part of its path belongs to one of the
 * two, and nobody else may write there. (As StrictModes of sshd; a directory with the sticky bit,
 * such as /tmp, lets nobody replace what is another's.)
 */
import { lstatSync, realpathSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import type { Untrusted } from '../ports/plugin-directory.ts';

const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;
const ROOT = 0;

function objectTo(stat: Stats, ownUid: number): string | undefined {
  if (stat.uid !== ROOT && stat.uid !== ownUid) {
    return `it belongs to the user ${stat.uid}, neither root nor that of the daemon`;
  }
  const isSticky = stat.isDirectory() && (stat.mode & STICKY) !== 0;
  if ((stat.mode & WRITABLE_BY_OTHERS) === 0 || isSticky) return undefined;
  return `others may write to it (mode ${(stat.mode & 0o7777).toString(8).padStart(4, '0')})`;
}

/** The first part of a path, from its end, that others can change; undefined when there is none. */
export function findUntrusted(path: string, ownUid: number): Untrusted | undefined {
  try {
    // What a link leads to counts; what it hangs in is looked at by who looks at that directory.
    for (let at = realpathSync(path); ; at = dirname(at)) {
      const reason = objectTo(lstatSync(at), ownUid);
      if (reason !== undefined) return { path: at, reason };
      if (at === dirname(at)) return undefined;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { path, reason: `it cannot be looked at (${code ?? message})` };
  }
}
