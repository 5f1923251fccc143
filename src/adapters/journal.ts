/**
 * A journal of changes: two files that take turns. One is written from its beginning to its end, a
 * frame and one flush at a time, while what the other one holds goes to where it stays. The files
 * have their size from the start and are written over and over: a flush then has nothing to tell
 * but the data. What is valid in them is said by the sequence of the last frame that is not needed
 * any more, which their owner keeps.
 */
import { constants, statfsSync, write } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RecordWrite } from '../base/records.ts';
import { BLOCK_BYTES, encodeFrame, type Frame, findFrames, frameBytes } from './journal-frame.ts';

/** Names of the two files. */
export const JOURNAL_FILES = ['journal-0', 'journal-1'] as const;
/** A write returns when its data are flushed: one call instead of two. */
const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_DSYNC;
const MODE = 0o600;
/**
 * It is used where so many times the size of a file is free, and as long as that is so: what is in
 * it must find room elsewhere.
 */
const ROOM_FACTOR = 8;

export interface JournalOptions {
  readonly directory: string;
  /** Size of each of the two files; 0 for no journal. */
  readonly fileBytes: number;
  /** Secret of the store. */
  readonly key: Buffer;
  /** Sequence of the last frame that is not needed any more. */
  readonly after: number;
}

interface JournalFile {
  readonly handle: FileHandle;
  readonly capacityBytes: number;
}

async function readAll(handle: FileHandle): Promise<Buffer> {
  const { size } = await handle.stat();
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(size), 0, size, 0);
  return buffer.subarray(0, bytesRead);
}

function hasRoom({ directory, fileBytes }: JournalOptions): boolean {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize >= ROOM_FACTOR * fileBytes;
}

/** Gives a file its size, if there is room. Returns how many of its bytes can be written to. */
async function fill(handle: FileHandle, sizeBytes: number, options: JournalOptions) {
  const missingBytes = options.fileBytes - sizeBytes;
  if (missingBytes > 0 && hasRoom(options)) {
    const { bytesWritten } = await handle.write(Buffer.alloc(missingBytes), 0, null, sizeBytes);
    if (bytesWritten === missingBytes) return options.fileBytes;
  }
  const usableBytes = Math.min(sizeBytes, options.fileBytes);
  return usableBytes - (usableBytes % BLOCK_BYTES);
}

/** Sees to it that the names in a directory are on disk. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY);
  await handle.sync();
  await handle.close();
}

export class Journal {
  readonly #files: readonly JournalFile[];
  readonly #options: JournalOptions;
  #current = 0;
  #endBytes = 0;
  #sequence: number;

  private constructor(files: readonly JournalFile[], options: JournalOptions, sequence: number) {
    this.#files = files;
    this.#options = options;
    this.#sequence = sequence;
  }

  /**
   * Opens the journal of a directory, or makes one, and hands out the frames that are still needed,
   * in order. If there are any, it has room from `clear` on only. Throws what the system says.
   */
  static async open(options: JournalOptions): Promise<{ journal: Journal; frames: Frame[] }> {
    const { directory, key, after } = options;
    const files: JournalFile[] = [];
    const frames: Frame[] = [];
    for (const name of JOURNAL_FILES) {
      const handle = await open(join(directory, name), FLAGS, MODE);
      const bytes = await readAll(handle);
      frames.push(...findFrames(bytes, key, after));
      files.push({ handle, capacityBytes: await fill(handle, bytes.length, options) });
    }
    await syncDirectory(directory);
    await syncDirectory(dirname(directory));
    frames.sort((left, right) => left.sequence - right.sequence);
    const journal = new Journal(files, options, frames.at(-1)?.sequence ?? after);
    if (frames.length > 0) journal.#endBytes = Number.POSITIVE_INFINITY;
    return { journal, frames };
  }

  /** That of the last frame that is synced. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Whether the disk has so much room that what is written here finds some elsewhere. */
  get isUsable(): boolean {
    return hasRoom(this.#options);
  }

  /** Whether the current file has room for a frame of these. */
  hasRoomFor(writes: readonly RecordWrite[]): boolean {
    const { capacityBytes } = this.#files[this.#current]!;
    return this.#endBytes + frameBytes(writes) <= capacityBytes;
  }

  /** Goes on at the beginning of the other file: what is in that one is not needed any more. */
  turn(): void {
    this.#current = 1 - this.#current;
    this.#endBytes = 0;
  }

  /** Goes on at the beginning: nothing that was written up to `sequence` is needed any more. */
  clear(sequence: number): void {
    this.#endBytes = 0;
    this.#sequence = sequence;
  }

  /**
   * Writes a frame, one at a time. `onDone` hears when it is synced, or why not: then it may be in
   * the file all the same, until the next one is written over it.
   */
  append(writes: readonly RecordWrite[], onDone: (error: Error | null) => void): void {
    const sequence = this.#sequence + 1;
    const bytes = encodeFrame({ sequence, writes }, this.#options.key);
    const { handle } = this.#files[this.#current]!;
    write(handle.fd, bytes, 0, bytes.length, this.#endBytes, (error, writtenBytes) => {
      if (error !== null) return onDone(error);
      const missingBytes = bytes.length - writtenBytes;
      if (missingBytes > 0) return onDone(new Error(`${missingBytes} bytes were not written`));
      this.#endBytes += bytes.length;
      this.#sequence = sequence;
      onDone(null);
    });
  }

  async close(): Promise<void> {
    for (const { handle } of this.#files) await handle.close();
  }
}
