/**
 * A look at a file of LMDB before it is mapped. LMDB believes what it finds, so that a file that
 * something else has overwritten or cut off would end the process.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Offsets in the two first pages, which say where all else is (`MDB_meta` in mdb.c). */
const META = { MAGIC: 24, PAGE_BYTES: 48, FREE_ROOT: 88, MAIN_ROOT: 136, END: 160 } as const;
const MAGIC = 0xbeefc0de;
/** The root of an empty tree. */
const NO_PAGE = 0xffff_ffff_ffff_ffffn;

/** What is wrong with the meta page at `offset`; undefined when it may be believed. */
function findFaultAt(file: number, offset: number, fileBytes: number): string | undefined {
  const meta = Buffer.alloc(META.END);
  if (readSync(file, meta, 0, META.END, offset) < META.END) return 'it ends before its second page';
  if (meta.readUInt32LE(META.MAGIC) !== MAGIC) return `it has no mark of a store at ${offset}`;
  const pageBytes = BigInt(meta.readUInt32LE(META.PAGE_BYTES));
  const isThere = (root: bigint) => root === NO_PAGE || (root + 1n) * pageBytes <= fileBytes;
  const roots = [META.FREE_ROOT, META.MAIN_ROOT].map((at) => meta.readBigUInt64LE(at));
  return roots.every(isThere) ? undefined : `its ${fileBytes} bytes are too few`;
}

/** Why a file cannot be a store; undefined when it can, or when it is not there yet. */
export function findFileFault(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { size } = fstatSync(file);
    if (size === 0) return undefined;
    const first = findFaultAt(file, 0, size);
    if (first !== undefined) return first;
    const bytes = Buffer.alloc(4);
    readSync(file, bytes, 0, 4, META.PAGE_BYTES);
    return findFaultAt(file, bytes.readUInt32LE(), size);
  } finally {
    closeSync(file);
  }
}
