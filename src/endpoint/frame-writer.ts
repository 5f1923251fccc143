/** Writes frames into large buffers, so that a burst of small ones costs one write. */
import { encodeFrame, type FrameFields, PREFIX_BYTES, writePrefix } from '../protocol/frame.ts';

/** Size of a buffer: what a socket takes in one go. */
const SLAB_BYTES = 65_536;

export interface FrameSink {
  /** Takes whole frames; the bytes are not touched again. */
  write(bytes: Buffer): void;
  /** Calls `flush` soon, after what is being done now. */
  schedule(flush: () => void): void;
}

export class FrameWriter {
  readonly #sink: FrameSink;
  #slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
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
      this.flush();
      this.#sink.write(encodeFrame(fields, head, body));
      return;
    }
    if (this.#endBytes + totalBytes > SLAB_BYTES) this.#renew();
    const at = this.#endBytes;
    const slab = this.#slab;
    writePrefix(slab, at, fields, { totalBytes, headBytes: head.length });
    slab.set(head, at + PREFIX_BYTES);
    slab.set(body, at + PREFIX_BYTES + head.length);
    this.#endBytes = at + totalBytes;
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
