/**
 * Files through node:fs. What is named in a directory is looked up below its descriptor, by way of
 * /proc/self/fd: Node has no openat(2). The kernel then takes that very directory, whatever stands
 * at its path meanwhile.
 */
import { execFile } from 'node:child_process';
import type { Stats } from 'node:fs';
import {
  constants,
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  rm,
  stat,
} from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '../base/assert.ts';
import type {
  Attributes,
  Directory,
  FileFacts,
  FileSystem,
  PartFile,
  ReadableFile,
} from '../ports/file-system.ts';
import { DagentError } from '../protocol/errors.ts';
import { isEntryName, type Owner } from '../protocol/file.ts';
import { readAt } from './file-handle.ts';
import { explain } from './files.ts';
import { openPart } from './part-file.ts';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;
/** A directory service that does not answer is one without that account. */
const LOOK_UP_MS = 10_000;
const MODE_BITS = 0o7777;

function kindOf(stats: Stats): FileFacts['kind'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'link' : 'other';
}

function toFacts(stats: Stats): FileFacts {
  const { size, mode, uid, gid } = stats;
  return { kind: kindOf(stats), size, mode: mode & MODE_BITS, uid, gid };
}

/** Does something with `path`. Throws E_CANNOT_READ or E_CANNOT_WRITE when the system refuses. */
async function doing<T>(
  code: 'E_CANNOT_READ' | 'E_CANNOT_WRITE',
  path: string,
  action: () => Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const failure = error as NodeJS.ErrnoException;
    if (failure.code === undefined) throw error;
    const isMissing = code === 'E_CANNOT_READ' && failure.code === 'ENOENT';
    const more = isMissing ? { reason: 'there is no such file or directory' } : {};
    throw new DagentError(code, { path, ...explain(failure), ...more });
  }
}

/** What is there; undefined where the system says that nothing is. */
async function lookAt(path: string, ask: () => Promise<Stats>): Promise<FileFacts | undefined> {
  try {
    return toFacts(await ask());
  } catch (error) {
    const failure = error as NodeJS.ErrnoException;
    if (failure.code === 'ENOENT') return undefined;
    throw new DagentError('E_CANNOT_READ', { path, ...explain(failure) });
  }
}

async function openFile(at: string, path: string, flags: number): Promise<ReadableFile> {
  // A pipe that nobody writes to must not hold us up.
  const handle = await doing('E_CANNOT_READ', path, () => open(at, flags | O_NONBLOCK));
  const facts = toFacts(await handle.stat());
  if (facts.kind !== 'file') {
    await handle.close();
    const reason = facts.kind === 'directory' ? 'it is a directory' : 'it is no regular file';
    throw new DagentError('E_CANNOT_READ', { path, reason });
  }
  return {
    facts,
    read: (position, bytes) => doing('E_CANNOT_READ', path, () => readAt(handle, position, bytes)),
    close: () => handle.close(),
  };
}

class SystemDirectory implements Directory {
  readonly path: string;
  readonly #handle: FileHandle;

  constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.path = path;
  }

  /** Where the system finds a name in this very directory. */
  #at(name: string): string {
    assert(isEntryName(name), 'it is one name, which leads nowhere else');
    return `/proc/self/fd/${this.#handle.fd}/${name}`;
  }

  look(name: string): Promise<FileFacts | undefined> {
    return lookAt(join(this.path, name), () => lstat(this.#at(name)));
  }

  list(): Promise<string[]> {
    return doing('E_CANNOT_READ', this.path, () => readdir(`/proc/self/fd/${this.#handle.fd}`));
  }

  read(name: string): Promise<ReadableFile> {
    return openFile(this.#at(name), join(this.path, name), O_RDONLY | O_NOFOLLOW);
  }

  async enter(name: string): Promise<Directory> {
    const path = join(this.path, name);
    const flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
    const enter = () => open(this.#at(name), flags);
    return new SystemDirectory(await doing('E_CANNOT_READ', path, enter), path);
  }

  async make(name: string): Promise<void> {
    await doing('E_CANNOT_WRITE', join(this.path, name), () => mkdir(this.#at(name), 0o700));
  }

  write(part: string, name: string): Promise<PartFile> {
    const path = join(this.path, name);
    const names = { part: this.#at(part), whole: this.#at(name) };
    const place = { ...names, sync: () => this.#handle.sync() };
    return openPart(place, (action) => doing('E_CANNOT_WRITE', path, action));
  }

  async setAttributes(name: string, { mode, uid, gid }: Attributes): Promise<void> {
    await doing('E_CANNOT_WRITE', join(this.path, name), async () => {
      const handle = await open(this.#at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      try {
        if (uid !== undefined || gid !== undefined) await handle.chown(uid ?? -1, gid ?? -1);
        await handle.chmod(mode);
      } finally {
        await handle.close();
      }
    });
  }

  async remove(name: string): Promise<void> {
    const remove = () => rm(this.#at(name), { force: true });
    await doing('E_CANNOT_WRITE', join(this.path, name), remove);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** The name of a user or a group by its number; undefined when it has none. */
function nameOf(database: 'passwd' | 'group', number: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const args = [database, '--', String(number)];
    execFile('getent', args, { timeout: LOOK_UP_MS }, (error, stdout) => {
      const [name = ''] = stdout.split(':');
      resolve(error === null && name !== '' ? name : undefined);
    });
  });
}

export const systemFiles: FileSystem = {
  look: (path) => lookAt(path, () => stat(path)),
  read: (path) => openFile(path, path, O_RDONLY),
  async open(path) {
    const flags = O_RDONLY | O_DIRECTORY;
    return new SystemDirectory(await doing('E_CANNOT_READ', path, () => open(path, flags)), path);
  },
  async nameOwner({ uid, gid }): Promise<Owner> {
    const [user, group] = await Promise.all([nameOf('passwd', uid), nameOf('group', gid)]);
    return {
      ...(user === undefined ? {} : { user }),
      ...(group === undefined ? {} : { group }),
    };
  },
};
