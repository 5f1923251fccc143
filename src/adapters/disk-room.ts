/** How much room the disk below a path has. */
import { statfs } from 'node:fs/promises';

export interface DiskRoom {
  /** What this user may still write. */
  readonly availableBytes: number;
  readonly totalBytes: number;
}

/** Null where the system does not tell: some filesystems have no size. */
export async function readDiskRoom(path: string): Promise<DiskRoom | null> {
  try {
    const { bsize, blocks, bavail } = await statfs(path);
    return blocks === 0 ? null : { availableBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return null;
  }
}
