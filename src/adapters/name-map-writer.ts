/**
 * Writes a name map. It is made aside and then named, so that nobody finds a half of one; what a
 * dead process has left is replaced whole. Nothing is synced: without its owner it is worth
 * nothing.
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
  readonly #file: number;
  readonly #slots = new Map<number, Slot>();
  readonly #byAddress = new Map<string, Slot>();
  readonly #word = Buffer.alloc(4);
  /** Names that are not down. */
  #liveCount = 0;
  #leftOutCount = 0;

  /** Makes the map of `owner` at `path`. Throws what the system says. */
  constructor(path: string, owner: MapOwner) {
    const aside = `${path}.${owner.pid}.tmp`;
    this.#path = path;
    this.#file = openSync(aside, 'w', 0o600);
    try {
      // What was never written takes no room on the disk.
      ftruncateSync(this.#file, MAP_BYTES);
      const head = encodeHead(owner);
      writeSync(this.#file, head, 0, head.length, 0);
      renameSync(aside, path);
    } catch (error) {
      closeSync(this.#file);
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
   * the map is not to be used any more then.
   */
  put(entry: NameEntry): boolean {
    const known = this.#byAddress.get(addressOf(entry));
    const wasLive = known !== undefined && known.entry.state !== 'down';
    const isLive = entry.state !== 'down';
    if (isLive && !wasLive && this.#liveCount >= MAP_NAMES_MAX) return false;
    this.#liveCount += Number(isLive) - Number(wasLive);
    const slot = known ?? this.#takeSlot(entry);
    slot.entry = entry;
    this.#write(slot);
    return true;
  }

  /** Counts a name that found no room, where readers see it. */
  leaveOut(): void {
    this.#leftOutCount++;
    this.#writeWord(this.#leftOutCount, Head.LEFT_OUT);
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

  #write(slot: Slot): void {
    const record = encodeRecord(slot.entry);
    const offset = offsetOf(slot.at);
    this.#writeWord(slot.version + 1, offset);
    writeSync(this.#file, record, At.CHECKSUM, At.END - At.CHECKSUM, offset + At.CHECKSUM);
    // The versions of four thousand million changes come round; no reader is that slow.
    slot.version = (slot.version + 2) % 0x1_0000_0000 || 2;
    this.#writeWord(slot.version, offset + At.VERSION);
  }

  #writeWord(value: number, offset: number): void {
    this.#word.writeUInt32LE(value);
    writeSync(this.#file, this.#word, 0, 4, offset);
  }

  /** Takes it away; who has it open still sees that it is over. */
  close(): void {
    try {
      unlinkSync(this.#path);
      this.#writeWord(1, Head.CLOSED);
    } finally {
      closeSync(this.#file);
    }
  }
}
