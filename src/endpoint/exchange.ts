/**
 * A request and all that belongs to it: streams in both directions under credit, progress,
 * cancelling, and exactly one outcome. Here is what its two ends have in common (asking.ts,
 * answering.ts).
 *
 * Credit: each side may send STREAM_WINDOW_BYTES ahead; the receiver gives back what it has dealt
 * with, each time all of it since the beginning, so that a grant that is lost does no harm. A
 * receiver that does not read therefore stops its sender, and nobody in between has to hold the
 * rest.
 */
import { At, bodyOf, type FrameFields, Kind } from '../protocol/frame.ts';
import { STREAM_CHUNK_BYTES, STREAM_WINDOW_BYTES } from '../protocol/limits.ts';

const EMPTY = Buffer.alloc(0);
const COUNT_MASK = 0xffff;
/** In the channel of a CREDIT: whether the other side is to answer with one of its own. */
const CREDIT_ONLY = 0;
const CREDIT_ASKED = 1;

/** Where the frames of an exchange go: a {@link FrameWriter}, as its ends see it. */
export interface ExchangeSink {
  write(fields: FrameFields, head: Buffer, body: Buffer): void;
}

/** Where the frames of one end of an exchange go and come from. Many exchanges share one. */
export type ExchangeAddress = Readonly<
  Required<Pick<FrameFields, 'toNode' | 'toService' | 'fromNode' | 'fromService' | 'seed'>>
>;

/** Fields of a frame that are not the same for all frames of one end. */
type FramePlace = Pick<FrameFields, 'channel' | 'count'>;

/** A queued piece of a stream; null bytes are its end. */
type Piece = { readonly channel: number; readonly bytes: Buffer | null };

function encodeCredit(bytes: number): Buffer {
  const body = Buffer.allocUnsafe(4);
  body.writeUInt32BE(bytes);
  return body;
}

/**
 * One end of an exchange. There is one for each request: what most of them never need costs them
 * nothing, so that handlers begin as methods, and the queue as none.
 */
export class Exchange {
  /** Where its frames go; who asked for the nearest service learns here which one it is. */
  address: ExchangeAddress;
  /** With the seed of the address, the id of the exchange. */
  readonly number: number;
  readonly #sink: ExchangeSink;
  readonly #flags: number;
  #queue: Piece[] | undefined;
  #creditBytes = STREAM_WINDOW_BYTES;
  #ungrantedBytes = 0;
  /** All that was granted, by this side and by the other one, modulo 2^32. */
  #grantedBytes = 0;
  #heardGrantBytes = 0;
  /** What has moved so far, and when it was last looked at. */
  #moves = 0;
  #movesSeen = 0;
  /** Pieces sent and heard, modulo 65,536: a way that broke and healed leaves a hole in them. */
  #sentCount = 0;
  #heardCount = 0;
  protected isOver = false;
  /** Nobody reads the streams any more: what is written to them is dropped. */
  protected isUnread = false;

  constructor(address: ExchangeAddress, number: number, sink: ExchangeSink, flags: number) {
    this.address = address;
    this.number = number;
    this.#sink = sink;
    this.#flags = flags;
  }

  /**
   * Called with each piece of a stream. Give its length back with `grant` once it is dealt with. To
   * be replaced, like the other handlers.
   */
  onData(_channel: number, bytes: Buffer): void {
    this.grant(bytes.length);
  }

  /** Called when the other side has ended a channel. */
  onEnd(_channel: number): void {}

  /** Called when `write` may go on after it has returned false. */
  onDrain(): void {}

  /** Sends a piece of a stream. False: wait for `onDrain` before the next one. */
  write(channel: number, bytes: Buffer): boolean {
    if (this.isOver || this.isUnread) return true;
    this.#queue ??= [];
    for (let at = 0; at < bytes.length; at += STREAM_CHUNK_BYTES) {
      this.#queue.push({ channel, bytes: bytes.subarray(at, at + STREAM_CHUNK_BYTES) });
    }
    this.pump();
    return !this.hasQueued;
  }

  /** Ends a channel, after what was written to it. */
  end(channel: number): void {
    this.#queue ??= [];
    this.#queue.push({ channel, bytes: null });
    this.pump();
  }

  /** Gives the other side leave to send so many more bytes. */
  grant(bytes: number): void {
    this.#ungrantedBytes += bytes;
    if (this.isOver || this.#ungrantedBytes < STREAM_WINDOW_BYTES / 4) return;
    this.#grantedBytes = (this.#grantedBytes + this.#ungrantedBytes) >>> 0;
    this.#ungrantedBytes = 0;
    this.#moves++;
    this.#sendCredit(CREDIT_ONLY);
  }

  /** Says how much was granted and how much was sent in all: what of it was lost then shows. */
  #sendCredit(channel: number): void {
    const place = { channel, count: this.#sentCount };
    this.sendFrame(Kind.CREDIT, place, EMPTY, encodeCredit(this.#grantedBytes));
  }

  /**
   * Sees to it that a stream does not stand still because a piece of it, or the leave to go on, was
   * lost: when nothing has moved since the last call, both sides say how far they are.
   */
  protected compare(): void {
    const isStill = this.#moves === this.#movesSeen;
    this.#movesSeen = this.#moves;
    if (isStill && this.#moves > 0 && !this.isOver) this.#sendCredit(CREDIT_ASKED);
  }

  get hasQueued(): boolean {
    return this.#queue !== undefined && this.#queue.length > 0;
  }

  /** Forgets what could not be sent yet, and what is still to come. */
  protected discardStreams(): void {
    this.isUnread = true;
    this.#queue = undefined;
  }

  /** Whether pieces must wait: it is not known yet where they are to go. */
  protected isWaiting(): boolean {
    return false;
  }

  /** Sends what may be sent of the streams. */
  protected pump(): void {
    if (this.hasQueued && this.isWaiting()) return;
    while (!this.isOver) {
      const piece = this.#queue?.[0];
      if (piece === undefined) return;
      const { channel, bytes } = piece;
      if (bytes !== null && this.#creditBytes < bytes.length) return;
      this.#queue?.shift();
      if (bytes === null) {
        this.#sendPiece(Kind.END, channel, EMPTY);
      } else {
        this.#creditBytes -= bytes.length;
        this.#sendPiece(Kind.DATA, channel, bytes);
      }
    }
    this.#queue = undefined;
  }

  /** The same, and says so to a writer that was stopped. */
  protected pumpAgain(): void {
    const wasFull = this.hasQueued;
    this.pump();
    if (wasFull && !this.hasQueued) this.onDrain();
  }

  #sendPiece(kind: Kind, channel: number, bytes: Buffer): void {
    const count = this.#sentCount;
    this.#sentCount = (count + 1) & COUNT_MASK;
    this.#moves++;
    this.sendFrame(kind, { channel, count }, EMPTY, bytes);
  }

  /** How many pieces went before: what goes along with the outcome. */
  protected get sentCount(): number {
    return this.#sentCount;
  }

  /** Whether nothing is missing before a DATA, an END or a REPLY. */
  protected isWhole(frame: Buffer): boolean {
    return frame.readUInt16BE(At.COUNT) === this.#heardCount;
  }

  /** A piece is missing: the exchange cannot go on. */
  protected handleHole(): void {}

  protected sendFrame(kind: Kind, place: FramePlace, head: Buffer, body: Buffer): void {
    const { toNode, toService, fromNode, fromService, seed } = this.address;
    const fields = {
      kind,
      flags: this.#flags,
      channel: place.channel ?? 0,
      toNode,
      toService,
      fromNode,
      fromService,
      seed,
      number: this.number,
      count: place.count ?? 0,
    };
    this.#sink.write(fields, head, body);
  }

  /** Whether pieces must have gone before it that are not here. Else it came before. */
  #isAhead(frame: Buffer): boolean {
    const ahead = (frame.readUInt16BE(At.COUNT) - this.#heardCount) & COUNT_MASK;
    return ahead > 0 && ahead < COUNT_MASK / 2;
  }

  #handleCredit(frame: Buffer): void {
    const body = bodyOf(frame);
    if (body.length !== 4) return;
    if (this.#isAhead(frame)) return this.handleHole();
    const heardBytes = body.readUInt32BE(0);
    // One that was overtaken says less than is known.
    const moreBytes = (heardBytes - this.#heardGrantBytes) | 0;
    if (moreBytes > 0) {
      this.#heardGrantBytes = heardBytes;
      this.#creditBytes += moreBytes;
      this.#moves++;
      this.pumpAgain();
    }
    if (frame[At.CHANNEL] === CREDIT_ASKED && !this.isOver) this.#sendCredit(CREDIT_ONLY);
  }

  #handlePiece(frame: Buffer): void {
    const channel = frame[At.CHANNEL] ?? 0;
    this.#heardCount = (this.#heardCount + 1) & COUNT_MASK;
    this.#moves++;
    if (frame[At.KIND] === Kind.DATA) this.onData(channel, bodyOf(frame));
    else this.onEnd(channel);
  }

  /** A frame of a stream; false when it is none. */
  protected handleStream(frame: Buffer): boolean {
    switch (frame[At.KIND]) {
      case Kind.DATA:
      case Kind.END:
        if (this.isWhole(frame)) this.#handlePiece(frame);
        else if (this.#isAhead(frame)) this.handleHole();
        return true;
      case Kind.CREDIT: {
        this.#handleCredit(frame);
        return true;
      }
      default:
        return false;
    }
  }
}
