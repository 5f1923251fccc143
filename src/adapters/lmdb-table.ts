/**
 * The records of a store in LMDB (www.lmdb.tech/doc): memory-mapped, copy-on-write, so that what
 * was synced survives a crash at any instant without repair. Each record carries a checksum over
 * its key and value.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Database, RootDatabase } from 'lmdb';
import type { RecordRange } from '../base/records.ts';
import { DagentError } from '../protocol/errors.ts';
import { MAILBOX_SPARE_BYTES } from '../protocol/limits.ts';
import { STORE_KEY_BYTES } from './journal-frame.ts';
import { makeRoom, shareOf, type TreeSize } from './lmdb-room.ts';
import type { LayerEntry, RecordLayer } from './record-layer.ts';
import { type Failure, findCause } from './store-failure.ts';

type Records = Database<Buffer, Buffer>;

/** How LMDB names its file. */
export const TABLE_FILE = 'data.mdb';
/**
 * Of what is in the files. A newer one is not touched: its records may mean something else. The
 * first one had no journal.
 */
const FORMAT_VERSION = 2;
/** Before each value: a byte for the form of the record, and the checksum (CRC-32, big-endian). */
const RECORD_FORM = 1;
const RECORD_HEAD_BYTES = 5;
/** As the system says it. */
const NO_ROOM: Failure = { code: 'ENOSPC', message: 'no room' };
const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const;

export interface TableOptions {
  readonly directory: string;
  /** 16 hexadecimal digits for a store that has none yet. */
  readonly newId: string;
}

/** A record that cannot be believed. */
export interface BrokenRecord {
  readonly name: string;
  readonly reason: string;
  /** As it was found. */
  readonly bytes: Buffer;
}

/** What the file says of the store. */
export interface StoreIdentity {
  readonly id: string;
  /** Secret of the store, for its journal. */
  readonly key: Buffer;
}

/** What LMDB says of a tree, and of what is there beside all. */
interface TableStats extends TreeSize {
  readonly root: TreeSize;
  readonly free: TreeSize;
}

function toKey(key: string): Buffer {
  return Buffer.from(key, 'latin1');
}

const IDENTITY_KEY = toKey('identity');
const JOURNAL_KEY = toKey('journal');

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

/** What the file says of itself; a new one is told first. Throws E_STORE_VERSION. */
async function readIdentity(head: Records, options: TableOptions): Promise<StoreIdentity> {
  const known = head.getBinary(IDENTITY_KEY)?.toString('latin1');
  const [version, id = options.newId, key] = known?.split(' ') ?? [];
  if (Number(version) > FORMAT_VERSION) {
    const values = { path: options.directory, version: String(version), known: FORMAT_VERSION };
    throw new DagentError('E_STORE_VERSION', values);
  }
  if (key !== undefined) return { id, key: Buffer.from(key, 'hex') };
  const newKey = randomBytes(STORE_KEY_BYTES);
  const identity = `${FORMAT_VERSION} ${id} ${newKey.toString('hex')}`;
  await head.put(IDENTITY_KEY, Buffer.from(identity));
  return { id, key: newKey };
}

export class LmdbTable {
  readonly identity: StoreIdentity;
  readonly #root: RootDatabase<Buffer, Buffer>;
  readonly #head: Records;
  readonly #records: Records;
  readonly #asides: Records;
  readonly #path: string;

  private constructor(
    root: RootDatabase<Buffer, Buffer>,
    head: Records,
    identity: StoreIdentity,
    path: string,
  ) {
    this.#root = root;
    this.#path = path;
    this.#head = head;
    this.identity = identity;
    this.#records = root.openDB({ name: 'records', ...BINARY });
    this.#asides = root.openDB({ name: 'asides', ...BINARY });
  }

  /** Opens what is in a directory, or makes it. Throws E_STORE_VERSION, and what LMDB says. */
  static async open(options: TableOptions): Promise<LmdbTable> {
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
      const head = root.openDB({ name: 'head', ...BINARY });
      const identity = await readIdentity(head, options);
      const table = new LmdbTable(root, head, identity, join(options.directory, TABLE_FILE));
      await table.#makeRoom([]);
      return table;
    } catch (thrown) {
      await root.close();
      throw thrown;
    }
  }

  /** Up to which frame the journal is in here. */
  get journalSequence(): number {
    return Number(this.#head.getBinary(JOURNAL_KEY)?.toString('latin1') ?? 0);
  }

  /** How many bytes are missing if these changes are to leave the spare room as it is. */
  #makeRoom(changes: Iterable<LayerEntry>): Promise<number> {
    // What was read last may be older than what was written last.
    this.#root.resetReadTxn();
    const records = this.#records.getStats() as TableStats;
    const small = [this.#head, this.#asides].map((tree) => tree.getStats() as TreeSize);
    return makeRoom(this.#path, changes, records, [records.root, records.free, ...small]);
  }

  #find(name: string): Buffer | undefined {
    return this.#records.getBinary(toKey(name));
  }

  /**
   * Takes over changes, which are all that the journal has up to a frame: all of it or nothing.
   * Those that add nothing have the spare room, too, and whatever must be. Settles when that is
   * synced, or with why it is not.
   */
  async commit(
    layer: RecordLayer,
    journalSequence: number,
    mustBe = false,
  ): Promise<Failure | undefined> {
    try {
      const missingBytes = await this.#makeRoom(layer.entries());
      if (missingBytes > 0 && !mustBe) {
        const share = shareOf(layer.entries(), (name) => this.#find(name));
        // What adds nothing is tried, even if it may need more.
        if (share < MAILBOX_SPARE_BYTES && share < missingBytes) return NO_ROOM;
      }
      await this.#records.batch(() => {
        for (const [name, value] of layer.entries()) {
          const key = toKey(name);
          if (value === null) void this.#records.remove(key);
          else void this.#records.put(key, encodeRecord(key, value));
        }
        void this.#head.put(JOURNAL_KEY, Buffer.from(String(journalSequence)));
      });
      return undefined;
    } catch (thrown) {
      return findCause(thrown);
    }
  }

  /** The records of a range, in order. Those that are broken go to `broken` instead. */
  *within(
    { from, below }: Pick<RecordRange, 'from' | 'below'>,
    broken: BrokenRecord[],
  ): Generator<LayerEntry, undefined> {
    for (const { key, value } of this.#records.getRange({
      start: toKey(from),
      end: toKey(below),
    })) {
      const rawKey = key as unknown as Buffer;
      const name = rawKey.toString('latin1');
      const decoded = decodeRecord(rawKey, value);
      // What the cursor gives belongs to the map of the file, and is good for this moment only.
      if (typeof decoded !== 'string') yield [name, Buffer.from(decoded)];
      else broken.push({ name, reason: decoded, bytes: Buffer.from(value) });
    }
  }

  /** Takes a record away, and keeps what it was for people. */
  setAside(name: string, bytes: Buffer): void {
    const key = toKey(name);
    const moved = this.#records.batch(() => {
      void this.#asides.put(key, bytes);
      void this.#records.remove(key);
    });
    // What is not set aside now is found broken again.
    moved.catch(findCause);
  }

  async close(): Promise<void> {
    await this.#root.close();
  }
}
