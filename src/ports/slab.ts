/** A store of blocks in numbered slots, which survives the process but need not survive a crash. */

export interface SlabEntry {
  readonly hash: string;
  readonly slot: number;
  readonly bytes: number;
}

export interface Slab {
  /** What a former run has left, as far as is known: it must be checked when it is read. */
  readonly left: readonly SlabEntry[];
  /** Throws what the system says, as when the disk is full. */
  write(slot: number, hash: string, bytes: Buffer): Promise<void>;
  read(slot: number, bytes: number): Promise<Buffer>;
  /** Throws all of it away. */
  clear(): Promise<void>;
  close(): Promise<void>;
}
