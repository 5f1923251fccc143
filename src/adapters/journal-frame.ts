/**
 * What one entry of the journal looks like. Integers are big-endian:
 *
 *     0  magic                  24  sequence (48 bits)
 *     4  CRC-32 of what follows 30  bytes of the changes
 *     8  key of the store (16)  34  changes: kind (1), length of the key (2) and of the value (4),
 *                                   key, value
 *
 * It begins at a multiple of the block and fills blocks to their end, so that writing one never
 * touches another that was synced before: a torn write damages itself only. The key is a secret of
 * the store: what somebody sends cannot be made to look like a frame.
 */
import { crc32 } from 'node:zlib';
import type { RecordWrite } from '../base/records.ts';

/** What disks and file systems write as a whole, or tear. */
export const BLOCK_BYTES = 4_096;
export const STORE_KEY_BYTES = 16;

const MAGIC = 0x44_47_4a_31; // DGJ1
const AT = { CRC: 4, KEY: 8, SEQUENCE: 24, LENGTH: 30, CHANGES: 34 } as const;
const SEQUENCE_BYTES = 6;
const CHANGE_HEAD_BYTES = 7;
const PUT = 1;
const REMOVE = 2;

/** Changes that were synced together. */
export interface Frame {
  /** One more than that of the frame before. */
  readonly sequence: number;
  readonly writes: readonly RecordWrite[];
}

/** A frame in a file. */
export interface FoundFrame extends Frame {
  /** Where the next one would begin. */
  readonly endBytes: number;
}

function sizeOf(write: RecordWrite): number {
  const valueBytes = write.kind === 'put' ? write.value.length : 0;
  return CHANGE_HEAD_BYTES + write.key.length + valueBytes;
}

function fillBlock(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}

/** Bytes that a frame takes in its file. */
export function frameBytes(writes: readonly RecordWrite[]): number {
  return fillBlock(writes.reduce<number>((sum, write) => sum + sizeOf(write), AT.CHANGES));
}

function encodeChange(frame: Buffer, at: number, write: RecordWrite): number {
  frame[at] = write.kind === 'put' ? PUT : REMOVE;
  frame.writeUInt16BE(write.key.length, at + 1);
  const valueAt = at + CHANGE_HEAD_BYTES + write.key.length;
  frame.write(write.key, at + CHANGE_HEAD_BYTES, 'latin1');
  frame.writeUInt32BE(write.kind === 'put' ? write.value.length : 0, at + 3);
  return write.kind === 'put' ? valueAt + write.value.copy(frame, valueAt) : valueAt;
}

/** The bytes of a frame, blocks as a whole. `key` has STORE_KEY_BYTES. */
export function encodeFrame({ sequence, writes }: Frame, key: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(frameBytes(writes));
  frame.writeUInt32BE(MAGIC, 0);
  key.copy(frame, AT.KEY);
  frame.writeUIntBE(sequence, AT.SEQUENCE, SEQUENCE_BYTES);
  let end: number = AT.CHANGES;
  for (const write of writes) end = encodeChange(frame, end, write);
  frame.writeUInt32BE(end - AT.CHANGES, AT.LENGTH);
  frame.writeUInt32BE(crc32(frame.subarray(AT.KEY, end)), AT.CRC);
  frame.fill(0, end);
  return frame;
}

/** The changes in checked bytes. */
function decodeChanges(bytes: Buffer): RecordWrite[] {
  const writes: RecordWrite[] = [];
  for (let at = 0; at < bytes.length; ) {
    const keyEnd = at + CHANGE_HEAD_BYTES + bytes.readUInt16BE(at + 1);
    const end = keyEnd + bytes.readUInt32BE(at + 3);
    const key = bytes.toString('latin1', at + CHANGE_HEAD_BYTES, keyEnd);
    const isPut = bytes[at] === PUT;
    // A copy: what was read is let go when all frames are known.
    const value = Buffer.from(bytes.subarray(keyEnd, end));
    writes.push(isPut ? { kind: 'put', key, value } : { kind: 'remove', key });
    at = end;
  }
  return writes;
}

/** The frame that begins at `at`; undefined when none does, or one that is torn or broken. */
function decodeFrame(bytes: Buffer, at: number, key: Buffer): Frame | undefined {
  if (at + AT.CHANGES > bytes.length || bytes.readUInt32BE(at) !== MAGIC) return undefined;
  if (!bytes.subarray(at + AT.KEY, at + AT.SEQUENCE).equals(key)) return undefined;
  const end = at + AT.CHANGES + bytes.readUInt32BE(at + AT.LENGTH);
  if (end > bytes.length) return undefined;
  if (crc32(bytes.subarray(at + AT.KEY, end)) !== bytes.readUInt32BE(at + AT.CRC)) return undefined;
  const sequence = bytes.readUIntBE(at + AT.SEQUENCE, SEQUENCE_BYTES);
  return { sequence, writes: decodeChanges(bytes.subarray(at + AT.CHANGES, end)) };
}

/** All whole frames of a file that come after a sequence, as they lie in it. */
export function findFrames(bytes: Buffer, key: Buffer, after: number): FoundFrame[] {
  const frames: FoundFrame[] = [];
  let at = 0;
  while (at < bytes.length) {
    const frame = decodeFrame(bytes, at, key);
    at += frame === undefined ? BLOCK_BYTES : frameBytes(frame.writes);
    if (frame !== undefined && frame.sequence > after) frames.push({ ...frame, endBytes: at });
  }
  return frames;
}
