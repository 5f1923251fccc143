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

const NEWLINE = 0x0a;

/** A line is not cut that begins or ends so near, nor more than half of what is kept is lost. */
const LINE_BYTES = 4_096;

function nearBytes(bytesMax: number): number {
  return Math.min(LINE_BYTES, Math.floor(bytesMax / 2));
}

/** What of a stream is its head: at most `bytesMax`, of which the first `at` have gone on. */
export interface HeadPlace {
  readonly at: number;
  readonly bytesMax: number;
  /** Whether the stream goes on behind it. */
  readonly isFull: boolean;
}

/**
 * How many of `bytes`, which come next in a head, go on: near its end only whole lines do, as long
 * as it may be cut there.
 */
export function cutHead(bytes: Buffer, { at, bytesMax, isFull }: HeadPlace): number {
  const near = bytesMax - nearBytes(bytesMax);
  const lineEnd = bytes.lastIndexOf(NEWLINE) + 1;
  if (at + lineEnd > near && lineEnd > 0) return lineEnd;
  // What has gone on ends a line.
  if (at > near) return 0;
  return isFull ? bytes.length : Math.min(bytes.length, near - at);
}

/**
 * How many of `bytes` stand before a tail of at most `bytesMax` that begins a line. They begin one
 * byte before it, which may end the last one.
 */
export function cutTail(bytes: Buffer, bytesMax: number): number {
  return Math.max(1, bytes.subarray(0, nearBytes(bytesMax) + 1).indexOf(NEWLINE) + 1);
}

/**
 * Keeps at most `bytesMax` of what is pushed: the first half of them, and the last. Between whole
 * lines, unless these are long.
 */
export class HeadTail {
  readonly #bytesMax: number;
  readonly #headMax: number;
  readonly #head = new Pieces();
  /** The beginning of a line that may be too long for the head. */
  #held: Buffer = Buffer.alloc(0);
  /** What comes behind the head, with one byte more than is kept; undefined: it is not full. */
  #tail: Tail | undefined;
  #skippedBytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#headMax = Math.ceil(bytesMax / 2);
  }

  /** Returns what has gone into the head now. */
  push(bytes: Buffer): Buffer {
    if (this.#tail !== undefined) {
      this.#tail.push(bytes);
      return Buffer.alloc(0);
    }
    const all = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const room = this.#headMax - this.#head.length;
    const isFull = all.length > room;
    const place = { at: this.#head.length, bytesMax: this.#headMax, isFull };
    const count = cutHead(all.subarray(0, room), place);
    const [ready, rest] = [all.subarray(0, count), all.subarray(count)];
    this.#head.push(ready);
    if (isFull) this.#beginTail().push(rest);
    this.#held = isFull ? Buffer.alloc(0) : Buffer.from(rest);
    return ready;
  }

  #beginTail(): Tail {
    this.#tail = new Tail(this.#bytesMax - this.#head.length + 1);
    return this.#tail;
  }

  /**
   * Counts bytes that are not there to be pushed: the head ends before them, and the tail begins
   * behind. Returns what has gone into the head now.
   */
  skip(count: number): Buffer {
    const ready = this.#held;
    this.#held = Buffer.alloc(0);
    this.#head.push(ready);
    this.#skippedBytes += count + (this.#tail?.bytes ?? 0);
    this.#beginTail();
    return ready;
  }

  /** What is left of it. */
  get kept(): Kept {
    const head = this.#head.concat();
    const tail = this.#tail;
    if (tail === undefined) return { head, omittedBytes: 0, tail: this.#held };
    const tailMax = this.#bytesMax - head.length;
    const { from, kept } = tail;
    const cut = tail.bytes <= tailMax ? 0 : cutTail(kept, tailMax);
    return { head, omittedBytes: this.#skippedBytes + from + cut, tail: kept.subarray(cut) };
  }
}
