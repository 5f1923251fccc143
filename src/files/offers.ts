/** What one side offers to be copied: files by what they contain, and lists of files. */
import type { ReadableFile } from '../ports/file-system.ts';
import { DagentError } from '../protocol/errors.ts';
import type { BlockAsk, Content } from '../protocol/file.ts';
import { FILE_BLOCK_BYTES, FILE_BYTES_MAX } from '../protocol/limits.ts';
import { type BlockTree, blockBytes, buildTree, cutBlock, HASH_BYTES, hashOf } from './blocks.ts';

/** How to get at the bytes of an offered content again. */
type Open = () => Promise<ReadableFile>;

interface Offer {
  readonly size: number;
  readonly levels: readonly Buffer[];
  /** A file, or the bytes themselves. */
  readonly source: Open | Buffer;
  readonly path: string;
}

interface Hashed {
  readonly tree: BlockTree;
  /** Of a file that says that it is empty and is not, as those of /proc: all of it. */
  readonly bytes: Buffer | undefined;
}

function changed(path: string): DagentError {
  return new DagentError('E_FILE_CHANGED', { path });
}

/** What looks after a file while it is read. */
export interface ReadingOptions {
  readonly signal: AbortSignal;
  /** Called with the bytes of each block. */
  onRead?(bytes: number): void;
}

/** Hashes of the blocks of a file. Throws E_CANNOT_READ, E_FILE_CHANGED, E_COPY_CANCELLED. */
async function hashFile(
  file: ReadableFile,
  path: string,
  { signal, onRead }: ReadingOptions,
): Promise<BlockTree> {
  const { size } = file.facts;
  const count = Math.max(1, Math.ceil(size / FILE_BLOCK_BYTES));
  const hashes = Buffer.alloc(count * HASH_BYTES);
  for (let index = 0; index < count; index++) {
    if (signal.aborted) throw new DagentError('E_COPY_CANCELLED', {});
    const wanted = blockBytes(size, 0, index);
    const bytes = await file.read(index * FILE_BLOCK_BYTES, wanted);
    if (bytes.length < wanted) throw changed(path);
    hashes.write(hashOf(bytes), index * HASH_BYTES, 'hex');
    onRead?.(bytes.length);
  }
  return buildTree(hashes);
}

/** The content of a file as it is now. Throws as {@link Offers.addFile}. */
export async function contentOf(
  file: ReadableFile,
  path: string,
  options: ReadingOptions,
): Promise<Content> {
  const { hash } = await hashFile(file, path, options);
  return { hash, size: file.facts.size };
}

async function hashAny(file: ReadableFile, path: string, options: ReadingOptions): Promise<Hashed> {
  const { size } = file.facts;
  if (size > FILE_BYTES_MAX) {
    throw new DagentError('E_TOO_LARGE', { what: path, bytes: size, max: FILE_BYTES_MAX });
  }
  const bytes = size === 0 ? await file.read(0, FILE_BLOCK_BYTES) : undefined;
  if (bytes === undefined || bytes.length === 0) {
    return { tree: await hashFile(file, path, options), bytes: undefined };
  }
  if (bytes.length === FILE_BLOCK_BYTES) {
    throw new DagentError('E_CANNOT_READ', { path, reason: 'it does not say how long it is' });
  }
  return { tree: { hash: hashOf(bytes), levels: [] }, bytes };
}

export class Offers {
  readonly #offers = new Map<string, Offer>();

  has({ hash }: Content): boolean {
    return this.#offers.has(hash);
  }

  /**
   * Offers a file as it is now; it is read again when its blocks are asked for. Throws E_TOO_LARGE,
   * E_CANNOT_READ, E_FILE_CHANGED, E_COPY_CANCELLED.
   */
  async addFile(path: string, open: Open, options: ReadingOptions): Promise<Content> {
    const file = await open();
    try {
      const { tree, bytes } = await hashAny(file, path, options);
      const size = bytes?.length ?? file.facts.size;
      this.#offers.set(tree.hash, { size, levels: tree.levels, source: bytes ?? open, path });
      return { hash: tree.hash, size };
    } finally {
      await file.close();
    }
  }

  /** Offers bytes. */
  addBytes(bytes: Buffer): Content {
    const hashes: string[] = [];
    for (let at = 0; at === 0 || at < bytes.length; at += FILE_BLOCK_BYTES) {
      hashes.push(hashOf(bytes.subarray(at, at + FILE_BLOCK_BYTES)));
    }
    const { hash, levels } = buildTree(Buffer.from(hashes.join(''), 'hex'));
    this.#offers.set(hash, { size: bytes.length, levels, source: bytes, path: 'the list' });
    return { hash, size: bytes.length };
  }

  /** A block of what is offered. Throws E_NOT_OFFERED, E_FILE_CHANGED, E_CANNOT_READ. */
  async read({ content, level, index, hash }: BlockAsk): Promise<Buffer> {
    const offer = this.#offers.get(content.hash);
    if (offer === undefined || offer.size !== content.size) throw new DagentError('E_NOT_OFFERED');
    const bytes = await readBlock(offer, level, index);
    if (hashOf(bytes) !== hash) throw changed(offer.path);
    return bytes;
  }
}

async function readBlock(offer: Offer, level: number, index: number): Promise<Buffer> {
  const { size, levels, source } = offer;
  const above = levels[level - 1];
  if (level > 0) return above === undefined ? Buffer.alloc(0) : cutBlock(above, index);
  if (typeof source !== 'function') return cutBlock(source, index);
  const file = await source();
  try {
    return await file.read(index * FILE_BLOCK_BYTES, blockBytes(size, 0, index));
  } finally {
    await file.close();
  }
}
