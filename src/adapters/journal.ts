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
import { syncDirectory } from './files.ts';
import {
  BLOCK_BYTES,
  encodeFrame,
  type FoundFrame,
  findFrames,
  frameBytes,
} from './journal-frame.ts';

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
  /** What is still needed of it when it is opened. */
  readonly frames: readonly FoundFrame[];
}

/** Frames of the current file, and of the other one, which come before those. */
export interface JournalContent {
  readonly current: readonly FoundFrame[];
  readonly other: readonly FoundFrame[];
}

function lastSequence({ frames }: JournalFile): number {
  return frames.at(-1)?.sequence ?? 0;
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

/** Opens one of the files, or makes it. */
async function openFile(name: string, options: JournalOptions): Promise<JournalFile> {
  const handle = await open(join(options.directory, name), FLAGS, MODE);
  const bytes = await readAll(handle);
  const frames = findFrames(bytes, options.key, options.after);
  return { handle, frames, capacityBytes: await fill(handle, bytes.length, options) };
}

export class Journal {
  readonly #files: readonly JournalFile[];
  readonly #options: JournalOptions;
  #current: number;
  #endBytes: number;
  #sequence: number;
  #isUsable: boolean;

  private constructor(files: readonly JournalFile[], options: JournalOptions) {
    const sequences = files.map(lastSequence);
    this.#files = files;
    this.#options = options;
    this.#sequence = Math.max(options.after, ...sequences);
    this.#current = Math.max(0, sequences.indexOf(this.#sequence));
    this.#endBytes = files[this.#current]!.frames.at(-1)?.endBytes ?? 0;
    this.#isUsable = hasRoom(options);
  }

  /**
   * Opens the journal of a directory, or makes one, and goes on where it ended. Throws what the
   * system says.
   */
  static async open(options: JournalOptions): Promise<Journal> {
    const files: JournalFile[] = [];
    for (const name of JOURNAL_FILES) files.push(await openFile(name, options));
    await syncDirectory(options.directory);
    await syncDirectory(dirname(options.directory));
    return new Journal(files, options);
  }

  /** What it had when it was opened. */
  get content(): JournalContent {
    const other = this.#files[1 - this.#current]!.frames;
    return { current: this.#files[this.#current]!.frames, other };
  }

  /** That of the last frame that is synced. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Whether the disk had so much room lately that what is written here finds some elsewhere. */
  get isUsable(): boolean {
    return this.#isUsable;
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
    this.#isUsable = hasRoom(this.#options);
  }

  /** Goes on at the beginning: nothing that was written up to `sequence` is needed any more. */
  clear(sequence: number): void {
    this.#endBytes = 0;
    this.#sequence = sequence;
    this.#isUsable = hasRoom(this.#options);
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
