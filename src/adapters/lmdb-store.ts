/**
 * A store in three layers. What is written goes to a journal, with one flush for all that came
 * while the last one was under way, and lies in memory over a table in LMDB. When a file of the
 * journal is full, or after a moment, what it has goes to the table in one transaction. Where the
 * journal has no room, that is at once and has the new changes in it: docs/adr/0021-journal.md.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordPage, RecordRange, RecordWrite, StoredRecord } from '../base/records.ts';
import type { Store } from '../ports/store.ts';
import { DagentError, type ErrorData } from '../protocol/errors.ts';
import { MAILBOX_JOURNAL_BYTES, MAILBOX_SPARE_BYTES } from '../protocol/limits.ts';
import { makeDirectory } from './files.ts';
import { Journal } from './journal.ts';
import { findFileFault } from './lmdb-file.ts';
import { shareOf } from './lmdb-room.ts';
import { type BrokenRecord, LmdbTable, TABLE_FILE, type TableOptions } from './lmdb-table.ts';
import { mergeEntries, RecordLayer } from './record-layer.ts';
import { type AsideOptions, checkContent, setAsideAll } from './store-asides.ts';
import { describeFailure, findCause, hasRoom, isDamage } from './store-failure.ts';

export interface StoreOptions extends TableOptions, AsideOptions {
  /** Size of each of the two files of the journal; 0 for none. */
  readonly journalBytes?: number;
}

/** So long, at most, something is in the journal and in memory only, milliseconds. */
const SETTLE_MS = 1_000;

interface Waiting {
  readonly writes: readonly RecordWrite[];
  readonly onDone: (error?: ErrorData) => void;
}

/** What is on its way from a file of the journal to the table. */
interface Sealed {
  readonly layer: RecordLayer;
  /** Last frame that has a part of it. */
  readonly sequence: number;
}

class LmdbStore implements Store {
  readonly #table: LmdbTable;
  readonly #journal: Journal;
  readonly #options: StoreOptions;
  #sealed: Sealed | null = null;
  /** What is in the current file of the journal. */
  #active = new RecordLayer();
  #waiting: Waiting[] = [];
  #committing: Promise<void> | null = null;
  #settling: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** It is time for the next turn. */
  #isDue = false;

  constructor(table: LmdbTable, journal: Journal, options: StoreOptions) {
    this.#table = table;
    this.#journal = journal;
    this.#options = options;
  }

  get id(): string {
    return this.#table.identity.id;
  }

  write(writes: readonly RecordWrite[], onDone: (error?: ErrorData) => void): void {
    this.#waiting.push({ writes, onDone });
    this.#committing ??= this.#commitAll();
  }

  read(range: RecordRange): RecordPage {
    const { countMax, bytesMax } = range;
    const broken: BrokenRecord[] = [];
    const records: StoredRecord[] = [];
    let bytes = 0;
    let isEnd = true;
    const above = this.#layers.map((layer) => layer.within(range));
    for (const [key, value] of mergeEntries([...above, this.#table.within(range, broken)])) {
      if (value === null) continue;
      isEnd = records.length < countMax && bytes < bytesMax;
      if (!isEnd) break;
      records.push({ key, value });
      bytes += value.length;
    }
    for (const record of broken) {
      if (!this.#layers.some((layer) => layer.has(record.name))) this.#putAside(record);
    }
    return { records, isEnd };
  }

  /** What lies over the table, the newest first. */
  get #layers(): readonly RecordLayer[] {
    return this.#sealed === null ? [this.#active] : [this.#active, this.#sealed.layer];
  }

  /** Whether anything does. */
  get #isLaden(): boolean {
    return this.#layers.some((layer) => !layer.isEmpty);
  }

  setAside(key: string, reason: string): void {
    const bytes = this.#find(key);
    if (bytes !== undefined) this.#putAside({ name: key, reason, bytes });
  }

  #putAside({ name, reason, bytes }: BrokenRecord): void {
    this.#options.onBroken(name, reason);
    this.#table.setAside(name, bytes);
    this.#active.apply([{ kind: 'remove', key: name }]);
  }

  async close(): Promise<void> {
    await this.#committing;
    await this.#settling;
    this.#stopTimer();
    // What the table does not take now stays in the journal.
    if (this.#isLaden) await this.#commitAtOnce([]);
    await this.#table.close();
    await this.#journal.close();
  }

  /** Takes in what the journal had when it was opened. */
  async restore(): Promise<void> {
    const { current, other } = this.#journal.content;
    for (const { writes } of current) this.#active.apply(writes);
    const last = other.at(-1);
    if (last !== undefined) {
      this.#sealed = { layer: new RecordLayer(), sequence: last.sequence };
      for (const { writes } of other) this.#sealed.layer.apply(writes);
    }
    // When the table takes nothing, it lies over it until it does.
    if (this.#isLaden) await this.#commitAtOnce([]);
  }

  async #commitAll(): Promise<void> {
    while (this.#waiting.length > 0 || this.#isDue) {
      if (this.#isDue) await this.#turn();
      const together = this.#waiting;
      this.#waiting = [];
      if (together.length === 0) continue;
      const error = await this.#commit(together.flatMap(({ writes }) => writes));
      for (const { onDone } of together) onDone(error);
    }
    this.#committing = null;
  }

  /** Writes these; settles when that is synced. */
  async #commit(writes: readonly RecordWrite[]): Promise<ErrorData | undefined> {
    if (!this.#journal.isUsable) return this.#commitInNeed(writes);
    if (!this.#journal.hasRoomFor(writes)) await this.#turn();
    return this.#journal.hasRoomFor(writes) ? this.#append(writes) : this.#commitInNeed(writes);
  }

  /**
   * On a disk that is almost full: at once, or not. What adds nothing makes room, and is not
   * refused as long as there is some anywhere: in the journal, and what is kept for it.
   */
  async #commitInNeed(writes: readonly RecordWrite[]): Promise<ErrorData | undefined> {
    const error = await this.#commitAtOnce(writes);
    if (error === undefined) return undefined;
    if (!this.#isAdding(writes)) {
      const hasRoom = this.#journal.hasRoomFor(writes);
      return hasRoom ? this.#append(writes) : this.#commitAtOnce(writes, true);
    }
    // What makes room may be in the journal yet.
    if (!this.#isLaden) return error;
    return (await this.#commitAtOnce([])) ?? (await this.#commitAtOnce(writes));
  }

  #isAdding(writes: readonly RecordWrite[]): boolean {
    const changes = new RecordLayer();
    changes.apply(writes);
    return shareOf(changes.entries(), (key) => this.#find(key)) < MAILBOX_SPARE_BYTES;
  }

  /** The value of one record. */
  #find(key: string): Buffer | undefined {
    const range = { from: key, below: `${key}\0`, countMax: 1, bytesMax: 1 };
    return this.read(range).records[0]?.value;
  }

  /** Writes these to the journal, or where it cannot, at once. */
  async #append(writes: readonly RecordWrite[]): Promise<ErrorData | undefined> {
    const error = await new Promise((done) => this.#journal.append(writes, done));
    if (error !== null) return this.#commitAtOnce(writes, !this.#isAdding(writes));
    this.#active.apply(writes);
    this.#timer ??= setTimeout(() => this.#end(), SETTLE_MS).unref();
    return undefined;
  }

  /** The time of the current file is over, full or not. */
  #end(): void {
    this.#isDue = true;
    this.#committing ??= this.#commitAll();
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#isDue = false;
  }

  /** Goes on in the other file of the journal, if what it had is in the table. */
  async #turn(): Promise<void> {
    this.#stopTimer();
    await this.#settling;
    if (this.#sealed !== null || this.#active.isEmpty) return;
    this.#sealed = { layer: this.#active, sequence: this.#journal.sequence };
    this.#active = new RecordLayer();
    this.#journal.turn();
    this.#settling = this.#settle(this.#sealed);
  }

  /** Brings what is sealed to the table. What it does not take is tried again with the next. */
  async #settle({ layer, sequence }: Sealed): Promise<void> {
    // What it does not take is in the journal, and whoever finds no room there hears why.
    if ((await this.#table.commit(layer, sequence)) === undefined) this.#sealed = null;
    this.#settling = null;
  }

  /** Brings all that lies over the table to it, and these; settles when it is synced. */
  async #commitAtOnce(
    writes: readonly RecordWrite[],
    mustBe = false,
  ): Promise<ErrorData | undefined> {
    await this.#settling;
    const all = new RecordLayer();
    for (const layer of this.#layers.toReversed()) all.absorb(layer);
    all.apply(writes);
    // A frame that the journal did not take may be in its file: it is not needed either.
    const sequence = this.#journal.sequence + 1;
    const failure = await this.#table.commit(all, sequence, mustBe);
    if (failure !== undefined) return describeFailure(this.#options.directory, failure);
    this.#sealed = null;
    this.#active = new RecordLayer();
    this.#journal.clear(sequence);
    return undefined;
  }
}

async function openAt(options: StoreOptions): Promise<Store> {
  const table = await LmdbTable.open(options);
  try {
    const { directory, journalBytes: fileBytes = MAILBOX_JOURNAL_BYTES } = options;
    const after = table.journalSequence;
    const { key } = table.identity;
    const journal = await Journal.open({ directory, fileBytes, key, after });
    checkContent(journal.content, after, options);
    const store = new LmdbStore(table, journal, options);
    await store.restore();
    return store;
  } catch (thrown) {
    await table.close();
    throw thrown;
  }
}

/**
 * Opens the store of a directory, or makes one: the directory is its own, and one process at a time
 * may use it, whose owner has a lock. A file that is no store any more is set aside as a whole, and
 * reported: it is no reason not to start. Throws E_STORE_VERSION for one that a newer dagent has
 * written, E_STORE_FULL, E_CANNOT_WRITE when there can be none.
 */
export async function openLmdbStore(options: StoreOptions): Promise<Store> {
  makeDirectory(options.directory);
  // LMDB maps its files before it fills them: where they find no room, that kills the process.
  if (!existsSync(join(options.directory, TABLE_FILE)) && !hasRoom(options.directory)) {
    const reason = 'less than 1 MiB is free';
    throw new DagentError('E_STORE_FULL', { path: options.directory, reason });
  }
  const fault = findFileFault(join(options.directory, TABLE_FILE));
  if (fault !== undefined) setAsideAll(options, fault);
  try {
    return await openAt(options);
  } catch (thrown) {
    if (thrown instanceof DagentError) throw thrown;
    const cause = await findCause(thrown);
    if (!isDamage(cause)) {
      const { values } = describeFailure(options.directory, cause);
      throw new DagentError('E_CANNOT_WRITE', values);
    }
    setAsideAll(options, cause.message);
    return await openAt(options);
  }
}
