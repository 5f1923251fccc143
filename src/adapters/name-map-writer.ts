/**
 * Writes a name map. It is made aside and then named, so that nobody finds a half of one; what a
 * dead process has left is replaced whole. Nothing is synced: without its owner it is worth
 * nothing. What it says is in memory as well, so that it can be withdrawn and published anew.
 */
import {
  closeSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { MAP_NAMES_MAX } from '../protocol/limits.ts';
import {
  At,
  encodeHead,
  encodeRecord,
  Head,
  MAP_BYTES,
  type MapOwner,
  type NameEntry,
  offsetOf,
  SLOT_COUNT,
  slotOf,
} from './name-map-format.ts';

interface Slot {
  readonly at: number;
  version: number;
  entry: NameEntry;
}

/** Slots in use, those of names that are down included, above which one of these is used again. */
const USED_MAX = (3 * SLOT_COUNT) / 4;

function addressOf({ node, service }: Pick<NameEntry, 'node' | 'service'>): string {
  return `${node}:${service}`;
}

export class NameMapWriter {
  readonly #path: string;
  readonly #owner: MapOwner;
  /** Undefined while nobody can read it. */
  #file: number | undefined;
  readonly #slots = new Map<number, Slot>();
  readonly #byAddress = new Map<string, Slot>();
  readonly #word = Buffer.alloc(4);
  /** Names that are not down. */
  #liveCount = 0;
  #leftOutCount = 0;

  /** The map of `owner`, which will be at `path`. */
  constructor(path: string, owner: MapOwner) {
    this.#path = path;
    this.#owner = owner;
  }

  /** Lets others read it, with all that it says by now. Throws what the system says. */
  publish(): void {
    const aside = `${this.#path}.${this.#owner.pid}.tmp`;
    const file = openSync(aside, 'w', 0o600);
    this.#file = file;
    try {
      // What was never written takes no room on the disk.
      ftruncateSync(file, MAP_BYTES);
      const head = encodeHead(this.#owner);
      writeSync(file, head, 0, head.length, 0);
      for (const slot of this.#slots.values()) this.#write(file, slot);
      this.#writeWord(file, this.#leftOutCount, Head.LEFT_OUT);
      renameSync(aside, this.#path);
    } catch (error) {
      this.#file = undefined;
      closeSync(file);
      rmSync(aside, { force: true });
      throw error;
    }
  }

  /** Names in it that are not down. */
  get liveCount(): number {
    return this.#liveCount;
  }

  /** What it says of a name; undefined when it says nothing. */
  get(node: string, service: string): NameEntry | undefined {
    return this.#byAddress.get(addressOf({ node, service }))?.entry;
  }

  /**
   * Says this of a name from now on. False: there is no room for it. Throws what the system says;
   * the map is to be withdrawn then.
   */
  put(entry: NameEntry): boolean {
    const known = this.#byAddress.get(addressOf(entry));
    const wasLive = known !== undefined && known.entry.state !== 'down';
    const isLive = entry.state !== 'down';
    if (isLive && !wasLive && this.#liveCount >= MAP_NAMES_MAX) return false;
    this.#liveCount += Number(isLive) - Number(wasLive);
    const slot = known ?? this.#takeSlot(entry);
    slot.entry = entry;
    if (this.#file !== undefined) this.#write(this.#file, slot);
    return true;
  }

  /** Counts a name that found no room, where readers see it. */
  leaveOut(): void {
    this.#leftOutCount++;
    if (this.#file === undefined) return;
    this.#writeWord(this.#file, this.#leftOutCount, Head.LEFT_OUT);
  }

  #takeSlot(entry: NameEntry): Slot {
    const first = slotOf(entry.node, entry.service);
    let at = first;
    let down: Slot | undefined;
    for (; this.#slots.has(at); at = (at + 1) % SLOT_COUNT) {
      const slot = this.#slots.get(at);
      if (down === undefined && slot?.entry.state === 'down') down = slot;
      // All are used; at most a half of them is live.
      if ((at + 1) % SLOT_COUNT === first) break;
    }
    const again = this.#slots.size >= USED_MAX ? down : undefined;
    if (again !== undefined) this.#byAddress.delete(addressOf(again.entry));
    const slot = again ?? { at, version: 0, entry };
    this.#slots.set(slot.at, slot);
    this.#byAddress.set(addressOf(entry), slot);
    return slot;
  }

  #write(file: number, slot: Slot): void {
    const record = encodeRecord(slot.entry);
    const offset = offsetOf(slot.at);
    this.#writeWord(file, slot.version + 1, offset);
    writeSync(file, record, At.CHECKSUM, At.END - At.CHECKSUM, offset + At.CHECKSUM);
    // The versions of four thousand million changes come round; no reader is that slow.
    slot.version = (slot.version + 2) % 0x1_0000_0000 || 2;
    this.#writeWord(file, slot.version, offset + At.VERSION);
  }

  #writeWord(file: number, value: number, offset: number): void {
    this.#word.writeUInt32LE(value);
    writeSync(file, this.#word, 0, 4, offset);
  }

  /** Takes it away; who has it open still sees that it is over. Throws what the system says. */
  withdraw(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    try {
      unlinkSync(this.#path);
      this.#writeWord(file, 1, Head.CLOSED);
    } finally {
      closeSync(file);
    }
  }
}
