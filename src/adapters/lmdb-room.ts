/**
 * Room that belongs to a table: LMDB writes a page anew before it gives up the old one, so that
 * even what removes records needs some. Its file is longer than what is in it, and has the disk's
 * blocks for that already; LMDB takes what lies behind its last page as it takes fresh disk.
 */
import { statfsSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { MAILBOX_SPARE_BYTES } from '../protocol/limits.ts';
import type { LayerEntry } from './record-layer.ts';

/** Two pages say which of the others count. */
const META_PAGES = 2;
/** What the file grows by, where the disk has as much. */
const STEP_BYTES = 1_048_576;
/** Values that are larger have pages of their own. */
const INLINE_BYTES_MAX = 2_000;
/** What LMDB says of a record and of a page, with room to spare. */
const OVERHEAD_BYTES = 64;
/** No zeros: tools that copy files, and some disks, leave them out. */
const FILLER = 0xff;

/** Of one tree of LMDB, in pages. */
export interface TreeSize {
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

function pagesOf({ treeBranchPageCount, treeLeafPageCount, overflowPages }: TreeSize): number {
  return treeBranchPageCount + treeLeafPageCount + overflowPages;
}

/**
 * Bytes that these changes take at most: pages that are half full at worst, and new ones in place
 * of those of `tree` that they touch.
 */
function bytesOf(changes: Iterable<LayerEntry>, tree: TreeSize): number {
  const pageBytes = tree.pageSize;
  let bytes = 0;
  let changeCount = 0;
  for (const [key, value] of changes) {
    changeCount++;
    if (value === null) continue;
    const size = value.length + OVERHEAD_BYTES;
    const isInline = size <= INLINE_BYTES_MAX;
    bytes += 2 * (key.length + OVERHEAD_BYTES);
    bytes += isInline ? 2 * size : Math.ceil(size / pageBytes) * pageBytes;
  }
  return bytes + pageBytes * Math.min(changeCount, tree.treeLeafPageCount);
}

/** Bytes of the spare room that changes may use. */
export function shareOf(
  changes: Iterable<LayerEntry>,
  find: (key: string) => Buffer | undefined,
): number {
  let addedBytes = 0;
  let removedBytes = 0;
  for (const [key, value] of changes) {
    const known = find(key);
    if (value === null && known !== undefined) removedBytes += known.length + OVERHEAD_BYTES;
    // A record that is there and only changes is neither.
    if (value !== null && known === undefined) addedBytes += value.length + OVERHEAD_BYTES;
  }
  if (addedBytes <= removedBytes) return MAILBOX_SPARE_BYTES;
  // What moves, and grows a little by that: a message that dies has a history.
  return addedBytes <= 2 * removedBytes ? MAILBOX_SPARE_BYTES / 2 : 0;
}

/** Makes a file longer. Returns whether the disk took it all. */
async function lengthen(path: string, byBytes: number): Promise<boolean> {
  const { bavail, bsize } = statfsSync(path);
  if (bavail * bsize < byBytes) return false;
  // Only behind all that is there: whoever else writes to it loses nothing.
  const file = await open(path, 'a');
  try {
    const { bytesWritten } = await file.write(Buffer.alloc(byBytes, FILLER));
    return bytesWritten === byBytes;
  } catch {
    return false;
  } finally {
    await file.close();
  }
}

/**
 * Sees to it that the file of a table has room for changes of `tree`, and the spare room besides;
 * `others` are what else is in it. Returns how much is missing.
 */
export async function makeRoom(
  path: string,
  changes: Iterable<LayerEntry>,
  tree: TreeSize,
  others: readonly TreeSize[],
): Promise<number> {
  const pageCount = others.reduce((sum, other) => sum + pagesOf(other), META_PAGES + pagesOf(tree));
  const freeBytes = statSync(path).size - pageCount * tree.pageSize;
  const missingBytes = bytesOf(changes, tree) + MAILBOX_SPARE_BYTES - freeBytes;
  if (missingBytes <= 0) return 0;
  if (missingBytes < STEP_BYTES && (await lengthen(path, STEP_BYTES))) return 0;
  return (await lengthen(path, missingBytes)) ? 0 : missingBytes;
}
