/**
 * A request and all that belongs to it: streams in both directions under credit, progress,
 * cancelling, and exactly one outcome. Two ends: {@link Asking} and {@link Answering}.
 *
 * Credit: each side may send STREAM_WINDOW_BYTES ahead; the receiver gives back what it has dealt
 * with. A receiver that does not read therefore stops its sender, and nobody in between has to hold
 * the rest.
 */
import { parseAddress } from '../protocol/address.ts';
import {
  DagentError,
  type ErrorData,
  type ErrorValues,
  errorFromData,
} from '../protocol/errors.ts';
import {
  At,
  bodyOf,
  encodeTimeout,
  Flag,
  type FrameFields,
  headOf,
  Kind,
} from '../protocol/frame.ts';
import { STREAM_CHUNK_BYTES, STREAM_WINDOW_BYTES } from '../protocol/limits.ts';
import { pack, unpackMap } from '../protocol/pack.ts';
import { type Incoming, readParams } from './incoming.ts';

const EMPTY = Buffer.alloc(0);

/** Sends a frame of one exchange: the endpoint fills in the addresses. */
export type SendFrame = (fields: FrameFields, head: Buffer, body: Buffer) => void;

/** What both ends know of their exchange on the wire. */
export type ExchangeAddress = Required<
  Pick<FrameFields, 'toNode' | 'toService' | 'fromNode' | 'fromService' | 'seed' | 'number'>
>;

/** A queued piece of a stream; null bytes are its end. */
type Piece = { readonly channel: number; readonly bytes: Buffer | null };

function encodeCredit(bytes: number): Buffer {
  const body = Buffer.allocUnsafe(4);
  body.writeUInt32BE(bytes);
  return body;
}

/** What the two ends have in common. */
export class Exchange {
  /**
   * Called with each piece of a stream. Give its length back with `grant` once it is dealt with.
   */
  onData: (channel: number, bytes: Buffer) => void = (_, bytes) => this.grant(bytes.length);
  /** Called when the other side has ended a channel. */
  onEnd: (channel: number) => void = () => undefined;
  /** Called when `write` may go on after it has returned false. */
  onDrain: () => void = () => undefined;

  readonly address: ExchangeAddress;
  readonly #send: SendFrame;
  readonly #flags: number;
  readonly #queue: Piece[] = [];
  #creditBytes = STREAM_WINDOW_BYTES;
  #ungrantedBytes = 0;
  protected isOver = false;
  /** Nobody reads the streams any more: what is written to them is dropped. */
  protected isUnread = false;

  constructor(address: ExchangeAddress, send: SendFrame, flags: number) {
    this.address = address;
    this.#send = send;
    this.#flags = flags;
  }

  /** Sends a piece of a stream. False: wait for `onDrain` before the next one. */
  write(channel: number, bytes: Buffer): boolean {
    if (this.isOver || this.isUnread) return true;
    for (let at = 0; at < bytes.length; at += STREAM_CHUNK_BYTES) {
      this.#queue.push({ channel, bytes: bytes.subarray(at, at + STREAM_CHUNK_BYTES) });
    }
    this.#pump();
    return this.#queue.length === 0;
  }

  /** Ends a channel, after what was written to it. */
  end(channel: number): void {
    this.#queue.push({ channel, bytes: null });
    this.#pump();
  }

  /** Gives the other side leave to send so many more bytes. */
  grant(bytes: number): void {
    this.#ungrantedBytes += bytes;
    if (this.isOver || this.#ungrantedBytes < STREAM_WINDOW_BYTES / 4) return;
    this.sendFrame(Kind.CREDIT, {}, EMPTY, encodeCredit(this.#ungrantedBytes));
    this.#ungrantedBytes = 0;
  }

  get hasQueued(): boolean {
    return this.#queue.length > 0;
  }

  /** Forgets what could not be sent yet, and what is still to come. */
  protected discardStreams(): void {
    this.isUnread = true;
    this.#queue.length = 0;
  }

  #pump(): void {
    while (!this.isOver) {
      const piece = this.#queue[0];
      if (piece === undefined) return;
      const { channel, bytes } = piece;
      if (bytes !== null && this.#creditBytes < bytes.length) return;
      this.#queue.shift();
      if (bytes === null) {
        this.sendFrame(Kind.END, { channel }, EMPTY, EMPTY);
      } else {
        this.#creditBytes -= bytes.length;
        this.sendFrame(Kind.DATA, { channel }, EMPTY, bytes);
      }
    }
    this.#queue.length = 0;
  }

  protected sendFrame(kind: Kind, more: Partial<FrameFields>, head: Buffer, body: Buffer): void {
    this.#send({ kind, flags: this.#flags, ...this.address, ...more }, head, body);
  }

  /** A frame of a stream; false when it is none. */
  protected handleStream(frame: Buffer): boolean {
    const channel = frame[At.CHANNEL] ?? 0;
    switch (frame[At.KIND]) {
      case Kind.DATA:
        this.onData(channel, bodyOf(frame));
        return true;
      case Kind.END:
        this.onEnd(channel);
        return true;
      case Kind.CREDIT: {
        const wasFull = this.hasQueued;
        const body = bodyOf(frame);
        if (body.length === 4) this.#creditBytes += body.readUInt32BE(0);
        this.#pump();
        if (wasFull && !this.hasQueued) this.onDrain();
        return true;
      }
      default:
        return false;
    }
  }
}

/** The successful outcome of a request. */
export interface Reply {
  readonly command: string;
  readonly params: Readonly<Record<string, string>>;
  readonly data: Buffer;
}

/** The end that asked. */
export class Asking extends Exchange {
  /** Called when the answering side says how far it is. */
  onProgress: (value: unknown) => void = () => undefined;
  /** The one outcome: the reply, or a DagentError. */
  readonly outcome: Promise<Reply>;
  #resolve: (reply: Reply) => void = () => undefined;
  #reject: (error: DagentError) => void = () => undefined;

  readonly #to: string;

  /** `to` is the destination as the asker wrote it. */
  constructor(address: ExchangeAddress, send: SendFrame, to: string) {
    super(address, send, 0);
    this.#to = to;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Who only listens to the streams has not to handle the outcome as well.
    this.outcome.catch(() => undefined);
  }

  /** Sends the request itself. */
  open(
    kind: Kind,
    more: { timeoutMs?: number | undefined; flags?: number },
    head: Buffer,
    body: Buffer,
  ): void {
    const timeout = more.timeoutMs === undefined ? 0 : encodeTimeout(more.timeoutMs);
    this.sendFrame(kind, { timeout, flags: more.flags ?? 0 }, head, body);
  }

  /** Tells the answering side to stop. The outcome still comes from there. */
  cancel(): void {
    if (!this.isOver) this.sendFrame(Kind.CANCEL, {}, EMPTY, EMPTY);
  }

  /** Ends the exchange from this side: the connection is gone. */
  fail(error: DagentError): void {
    this.isOver = true;
    this.#reject(error);
  }

  /**
   * Routers see keys, not names: where an error speaks of the destination, it is the one asked for.
   */
  #explain(error: DagentError): DagentError {
    const service = parseAddress(this.#to)?.service ?? '';
    const { code, values, details, origin } = error;
    const more = { details, ...(origin === undefined ? {} : { origin }) };
    const named: ErrorValues = code === 'E_NO_SERVICE' ? { service } : {};
    return new DagentError(code, { ...values, to: this.#to, ...named }, more);
  }

  /** Handles a frame of this exchange; true when it was the last. */
  handle(frame: Buffer): boolean {
    if (this.handleStream(frame)) return false;
    const head = unpackMap(headOf(frame));
    switch (frame[At.KIND]) {
      case Kind.PROGRESS:
        this.onProgress(head.value);
        return false;
      case Kind.REPLY:
        this.isOver = true;
        this.#resolve({
          command: String(head.cmd ?? ''),
          params: readParams(head.params),
          data: bodyOf(frame),
        });
        return true;
      case Kind.REJECT:
        this.fail(this.#explain(errorFromData(head.error)));
        return true;
      default:
        return false;
    }
  }
}

/** The end that answers. */
export class Answering extends Exchange {
  /** Called when nobody waits for the outcome any more. `reject` is then the only thing to do. */
  onCancel: () => void = () => undefined;
  /** Called when the outcome is on its way: the endpoint forgets the exchange. */
  onOver: () => void = () => undefined;
  readonly request: Incoming;
  #outcome: (() => void) | undefined;

  constructor(address: ExchangeAddress, send: SendFrame, request: Incoming) {
    super(address, send, Flag.RESPONSE);
    this.request = request;
  }

  /** Ends the exchange well, after what was written to its streams. */
  reply(result: { command?: string; params?: Record<string, string>; data?: Buffer } = {}): void {
    const { command, params, data } = result;
    const head =
      command === undefined && params === undefined ? EMPTY : pack({ cmd: command, params });
    this.#finish(() => this.sendFrame(Kind.REPLY, {}, head, data ?? EMPTY));
  }

  /** Ends the exchange with an error. */
  reject(error: ErrorData): void {
    this.#finish(() => this.sendFrame(Kind.REJECT, {}, pack({ error }), EMPTY));
  }

  /** Says how far it is, or just that it is alive. */
  progress(value: unknown): void {
    if (!this.isOver) this.sendFrame(Kind.PROGRESS, {}, pack({ value }), EMPTY);
  }

  /** The connection is gone: nothing can be answered any more. */
  abandon(): void {
    if (this.isOver) return;
    this.onCancel();
    this.isOver = true;
  }

  #finish(send: () => void): void {
    if (this.#outcome !== undefined || this.isOver) return;
    this.#outcome = send;
    this.#finishIfDrained();
  }

  #finishIfDrained(): void {
    if (this.#outcome === undefined || this.isOver || this.hasQueued) return;
    this.#outcome();
    this.isOver = true;
    this.onOver();
  }

  handle(frame: Buffer): void {
    if (this.handleStream(frame)) {
      this.#finishIfDrained();
    } else if (frame[At.KIND] === Kind.CANCEL) {
      // What is still queued has no reader: it must not hold up the outcome.
      this.discardStreams();
      this.onCancel();
      this.#finishIfDrained();
    }
  }
}
