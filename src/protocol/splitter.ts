/**
 * Cuts a stream of bytes into runs of whole frames. A run is a slice of what was read, so that
 * frames which go the same way leave without being copied; only a frame that spans two reads is put
 * together.
 */

import { type FrameFault, measureFrame, PREFIX_BYTES } from './frame.ts';
import { FRAME_BYTES_MAX } from './limits.ts';

export interface Splitter {
  /** The beginning of a frame whose rest has not come yet, as it was read. */
  parts: Buffer[];
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

function keep(splitter: Splitter, bytes: Buffer): void {
  if (bytes.length === 0) return;
  splitter.parts.push(bytes);
  splitter.partBytes += bytes.length;
}

/** Takes from `chunk` what completes the frame that was begun; returns what is left of it. */
function completePart(splitter: Splitter, chunk: Buffer, runs: Run[]): Buffer {
  // Only the prefix is needed to measure it, and only a prefix in pieces is put together for that.
  const first = splitter.parts[0] ?? chunk;
  const isPrefixWhole = first.length >= PREFIX_BYTES;
  const begun = isPrefixWhole
    ? first
    : Buffer.concat([...splitter.parts, chunk.subarray(0, PREFIX_BYTES)]);
  const total = measureFrame(begun, 0, splitter.frameBytesMax);
  if (typeof total !== 'number') {
    runs.push({ kind: 'fault', fault: total });
    return chunk.subarray(chunk.length);
  }
  const missing = total - splitter.partBytes;
  if (total === 0 || missing > chunk.length) {
    keep(splitter, chunk);
    return chunk.subarray(chunk.length);
  }
  const frame = Buffer.concat([...splitter.parts, chunk.subarray(0, missing)], total);
  splitter.parts = [];
  splitter.partBytes = 0;
  runs.push({ kind: 'frames', bytes: frame });
  return chunk.subarray(missing);
}

/**
 * Feeds what was read; returns whole frames in order. After a fault the stream is of no more use.
 */
export function splitFrames(splitter: Splitter, chunk: Buffer): Run[] {
  const runs: Run[] = [];
  const rest = splitter.partBytes > 0 ? completePart(splitter, chunk, runs) : chunk;
  let end = 0;
  while (end < rest.length) {
    const total = measureFrame(rest, end, splitter.frameBytesMax);
    if (typeof total !== 'number') {
      if (end > 0) runs.push({ kind: 'frames', bytes: rest.subarray(0, end) });
      runs.push({ kind: 'fault', fault: total });
      return runs;
    }
    if (total === 0 || end + total > rest.length) break;
    end += total;
  }
  if (end > 0) runs.push({ kind: 'frames', bytes: rest.subarray(0, end) });
  keep(splitter, rest.subarray(end));
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
