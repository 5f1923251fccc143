/**
 * What is kept of a stream that is longer than its spool: its beginning and its end. The middle is
 * given back to the disk while the job still writes, so that places in the stream never move.
 */
import type { JobGap } from '../ports/job-host.ts';

export const NO_GAP: JobGap = { from: 0, to: 0 };

/** Disks give room back in whole blocks. */
const BLOCK_BYTES = 4_096;

/**
 * The gap of a stream that has `bytes` and keeps `bytesMax`, or undefined when that does not change
 * it. It grows by a quarter of what is kept, so that it is seldom moved.
 */
export function growGap(gap: JobGap, bytes: number, bytesMax: number): JobGap | undefined {
  const from = Math.ceil(bytesMax / 2 / BLOCK_BYTES) * BLOCK_BYTES;
  const to = Math.floor((bytes - bytesMax / 2) / BLOCK_BYTES) * BLOCK_BYTES;
  const former = gap.to > gap.from ? gap.to : from;
  return bytes > bytesMax && to - former >= bytesMax / 4 ? { from, to } : undefined;
}

export type Piece =
  | { readonly kind: 'kept'; readonly at: number; readonly length: number }
  | { readonly kind: 'omitted'; readonly to: number; readonly bytes: number };

/** What comes next in a stream from `at` on, up to `end` and no longer than `lengthMax`. */
export function nextPiece(
  gap: JobGap,
  at: number,
  end: number,
  lengthMax: number,
): Piece | undefined {
  if (at >= end) return undefined;
  if (at >= gap.from && at < gap.to) return { kind: 'omitted', to: gap.to, bytes: gap.to - at };
  const stop = at < gap.from ? Math.min(end, gap.from) : end;
  return { kind: 'kept', at, length: Math.min(lengthMax, stop - at) };
}
