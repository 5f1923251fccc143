/**
 * Records as data: what an ordered store of keys and values is told to write, asked to read, and
 * answers. Pure parts say these, a driver carries them to a store (src/ports/store.ts).
 */

/** One change. Keys are ASCII, compared character by character. */
export type RecordWrite =
  | { readonly kind: 'put'; readonly key: string; readonly value: Buffer }
  | { readonly kind: 'remove'; readonly key: string };

export interface RecordRange {
  /** First key, included. */
  readonly from: string;
  /** Last key, excluded. */
  readonly below: string;
  /** At most so many records. */
  readonly countMax: number;
  /** The page ends with the record that reaches so many bytes of values: it has one at least. */
  readonly bytesMax: number;
}

export interface StoredRecord {
  readonly key: string;
  readonly value: Buffer;
}

export interface RecordPage {
  readonly records: readonly StoredRecord[];
  /** Nothing of the range follows. */
  readonly isEnd: boolean;
}

/** The range of all keys that begin with `prefix`. */
export function rangeOf(prefix: string): { from: string; below: string } {
  const last = prefix.length - 1;
  const next = String.fromCharCode(prefix.charCodeAt(last) + 1);
  return { from: prefix, below: prefix.slice(0, last) + next };
}
