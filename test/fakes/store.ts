/**
 * A store in memory whose disk is the test's to control: when a batch is synced, when it fails, and
 * what a crash leaves of what was on its way.
 */
import type { RecordPage, RecordRange, RecordWrite, StoredRecord } from '../../src/base/records.ts';
import type { Store, StoreHandlers } from '../../src/ports/store.ts';
import type { ErrorData } from '../../src/protocol/errors.ts';

interface Batch {
  readonly writes: readonly RecordWrite[];
  readonly onDone: (error?: ErrorData) => void;
}

export class FakeStore implements Store {
  readonly id: string;
  readonly asides: string[] = [];
  /** What the disk answers instead of writing. */
  refusal: ErrorData | null = null;
  writtenCount = 0;
  readonly #values = new Map<string, Buffer>();
  #keys: string[] = [];
  #waiting: Batch[] = [];
  readonly #onBroken: StoreHandlers['onBroken'] | undefined;

  constructor(id = '00000000000000aa', { onBroken }: Partial<StoreHandlers> = {}) {
    this.id = id;
    this.#onBroken = onBroken;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  get recordCount(): number {
    return this.#keys.length;
  }

  write(writes: readonly RecordWrite[], onDone: (error?: ErrorData) => void): void {
    this.#waiting.push({ writes, onDone });
  }

  /** The disk has done all that was asked of it. */
  sync(): void {
    const done = this.#waiting;
    this.#waiting = [];
    for (const { writes, onDone } of done) {
      if (this.refusal !== null) {
        onDone(this.refusal);
        continue;
      }
      this.#apply(writes);
      onDone();
    }
  }

  /** The process or the host ends: the first `keptCount` batches are on disk, and nobody heard. */
  crash(keptCount: number): void {
    for (const { writes } of this.#waiting.slice(0, keptCount)) this.#apply(writes);
    this.#waiting = [];
  }

  read({ from, below, countMax, bytesMax }: RecordRange): RecordPage {
    const keys = this.#keys.slice(this.#find(from), this.#find(below));
    const records: StoredRecord[] = [];
    let bytes = 0;
    for (const key of keys) {
      if (records.length >= countMax || bytes >= bytesMax) return { records, isEnd: false };
      const value = Buffer.from(this.#values.get(key)!);
      records.push({ key, value });
      bytes += value.length;
    }
    return { records, isEnd: true };
  }

  /** Puts what no batch wrote: damage. */
  damage(key: string, value: Buffer | null): void {
    this.#apply([value === null ? { kind: 'remove', key } : { kind: 'put', key, value }]);
  }

  setAside(key: string, reason: string): void {
    this.#onBroken?.(key, reason);
    this.asides.push(key);
    this.#remove(key);
  }

  async close(): Promise<void> {
    this.sync();
  }

  #apply(writes: readonly RecordWrite[]): void {
    for (const write of writes) {
      if (write.kind === 'remove') this.#remove(write.key);
      else this.#put(write.key, write.value);
    }
    this.writtenCount++;
  }

  #put(key: string, value: Buffer): void {
    if (!this.#values.has(key)) this.#keys.splice(this.#find(key), 0, key);
    this.#values.set(key, Buffer.from(value));
  }

  #remove(key: string): void {
    if (this.#values.delete(key)) this.#keys.splice(this.#find(key), 1);
  }

  /** Where `key` is, or would be. */
  #find(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
