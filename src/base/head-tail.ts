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
  readonly #tailMax: number;
  readonly #head = new Pieces();
  readonly #tail = new Pieces();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#tailMax = Math.floor(bytesMax / 2);
    this.#headMax = bytesMax - this.#tailMax;
  }

  /** Returns how many of the bytes went into the head. */
  push(bytes: Buffer): number {
    this.#bytes += bytes.length;
    const count = Math.min(bytes.length, this.#headMax - this.#head.length);
    if (count > 0) this.#head.push(bytes.subarray(0, count));
    const rest = bytes.subarray(Math.max(count, bytes.length - this.#tailMax));
    if (rest.length > 0) this.#tail.push(rest);
    // Twice as much, so that it is not moved for each piece.
    if (this.#tail.length > 2 * this.#tailMax) this.#tail.keepLast(this.#tailMax);
    return count;
  }

  /** Counts bytes that are not there to be pushed: they belong between the head and the tail. */
  skip(count: number): void {
    this.#bytes += count;
  }

  /** What is left of it. */
  get kept(): Kept {
    const rest = this.#bytes - this.#head.length;
    if (this.#tail.length > this.#tailMax) this.#tail.keepLast(this.#tailMax);
    const omittedBytes = rest - this.#tail.length;
    return { head: this.#head.concat(), omittedBytes, tail: this.#tail.concat() };
  }
}
