/**
 * Changes in memory that lie over a store: what is read is what is below, as they have changed it.
 * A record that was written a thousand times is one change.
 */
import type { RecordRange, RecordWrite } from '../base/records.ts';

/** A key with its value; null when there is no such record any more. */
export type LayerEntry = readonly [key: string, value: Buffer | null];

export class RecordLayer {
  readonly #values = new Map<string, Buffer | null>();
  /** In order. */
  #keys: string[] = [];

  get isEmpty(): boolean {
    return this.#keys.length === 0;
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  apply(writes: readonly RecordWrite[]): void {
    for (const write of writes) this.#set(write.key, write.kind === 'put' ? write.value : null);
  }

  /** Takes over what lies in another layer above this one. */
  absorb(above: RecordLayer): void {
    for (const [key, value] of above.#values) this.#set(key, value);
  }

  #set(key: string, value: Buffer | null): void {
    if (!this.#values.has(key)) this.#keys.splice(this.#find(key), 0, key);
    this.#values.set(key, value);
  }

  /** All changes, in the order of their keys. */
  *entries(): Iterable<LayerEntry> {
    for (const key of this.#keys) yield [key, this.#values.get(key)!];
  }

  /** The changes within a range, in the order of their keys. */
  *within({ from, below }: Pick<RecordRange, 'from' | 'below'>): Generator<LayerEntry, undefined> {
    for (let index = this.#find(from); index < this.#keys.length; index++) {
      const key = this.#keys[index]!;
      if (key >= below) return;
      yield [key, this.#values.get(key)!];
    }
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

/**
 * Entries of several sources, each in the order of its keys, as one in order. Of those with the
 * same key, that of the source that is named first counts.
 */
export function* mergeEntries(
  sources: readonly Generator<LayerEntry, undefined>[],
): Generator<LayerEntry, undefined> {
  const heads = sources.map((source) => source.next().value);
  try {
    for (;;) {
      let least: LayerEntry | undefined;
      for (const head of heads) {
        if (head !== undefined && (least === undefined || head[0] < least[0])) least = head;
      }
      if (least === undefined) return;
      yield least;
      for (const [index, head] of heads.entries()) {
        if (head?.[0] === least[0]) heads[index] = sources[index]!.next().value;
      }
    }
  } finally {
    for (const source of sources) source.return(undefined);
  }
}
