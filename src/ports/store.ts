/**
 * A store: ordered records that are still there after kill -9 and power cuts. It has one owner
 * process. Reads see what was written and synced, and perhaps what is about to be.
 */
import type { RecordPage, RecordRange, RecordWrite } from '../base/records.ts';
import type { ErrorData } from '../protocol/errors.ts';

export interface Store {
  /** Drawn when the store was made: 16 hexadecimal digits. A store that was lost has another. */
  readonly id: string;
  /**
   * Writes all of these or none of them, in their order; what is asked for meanwhile goes together.
   * `onDone` hears when they are synced, or why they are not written: E_STORE_FULL, E_STORE_WRITE.
   * Then everything older is still there, and later writes may succeed.
   */
  write(writes: readonly RecordWrite[], onDone: (error?: ErrorData) => void): void;
  /** A page of a range. Broken records are set aside and left out of it. */
  read(range: RecordRange): RecordPage;
  /** Takes a record out of the way that its reader cannot make sense of; it is kept for people. */
  setAside(key: string, reason: string): void;
  /** Ends it, once what was asked for is written. */
  close(): Promise<void>;
}

/** What a store's owner hears of damage. */
export interface StoreHandlers {
  /** A record was broken, and is set aside. */
  onBroken(key: string, reason: string): void;
}
