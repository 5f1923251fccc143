/** Writes frames into large buffers, so that a burst of small ones costs one write. */
import {
  At,
  encodeFrame,
  type FrameFields,
  type FrameHeader,
  PREFIX_BYTES,
  writePrefix,
} from '../protocol/frame.ts';
import { viewOf } from './flow-table.ts';

/** Size of a buffer: what a socket takes in one go. */
const SLAB_BYTES = 65_536;

export interface FrameSink {
  /** Takes whole frames; the bytes are not touched again. */
  write(bytes: Buffer): void;
  /** Calls `flush` soon, after what is being done now. */
  schedule(flush: () => void): void;
}

/** What a frame may have of its own, besides its number and its body. */
export type FrameVariation = Pick<FrameHeader, 'kind' | 'flags' | 'timeout'>;

function vary(view: DataView, at: number, number: number, more?: FrameVariation): void {
  view.setUint32(at + At.NUMBER, number);
  if (more === undefined) return;
  view.setUint8(at + At.KIND, more.kind);
  view.setUint8(at + At.FLAGS, more.flags);
  view.setUint16(at + At.TIMEOUT, more.timeout);
}

export class FrameWriter {
  readonly #sink: FrameSink;
  #slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  #view = viewOf(this.#slab);
  #startBytes = 0;
  #endBytes = 0;
  #isScheduled = false;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Writes one frame. The caller has checked the sizes of head and body. */
  write(fields: FrameFields, head: Buffer, body: Buffer): void {
    const totalBytes = PREFIX_BYTES + head.length + body.length;
    if (totalBytes > SLAB_BYTES) {
      this.#writeAlone(encodeFrame(fields, head, body));
      return;
    }
    const at = this.#reserve(totalBytes);
    const slab = this.#slab;
    writePrefix(slab, at, fields, { totalBytes, headBytes: head.length });
    slab.set(head, at + PREFIX_BYTES);
    slab.set(body, at + PREFIX_BYTES + head.length);
  }

  /**
   * Writes a frame that differs from `template`, a whole frame without a body, only in its number,
   * its body, and what `more` says: what a sender has to say most is said in one copy.
   */
  writeLike(template: Buffer, number: number, body: Buffer, more?: FrameVariation): void {
    const totalBytes = template.length + body.length;
    if (totalBytes > SLAB_BYTES) {
      const frame = Buffer.concat([template, body], totalBytes);
      frame.writeUInt32BE(totalBytes - 4, 0);
      vary(viewOf(frame), 0, number, more);
      this.#writeAlone(frame);
      return;
    }
    const at = this.#reserve(totalBytes);
    this.#slab.set(template, at);
    this.#view.setUint32(at, totalBytes - 4);
    vary(this.#view, at, number, more);
    this.#slab.set(body, at + template.length);
  }

  /** A frame that no buffer holds. */
  #writeAlone(frame: Buffer): void {
    this.flush();
    this.#sink.write(frame);
  }

  /** Room for a frame, at the offset that is returned; it goes out with the next flush. */
  #reserve(totalBytes: number): number {
    if (this.#endBytes + totalBytes > SLAB_BYTES) this.#renew();
    const at = this.#endBytes;
    this.#endBytes = at + totalBytes;
    this.#schedule();
    return at;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#sink.schedule(() => {
      this.#isScheduled = false;
      this.flush();
    });
  }

  #renew(): void {
    this.flush();
    this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    this.#view = viewOf(this.#slab);
    this.#startBytes = 0;
    this.#endBytes = 0;
  }

  /** Hands on what has gathered. */
  flush(): void {
    if (this.#endBytes === this.#startBytes) return;
    const bytes = this.#slab.subarray(this.#startBytes, this.#endBytes);
    this.#startBytes = this.#endBytes;
    this.#sink.write(bytes);
  }
}
