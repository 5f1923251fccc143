/**
 * A file on its way to its place: written under a name of its own in the same directory, synced,
 * and renamed. Who looks sees the old one or the new one, also after a crash.
 */
import { constants, type FileHandle, open, rename, rm } from 'node:fs/promises';
import type { Attributes, PartFile } from '../ports/file-system.ts';
import { readAt, writeAt } from './file-handle.ts';

const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
const FRESH = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW;
/** Nobody else reads it before it is whole. */
const MODE = 0o600;

/** Where it is written, where it belongs, and what syncs the directory of both. */
interface Place {
  readonly part: string;
  readonly whole: string;
  sync(): Promise<void>;
}

type Doing = <T>(action: () => Promise<T>) => Promise<T>;

/** Opens what a former copy has left, if it is ours alone: in a directory of many it may not be. */
async function openLeft(at: string): Promise<FileHandle | undefined> {
  const handle = await open(at, O_RDWR | O_NOFOLLOW);
  const stats = await handle.stat();
  if (stats.isFile() && stats.nlink === 1 && stats.uid === process.geteuid?.()) return handle;
  await handle.close();
  return undefined;
}

async function openAny(at: string): Promise<FileHandle> {
  try {
    return await open(at, FRESH, MODE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const left = await openLeft(at).catch(() => undefined);
  if (left !== undefined) return left;
  await rm(at, { force: true });
  return await open(at, FRESH, MODE);
}

/** Opens a file that is to be written. `doing` tells what the system refuses. */
export async function openPart(place: Place, doing: Doing): Promise<PartFile> {
  const handle = await doing(() => openAny(place.part));
  const { size: bytesLeft } = await handle.stat();
  let isClosed = false;
  const close = async (): Promise<void> => {
    if (!isClosed) await handle.close();
    isClosed = true;
  };
  const finish = async (size: number, attributes: Attributes): Promise<void> => {
    const { mode, uid, gid } = attributes;
    await handle.truncate(size);
    // Before the mode: a change of the owner takes bits from it.
    if (uid !== undefined || gid !== undefined) await handle.chown(uid ?? -1, gid ?? -1);
    await handle.chmod(mode);
    await handle.sync();
    await rename(place.part, place.whole);
    await place.sync();
    await close();
  };
  return {
    bytesLeft,
    read: (at, bytes) => doing(() => readAt(handle, at, bytes)),
    write: (at, bytes) => doing(() => writeAt(handle, at, bytes)),
    finish: (size, attributes) => doing(() => finish(size, attributes)),
    async abandon(isKept) {
      await close();
      if (!isKept) await doing(() => rm(place.part, { force: true }));
    },
  };
}
