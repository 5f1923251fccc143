/** Writes frames into large buffers, so that a burst of small ones costs one write. */
import { viewOf } from '../base/view.ts';
import {
  At,
  encodeFrame,
  type FrameFields,
  type FrameHeader,
  PREFIX_BYTES,
  writePrefix,
} from '../protocol/frame.ts';

/** Size of a buffer: what a socket takes in one go. */
const SLAB_BYTES = 65_536;
/** Buffers that are kept for use again: as much as a busy sender has in its socket at a time. */
const SLABS_KEPT = 16;

export interface FrameSink {
  /**
   * Takes whole frames. The bytes are not touched again before `onTaken` is called, which a sink
   * may do once it has no more use for them.
   */
  write(bytes: Buffer, onTaken: () => void): void;
  /** Calls `flush` soon, after what is being done now. */
  schedule(flush: () => void): void;
}

/** What a frame may have of its own, besides its number and its body. */
export type FrameVariation = Pick<FrameHeader, 'kind' | 'flags' | 'timeout'>;

/** A buffer that is filled with frames, and may be used again when all of them are taken. */
interface Slab {
  readonly bytes: Buffer;
  readonly view: DataView;
  /** Writes that are not taken yet. */
  untaken: number;
  readonly onTaken: () => void;
}

const nothing = (): void => undefined;

function vary(view: DataView, at: number, number: number, more?: FrameVariation): void {
  view.setUint32(at + At.NUMBER, number);
  if (more === undefined) return;
  view.setUint8(at + At.KIND, more.kind);
  view.setUint8(at + At.FLAGS, more.flags);
  view.setUint16(at + At.TIMEOUT, more.timeout);
}

export class FrameWriter {
  readonly #sink: FrameSink;
  #spare: Slab[] = [];
  #slab = this.#createSlab();
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
    const { bytes, view } = this.#slab;
    writePrefix(view, at, fields, { totalBytes, headBytes: head.length });
    bytes.set(head, at + PREFIX_BYTES);
    bytes.set(body, at + PREFIX_BYTES + head.length);
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
    const { bytes, view } = this.#slab;
    bytes.set(template, at);
    view.setUint32(at, totalBytes - 4);
    vary(view, at, number, more);
    bytes.set(body, at + template.length);
  }

  /** A frame that no buffer holds. */
  #writeAlone(frame: Buffer): void {
    this.flush();
    this.#sink.write(frame, nothing);
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

  #createSlab(): Slab {
    const bytes = Buffer.allocUnsafeSlow(SLAB_BYTES);
    const onTaken = (): void => {
      slab.untaken--;
      this.#reclaim(slab);
    };
    const slab: Slab = { bytes, view: viewOf(bytes), untaken: 0, onTaken };
    return slab;
  }

  #reclaim(slab: Slab): void {
    if (slab.untaken > 0 || slab === this.#slab || this.#spare.length >= SLABS_KEPT) return;
    this.#spare.push(slab);
  }

  #renew(): void {
    this.flush();
    const full = this.#slab;
    this.#slab = this.#spare.pop() ?? this.#createSlab();
    this.#reclaim(full);
    this.#startBytes = 0;
    this.#endBytes = 0;
  }

  /** Hands on what has gathered. */
  flush(): void {
    if (this.#endBytes === this.#startBytes) return;
    const slab = this.#slab;
    const bytes = slab.bytes.subarray(this.#startBytes, this.#endBytes);
    this.#startBytes = this.#endBytes;
    slab.untaken++;
    this.#sink.write(bytes, slab.onTaken);
  }
}
