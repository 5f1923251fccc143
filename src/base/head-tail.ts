/** The beginning and the end of a stream of bytes, and how much there was between them. */

/** So many pieces are made one: many small ones would cost more than what is in them. */
const PIECES_MAX = 64;

/** Bytes in pieces of their own: what is pushed may be a part of something much larger. */
class Pieces {
  #pieces: Buffer[] = [];
  length = 0;

  push(bytes: Buffer): void {
    this.#pieces.push(Buffer.from(bytes));
    this.length += bytes.length;
    if (this.#pieces.length > PIECES_MAX) this.#pieces = [Buffer.concat(this.#pieces)];
  }

  /** Forgets all but the last `count`. */
  keepLast(count: number): void {
    const all = this.concat();
    this.#pieces = [Buffer.from(all.subarray(all.length - count))];
    this.length = count;
  }

  concat(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}

/** The last bytes of a stream, at most `bytesMax` of them. */
export class Tail {
  readonly #bytesMax: number;
  readonly #pieces = new Pieces();
  /** All that were pushed. */
  bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  push(bytes: Buffer): void {
    this.bytes += bytes.length;
    const last = bytes.subarray(Math.max(0, bytes.length - this.#bytesMax));
    if (last.length > 0) this.#pieces.push(last);
    // Twice as much, so that it is not moved for each piece.
    if (this.#pieces.length > 2 * this.#bytesMax) this.#pieces.keepLast(this.#bytesMax);
  }

  /** Those that are left. */
  get kept(): Buffer {
    if (this.#pieces.length > this.#bytesMax) this.#pieces.keepLast(this.#bytesMax);
    return this.#pieces.concat();
  }

  /** Where in the stream they begin. */
  get from(): number {
    return this.bytes - Math.min(this.#pieces.length, this.#bytesMax);
  }
}

/** What is left of a stream. */
export interface Kept {
  readonly head: Buffer;
  /** Bytes between the two that were not kept. */
  readonly omittedBytes: number;
  readonly tail: Buffer;
}

/** Nothing at all. */
export const NOTHING_KEPT: Kept = {
  head: Buffer.alloc(0),
  omittedBytes: 0,
  tail: Buffer.alloc(0),
};

/** Keeps at most `bytesMax` of what is pushed: the first half of them, and the last. */
export class HeadTail {
  readonly #headMax: number;
  readonly #head = new Pieces();
  readonly #tail: Tail;
  #skippedBytes = 0;

  constructor(bytesMax: number) {
    const tailMax = Math.floor(bytesMax / 2);
    this.#headMax = bytesMax - tailMax;
    this.#tail = new Tail(tailMax);
  }

  /** Returns how many of the bytes went into the head. */
  push(bytes: Buffer): number {
    const count = Math.min(bytes.length, this.#headMax - this.#head.length);
    if (count > 0) this.#head.push(bytes.subarray(0, count));
    if (count < bytes.length) this.#tail.push(bytes.subarray(count));
    return count;
  }

  /** Counts bytes that are not there to be pushed: they belong between the head and the tail. */
  skip(count: number): void {
    this.#skippedBytes += count;
  }

  /** What is left of it. */
  get kept(): Kept {
    const omittedBytes = this.#skippedBytes + this.#tail.from;
    return { head: this.#head.concat(), omittedBytes, tail: this.#tail.kept };
  }
}
