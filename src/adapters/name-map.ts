/**
 * Reads the name map of a node of this host, without asking its daemon. What a daemon that is gone
 * has left is never believed: each look-up makes sure that the very process lives.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { MAP_NAMES_MAX, MAP_READS_MAX } from '../protocol/limits.ts';
import {
  At,
  decodeHead,
  decodeRecord,
  Head,
  MAP_BYTES,
  type MapOwner,
  type NameEntry,
  offsetOf,
  RECORD_BYTES,
  SLOT_COUNT,
  slotOf,
} from './name-map-format.ts';
import { isAlive } from './process-identity.ts';

export type { NameEntry } from './name-map-format.ts';

/** All of a map at once. */
export interface MapContent {
  /** Its daemon is dead: nobody knows how it is now. */
  readonly isStale: boolean;
  readonly owner: MapOwner;
  /** How often a name of another node found no room. */
  readonly leftOutCount: number;
  readonly entries: readonly NameEntry[];
  /** Entries that could not be read whole. */
  readonly unreadCount: number;
}

interface OpenMap {
  readonly file: number;
  readonly owner: MapOwner;
}

function readAll(file: number): Buffer {
  const all = Buffer.allocUnsafe(MAP_BYTES);
  return all.subarray(0, readSync(file, all, 0, MAP_BYTES, 0));
}

/** Slots that have been written to. */
function* usedSlots(all: Buffer): Iterable<number> {
  for (let slot = 0; offsetOf(slot + 1) <= all.length; slot++) {
    if (all.readUInt32LE(offsetOf(slot) + At.VERSION) !== 0) yield slot;
  }
}

export class NameMap {
  readonly #path: string;
  readonly #record = Buffer.alloc(RECORD_BYTES);
  readonly #word = Buffer.alloc(4);
  /** Where a service was found that is not one of the node itself. */
  readonly #lastSlots = new Map<string, number>();
  #map: OpenMap | undefined;

  /** Nothing is opened before it is needed; and what was there may be there anew. */
  constructor(path: string) {
    this.#path = path;
  }

  /** Whose it is; undefined when there is none that may be believed. */
  owner(): MapOwner | undefined {
    return this.#openLive()?.owner;
  }

  /**
   * A service of that name that is up, wherever it is: the one that was found last, while it is up.
   * For another one all of the map is read, which takes some milliseconds; what changes meanwhile
   * may be missed.
   */
  findUp(service: string): NameEntry | undefined {
    const map = this.#openLive();
    if (map === undefined) return undefined;
    const last = this.#readUp(map.file, this.#lastSlots.get(service), service);
    if (last !== undefined) return last;
    const wanted = Buffer.from(service, 'latin1');
    const all = readAll(map.file);
    for (const slot of usedSlots(all)) {
      const at = offsetOf(slot) + At.SERVICE;
      if (all.compare(wanted, 0, wanted.length, at, at + wanted.length) !== 0) continue;
      const entry = this.#readUp(map.file, slot, service);
      if (entry === undefined) continue;
      if (this.#lastSlots.size >= MAP_NAMES_MAX) this.#lastSlots.clear();
      this.#lastSlots.set(service, slot);
      return entry;
    }
    return undefined;
  }

  /** The entry in a slot, when it is of that service, which is up. */
  #readUp(file: number, slot: number | undefined, service: string): NameEntry | undefined {
    const read = slot === undefined ? 'free' : this.#readRecord(file, slot);
    if (typeof read !== 'object') return undefined;
    return read.service === service && read.state === 'up' ? read : undefined;
  }

  /**
   * What the node knows of a service: of its own, or that of another node. Undefined when it knows
   * none, and when it must be asked.
   */
  find(service: string, node?: string): NameEntry | undefined {
    const map = this.#openLive();
    if (map === undefined) return undefined;
    const wanted = node ?? map.owner.node;
    let slot = slotOf(wanted, service);
    for (let count = 0; count < SLOT_COUNT; count++) {
      const read = this.#readRecord(map.file, slot);
      if (read === 'free') return undefined;
      const isKnown = read !== 'unknown';
      if (isKnown && read.service === service && read.node === wanted) return read;
      slot = (slot + 1) % SLOT_COUNT;
    }
    return undefined;
  }

  /**
   * All that is in it; undefined when there is none. It leaves a stale one closed, and a live one
   * open.
   */
  read(): MapContent | undefined {
    const live = this.#openLive();
    const map = live ?? this.#open();
    if (map === undefined) return undefined;
    const all = readAll(map.file);
    const entries: NameEntry[] = [];
    let unreadCount = 0;
    for (const slot of usedSlots(all)) {
      const read = this.#readRecord(map.file, slot);
      if (typeof read === 'object') entries.push(read);
      else if (read === 'unknown') unreadCount++;
    }
    const leftOutCount = all.readUInt32LE(Head.LEFT_OUT);
    if (live === undefined) this.close();
    return { isStale: live === undefined, owner: map.owner, leftOutCount, entries, unreadCount };
  }

  /** The version before and the version after are the same even one: nobody wrote in between. */
  #readRecord(file: number, slot: number): NameEntry | 'free' | 'unknown' {
    const offset = offsetOf(slot);
    for (let count = 0; count < MAP_READS_MAX; count++) {
      const before = this.#readWord(file, offset);
      if (before === 0) return 'free';
      if (before === undefined) return 'unknown';
      if (before % 2 !== 0) continue;
      if (readSync(file, this.#record, 0, At.END, offset) < At.END) return 'unknown';
      if (this.#readWord(file, offset) !== before) continue;
      return decodeRecord(this.#record) ?? 'unknown';
    }
    return 'unknown';
  }

  #readWord(file: number, offset: number): number | undefined {
    if (readSync(file, this.#word, 0, 4, offset) < 4) return undefined;
    return this.#word.readUInt32LE();
  }

  #isLive({ file, owner }: OpenMap): boolean {
    return this.#readWord(file, Head.CLOSED) === 0 && isAlive(owner);
  }

  /** The map of a daemon that lives; undefined when there is none. */
  #openLive(): OpenMap | undefined {
    if (this.#map !== undefined && this.#isLive(this.#map)) return this.#map;
    this.close();
    const map = this.#open();
    if (map === undefined || this.#isLive(map)) return map;
    this.close();
    return undefined;
  }

  #open(): OpenMap | undefined {
    let file: number;
    try {
      file = openSync(this.#path, 'r');
    } catch {
      return undefined;
    }
    const owner = this.#readHead(file);
    if (owner === undefined) {
      closeSync(file);
      return undefined;
    }
    this.#map = { file, owner };
    return this.#map;
  }

  #readHead(file: number): MapOwner | undefined {
    try {
      const bytes = readSync(file, this.#record, 0, RECORD_BYTES, 0);
      return bytes < RECORD_BYTES ? undefined : decodeHead(this.#record);
    } catch {
      // A directory, for instance.
      return undefined;
    }
  }

  /** Gives the file back; the next look-up opens it again. */
  close(): void {
    if (this.#map !== undefined) closeSync(this.#map.file);
    this.#map = undefined;
  }
}
