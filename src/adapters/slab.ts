/**
 * The spool on disk: a file of slots of equal size, and beside it one with what lies in each. What
 * a crash has left half written shows by its hash when it is read.
 */
import { constants, type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Slab, SlabEntry } from '../ports/slab.ts';
import { readAt, writeAt } from './file-handle.ts';
import { makeDirectory } from './files.ts';

const { O_RDWR, O_CREAT } = constants;
const HASH_BYTES = 32;
/** The hash of a block, and its length. */
const ENTRY_BYTES = HASH_BYTES + 4;

function decodeEntries(bytes: Buffer): SlabEntry[] {
  const entries: SlabEntry[] = [];
  for (let at = 0; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
    const length = bytes.readUInt32BE(at + HASH_BYTES);
    const hash = bytes.toString('hex', at, at + HASH_BYTES);
    if (length > 0) entries.push({ hash, slot: at / ENTRY_BYTES, bytes: length });
  }
  return entries;
}

class FileSlab implements Slab {
  readonly left: readonly SlabEntry[];
  readonly #slotBytes: number;
  readonly #slots: FileHandle;
  readonly #index: FileHandle;

  constructor(slotBytes: number, slots: FileHandle, index: FileHandle, left: SlabEntry[]) {
    this.#slotBytes = slotBytes;
    this.#slots = slots;
    this.#index = index;
    this.left = left;
  }

  async write(slot: number, hash: string, bytes: Buffer): Promise<void> {
    const entry = Buffer.alloc(ENTRY_BYTES);
    entry.write(hash, 'hex');
    entry.writeUInt32BE(bytes.length, HASH_BYTES);
    await writeAt(this.#slots, slot * this.#slotBytes, bytes);
    await writeAt(this.#index, slot * ENTRY_BYTES, entry);
  }

  read(slot: number, bytes: number): Promise<Buffer> {
    return readAt(this.#slots, slot * this.#slotBytes, bytes);
  }

  async clear(): Promise<void> {
    await this.#index.truncate(0);
    await this.#slots.truncate(0);
  }

  async close(): Promise<void> {
    await Promise.all([this.#slots.close(), this.#index.close()]);
  }
}

/** Opens the slab at `path`, or makes it. Throws E_CANNOT_WRITE, and what the system says. */
export async function openSlab(path: string, slotBytes: number): Promise<Slab> {
  makeDirectory(dirname(path));
  const slots = await open(path, O_RDWR | O_CREAT, 0o600);
  const index = await open(`${path}.index`, O_RDWR | O_CREAT, 0o600);
  const { size } = await index.stat();
  const left = decodeEntries(await readAt(index, 0, size));
  return new FileSlab(slotBytes, slots, index, left);
}
