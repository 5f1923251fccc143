/**
 * Cuts a stream of bytes into runs of whole frames. A run is a slice of what was read, so that
 * frames which go the same way leave without being copied; only a frame that spans two reads is put
 * together.
 */

import { viewOf } from '../base/view.ts';
import { At, PREFIX_BYTES } from './frame.ts';
import { FRAME_BYTES_MAX } from './limits.ts';

/** Why a stream of bytes is not one of frames. */
export type FrameFault =
  | { readonly code: 'E_FRAME_TOO_LONG'; readonly bytes: number }
  | { readonly code: 'E_FRAME_INVALID'; readonly reason: string };

/**
 * Length of the frame that begins at `offset`, 0 when its prefix is not all there yet, or what is
 * wrong with it. Checks what makes a frame safe to walk over and to read, not what it means.
 */
export function measureFrame(
  bytes: Buffer,
  offset: number,
  bytesMax = FRAME_BYTES_MAX,
): number | FrameFault {
  const available = bytes.length - offset;
  if (available < 4) return 0;
  const total = bytes.readUInt32BE(offset) + 4;
  if (total > bytesMax) return { code: 'E_FRAME_TOO_LONG', bytes: total };
  if (total < PREFIX_BYTES) {
    return { code: 'E_FRAME_INVALID', reason: `${total} bytes are less than its prefix` };
  }
  if (available < PREFIX_BYTES) return 0;
  if (PREFIX_BYTES + bytes.readUInt16BE(offset + At.HEAD_LENGTH) > total) {
    return { code: 'E_FRAME_INVALID', reason: 'its head is longer than the frame' };
  }
  return total;
}

export interface Splitter {
  /**
   * The beginning of a frame whose rest has not come yet, in one buffer or none: it has room for
   * the whole frame as soon as the length is known, so that each byte is copied once however it
   * comes.
   */
  parts: Buffer[];
  /** How much of it has come. */
  partBytes: number;
  /** Longest frame that is taken, in bytes. */
  frameBytesMax: number;
}

export function createSplitter(frameBytesMax = FRAME_BYTES_MAX): Splitter {
  return { parts: [], partBytes: 0, frameBytesMax };
}

/** Whole frames, one after the other, or the fault that ends the stream. */
export type Run =
  | { readonly kind: 'frames'; readonly bytes: Buffer }
  | { readonly kind: 'fault'; readonly fault: FrameFault };

/** Keeps the beginning of a frame, less than the whole of it. */
function keep(splitter: Splitter, bytes: Buffer): void {
  if (bytes.length === 0) return;
  const total = measureFrame(bytes, 0, splitter.frameBytesMax);
  const isMeasured = typeof total === 'number' && total > 0;
  const part = Buffer.allocUnsafe(isMeasured ? total : bytes.length);
  bytes.copy(part);
  splitter.parts = [part];
  splitter.partBytes = bytes.length;
}

/**
 * Takes from `chunk` what the prefix lacks, and measures it. Returns what is left, or the fault.
 */
function completePrefix(splitter: Splitter, chunk: Buffer): Buffer | FrameFault {
  const lacking = chunk.subarray(0, PREFIX_BYTES - splitter.partBytes);
  const begun = Buffer.concat([...splitter.parts, lacking]);
  const total = measureFrame(begun, 0, splitter.frameBytesMax);
  if (typeof total !== 'number') return total;
  keep(splitter, begun);
  return chunk.subarray(lacking.length);
}

/** Takes from `chunk` what completes the frame that was begun; returns what is left of it. */
function completePart(splitter: Splitter, chunk: Buffer, runs: Run[]): Buffer {
  const none = chunk.subarray(chunk.length);
  let rest = chunk;
  if (splitter.partBytes < PREFIX_BYTES) {
    const left = completePrefix(splitter, chunk);
    if (!Buffer.isBuffer(left)) {
      runs.push({ kind: 'fault', fault: left });
      return none;
    }
    if (splitter.partBytes < PREFIX_BYTES) return none;
    rest = left;
  }
  const frame = splitter.parts[0] ?? none;
  const copied = rest.copy(frame, splitter.partBytes);
  splitter.partBytes += copied;
  if (splitter.partBytes < frame.length) return none;
  splitter.parts = [];
  splitter.partBytes = 0;
  runs.push({ kind: 'frames', bytes: frame });
  return rest.subarray(copied);
}

/** Where the last whole frame ends: what begins there is not all there, or is faulty. */
function findEnd(bytes: Buffer, frameBytesMax: number): number {
  const view = viewOf(bytes);
  let end = 0;
  while (end + PREFIX_BYTES <= bytes.length) {
    const total = view.getUint32(end) + 4;
    if (total > frameBytesMax || end + total > bytes.length) break;
    if (PREFIX_BYTES + view.getUint16(end + At.HEAD_LENGTH) > total) break;
    end += total;
  }
  return end;
}

/**
 * Feeds what was read; returns whole frames in order. After a fault the stream is of no more use.
 */
export function splitFrames(splitter: Splitter, chunk: Buffer): Run[] {
  const runs: Run[] = [];
  const rest = splitter.partBytes > 0 ? completePart(splitter, chunk, runs) : chunk;
  const end = findEnd(rest, splitter.frameBytesMax);
  if (end > 0) runs.push({ kind: 'frames', bytes: rest.subarray(0, end) });
  const total = measureFrame(rest, end, splitter.frameBytesMax);
  if (typeof total === 'number') keep(splitter, rest.subarray(end));
  else runs.push({ kind: 'fault', fault: total });
  return runs;
}

/** Calls `visit` with each frame of a run. */
export function eachFrame(run: Buffer, visit: (frame: Buffer) => void): void {
  for (let at = 0; at < run.length; ) {
    const end = at + run.readUInt32BE(at) + 4;
    visit(run.subarray(at, end));
    at = end;
  }
}
