/**
 * A store in LMDB (www.lmdb.tech/doc): memory-mapped, copy-on-write, so that what was synced
 * survives a crash at any instant without repair. Writes are gathered while one transaction is
 * synced, and go together in the next. Each record carries a checksum over its key and value.
 */
import { existsSync, renameSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Database, RootDatabase } from 'lmdb';
import type { RecordPage, RecordRange, RecordWrite, StoredRecord } from '../base/records.ts';
import type { Store, StoreHandlers } from '../ports/store.ts';
import { DagentError, type ErrorCode, type ErrorData } from '../protocol/errors.ts';
import { makeDirectory, writing } from './files.ts';
import { findFileFault } from './lmdb-file.ts';

type Records = Database<Buffer, Buffer>;

/** How LMDB names its file. */
const FILE = 'data.mdb';
/** Of what is in the file. A newer one is not touched: its records may mean something else. */
const FORMAT_VERSION = 1;
/** Before each value: a byte for the form of the record, and the checksum (CRC-32, big-endian). */
const RECORD_FORM = 1;
const RECORD_HEAD_BYTES = 5;
/** Errors of the system (errno) and of LMDB that mean that there is no room. */
const FULL_CODES: readonly unknown[] = [28 /* ENOSPC */, 122 /* EDQUOT */, -30792 /* MAP_FULL */];
/** What LMDB says when the disk took a part of a write only (errno EIO): mostly it is full then. */
const IO_ERROR_CODE = 5;
const ROOM_BYTES_MIN = 1_048_576;
const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const;

export interface StoreOptions extends StoreHandlers {
  /** Directory of its own; it is made. One process at a time may use it: its owner has a lock. */
  readonly directory: string;
  /** 16 hexadecimal digits for a store that has none yet. */
  readonly newId: string;
  /** For the name of a store that is set aside, in milliseconds since the epoch. */
  readonly nowMs: number;
}

interface Waiting {
  readonly writes: readonly RecordWrite[];
  readonly onDone: (error?: ErrorData) => void;
}

function toKey(key: string): Buffer {
  return Buffer.from(key, 'latin1');
}

function checksum(key: Buffer, value: Buffer): number {
  return crc32(value, crc32(key));
}

function encodeRecord(key: Buffer, value: Buffer): Buffer {
  const record = Buffer.allocUnsafe(RECORD_HEAD_BYTES + value.length);
  record[0] = RECORD_FORM;
  record.writeUInt32BE(checksum(key, value), 1);
  value.copy(record, RECORD_HEAD_BYTES);
  return record;
}

/** The value of a record, or what is wrong with it. */
function decodeRecord(key: Buffer, record: Buffer): Buffer | string {
  if (record.length < RECORD_HEAD_BYTES) return `it has ${record.length} bytes`;
  if (record[0] !== RECORD_FORM) return `its form is ${record[0]}`;
  const value = record.subarray(RECORD_HEAD_BYTES);
  return record.readUInt32BE(1) === checksum(key, value) ? value : 'its checksum is wrong';
}

/** The code of what LMDB or the system said, wherever it put it. */
async function findCause(thrown: unknown): Promise<{ code: unknown; message: string }> {
  const { commitError } = thrown as { commitError?: Promise<never> };
  const cause = commitError === undefined ? thrown : await commitError.catch((why: unknown) => why);
  const { code, message } = cause as { code?: unknown; message?: string };
  return { code, message: (message ?? String(cause)).split('\n', 1)[0] ?? '' };
}

function hasRoom(directory: string): boolean {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize >= ROOM_BYTES_MIN;
}

class LmdbStore implements Store {
  readonly id: string;
  readonly #root: RootDatabase<Buffer, Buffer>;
  readonly #records: Records;
  readonly #asides: Records;
  readonly #options: StoreOptions;
  #waiting: Waiting[] = [];
  #committing: Promise<void> | null = null;

  constructor(root: RootDatabase<Buffer, Buffer>, id: string, options: StoreOptions) {
    this.id = id;
    this.#root = root;
    this.#options = options;
    this.#records = root.openDB({ name: 'records', ...BINARY });
    this.#asides = root.openDB({ name: 'asides', ...BINARY });
  }

  write(writes: readonly RecordWrite[], onDone: (error?: ErrorData) => void): void {
    this.#waiting.push({ writes, onDone });
    this.#committing ??= this.#commitAll();
  }

  read({ from, below, countMax, bytesMax }: RecordRange): RecordPage {
    const range = this.#records.getRange({ start: toKey(from), end: toKey(below) });
    const records: StoredRecord[] = [];
    let bytes = 0;
    for (const { key, value } of range) {
      if (records.length >= countMax || bytes >= bytesMax) return { records, isEnd: false };
      const rawKey = key as unknown as Buffer;
      const decoded = decodeRecord(rawKey, value);
      if (typeof decoded === 'string') {
        this.setAside(rawKey.toString('latin1'), decoded);
        continue;
      }
      // What the cursor gives belongs to the map of the file, and is good for this moment only.
      records.push({ key: rawKey.toString('latin1'), value: Buffer.from(decoded) });
      bytes += decoded.length;
    }
    return { records, isEnd: true };
  }

  setAside(key: string, reason: string): void {
    const rawKey = toKey(key);
    const record = this.#records.getBinary(rawKey);
    this.#options.onBroken(key, reason);
    if (record === undefined) return;
    const moved = this.#records.batch(() => {
      void this.#asides.put(rawKey, Buffer.from(record));
      void this.#records.remove(rawKey);
    });
    // What is not set aside now is found broken again.
    moved.catch(findCause);
  }

  async close(): Promise<void> {
    await this.#committing;
    await this.#root.close();
  }

  async #commitAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const together = this.#waiting;
      this.#waiting = [];
      const error = await this.#commit(together.flatMap(({ writes }) => writes));
      for (const { onDone } of together) onDone(error);
    }
    this.#committing = null;
  }

  /** One transaction, until it is synced. */
  async #commit(writes: readonly RecordWrite[]): Promise<ErrorData | undefined> {
    try {
      await this.#records.batch(() => {
        for (const write of writes) {
          const key = toKey(write.key);
          if (write.kind === 'put') void this.#records.put(key, encodeRecord(key, write.value));
          else void this.#records.remove(key);
        }
      });
      return undefined;
    } catch (thrown) {
      const { code, message } = await findCause(thrown);
      const { directory: path } = this.#options;
      const isFull = FULL_CODES.includes(code) || (code === IO_ERROR_CODE && !hasRoom(path));
      const name: ErrorCode = isFull ? 'E_STORE_FULL' : 'E_STORE_WRITE';
      return { code: name, values: { path, reason: message } };
    }
  }
}

/** What the file says of itself; a new one is told first. Throws E_STORE_VERSION. */
async function readIdentity(root: RootDatabase<Buffer, Buffer>, options: StoreOptions) {
  const head = root.openDB({ name: 'head', ...BINARY });
  const known = head.getBinary(toKey('identity'));
  if (known === undefined) {
    await head.put(toKey('identity'), Buffer.from(`${FORMAT_VERSION} ${options.newId}`));
    return options.newId;
  }
  const [version, id = ''] = known.toString('latin1').split(' ');
  if (Number(version) === FORMAT_VERSION) return id;
  const values = { path: options.directory, version: String(version), known: FORMAT_VERSION };
  throw new DagentError('E_STORE_VERSION', values);
}

async function openAt(options: StoreOptions): Promise<Store> {
  // It is loaded by those who keep messages: it takes 20 ms.
  const { open } = await import('lmdb');
  const root = open<Buffer, Buffer>({
    path: options.directory,
    ...BINARY,
    maxDbs: 4,
    // A promise then means: synced. And a refused write is one rejection, which we hear.
    overlappingSync: false,
    eventTurnBatching: false,
  });
  try {
    return new LmdbStore(root, await readIdentity(root, options), options);
  } catch (thrown) {
    await root.close();
    throw thrown;
  }
}

/** A name beside the directory that nothing has. */
function asideName(options: StoreOptions): string {
  let name = `${options.directory}.broken-${options.nowMs}`;
  while (existsSync(name)) name += '+';
  return name;
}

/** Moves what cannot be a store out of the way, as a whole; it is kept for people. */
function setAsideAll(options: StoreOptions, reason: string): void {
  const aside = asideName(options);
  writing(aside, () => renameSync(options.directory, aside));
  options.onBroken(aside, reason);
  makeDirectory(options.directory);
}

/**
 * Opens the store of a directory, or makes one. A file that is no store any more is set aside as a
 * whole, and reported: it is no reason not to start. Throws E_STORE_VERSION for one that a newer
 * dagent has written, E_CANNOT_WRITE when there can be none.
 */
export async function openLmdbStore(options: StoreOptions): Promise<Store> {
  makeDirectory(options.directory);
  const fault = findFileFault(join(options.directory, FILE));
  if (fault !== undefined) setAsideAll(options, fault);
  try {
    return await openAt(options);
  } catch (thrown) {
    if (thrown instanceof DagentError) throw thrown;
    const { code, message } = await findCause(thrown);
    // The system's errors are positive, those of LMDB are not.
    const isDamage = typeof code === 'number' && code < 0 && !FULL_CODES.includes(code);
    if (!isDamage) {
      throw new DagentError('E_CANNOT_WRITE', { path: options.directory, reason: message });
    }
    setAsideAll(options, message);
    return await openAt(options);
  }
}
