/**
 * A content is cut into blocks, the hashes of its blocks into blocks again, until one is left: its
 * hash names the whole (Merkle, 1987). So each node can tell a true block by itself, in any order,
 * and a content is known by one hash and its size. The size fixes the height of the tree, so no
 * block of hashes can pass for one of content.
 */
import { hash } from 'node:crypto';
import { FILE_BLOCK_BYTES } from '../protocol/limits.ts';

export const HASH_BYTES = 32;
const HASHES_PER_BLOCK = FILE_BLOCK_BYTES / HASH_BYTES;

/** SHA-256 in hexadecimal. */
export function hashOf(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}

/** How many blocks each level has, from the content (0) to the single one at the top. */
export function countBlocks(size: number): number[] {
  const counts = [Math.max(1, Math.ceil(size / FILE_BLOCK_BYTES))];
  for (let count = counts[0] ?? 1; count > 1; ) {
    count = Math.ceil(count / HASHES_PER_BLOCK);
    counts.push(count);
  }
  return counts;
}

/** Bytes of one level of a content of `size` bytes. */
function levelBytes(size: number, level: number): number {
  return level === 0 ? size : (countBlocks(size)[level - 1] ?? 0) * HASH_BYTES;
}

/** Bytes of one block; 0 when there is none at that place, or it is that of an empty content. */
export function blockBytes(size: number, level: number, index: number): number {
  const rest = levelBytes(size, level) - index * FILE_BLOCK_BYTES;
  return Math.max(0, Math.min(FILE_BLOCK_BYTES, rest));
}

/** Hashes of the blocks of a content, and of those above it. */
export interface BlockTree {
  readonly hash: string;
  /** The bytes of the levels, from 1 upwards. */
  readonly levels: readonly Buffer[];
}

/** A block of a level that is held as a whole. */
export function cutBlock(level: Buffer, index: number): Buffer {
  return level.subarray(index * FILE_BLOCK_BYTES, (index + 1) * FILE_BLOCK_BYTES);
}

/** The tree above the hashes of the blocks of a content, one behind the other. */
export function buildTree(leafHashes: Buffer): BlockTree {
  const levels: Buffer[] = [];
  let hashes = leafHashes;
  while (hashes.length > HASH_BYTES) {
    levels.push(hashes);
    const above: string[] = [];
    for (let at = 0; at < hashes.length; at += FILE_BLOCK_BYTES) {
      above.push(hashOf(hashes.subarray(at, at + FILE_BLOCK_BYTES)));
    }
    hashes = Buffer.from(above.join(''), 'hex');
  }
  return { hash: hashes.toString('hex'), levels };
}
