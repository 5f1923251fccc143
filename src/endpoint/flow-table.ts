/**
 * Frames of one flow: alike in all but hop limit, number, timeout and body. Who has much to say
 * says most of it in few flows, so that what a frame means is worked out once for each of them.
 */
import { viewOf } from '../base/view.ts';
import { At, PREFIX_BYTES } from '../protocol/frame.ts';

/** Flows that are remembered. Two that have one slot take turns, which costs time only. */
const SLOT_COUNT = 256;
/** Heads that are longer are read each time: what is remembered stays small. */
const HEAD_BYTES_KEPT = 1_024;
/** Kind, flags and channel: the word at `At.KIND` without the hop limit. */
const KIND_MASK = 0xffff00ff | 0;

interface Slot<Meaning> {
  /** A copy of the prefix and the head: a frame's own memory belongs to who gets the message. */
  readonly view: DataView;
  readonly headBytes: number;
  readonly meaning: Meaning;
}

/**
 * Whether the frame at `at` has the prefix and the head of `slot`; its head is as long. Eight bytes
 * at a time: half the time of four.
 */
function isOf(slot: Slot<unknown>, view: DataView, at: number): boolean {
  const known = slot.view;
  if (((view.getInt32(at + At.KIND) ^ known.getInt32(At.KIND)) & KIND_MASK) !== 0) return false;
  if (view.getInt32(at + At.TO_NODE) !== known.getInt32(At.TO_NODE)) return false;
  for (let word = At.TO_NODE + 4; word < At.NUMBER; word += 8) {
    if (view.getBigInt64(at + word) !== known.getBigInt64(word)) return false;
  }
  // The last word may overlap the one before it.
  const last = PREFIX_BYTES + slot.headBytes - 8;
  for (let word = PREFIX_BYTES; word < last; word += 8) {
    if (view.getBigInt64(at + word) !== known.getBigInt64(word)) return false;
  }
  return view.getBigInt64(at + last) === known.getBigInt64(last);
}

export class FlowTable<Meaning> {
  readonly #read: (frame: Buffer) => Meaning;
  #slots: (Slot<Meaning> | undefined)[] = [];

  /** `read` works out what a whole frame means. */
  constructor(read: (frame: Buffer) => Meaning) {
    this.#read = read;
    this.clear();
  }

  /** Forgets all: what they mean has changed. */
  clear(): void {
    this.#slots = new Array<undefined>(SLOT_COUNT).fill(undefined);
  }

  /** What the frame at `at` means; `view` is of `bytes`. */
  find(bytes: Buffer, view: DataView, at: number): Meaning {
    const headBytes = view.getUint16(at + At.HEAD_LENGTH);
    // Senders differ in their keys, and what they say at the end of the head, in the command.
    const end = view.getInt32(at + PREFIX_BYTES + headBytes - 4);
    const mixed = Math.imul(view.getInt32(at + At.FROM_SERVICE) ^ end, 0x9e3779b1);
    const index = mixed >>> 24;
    const slot = this.#slots[index];
    if (slot !== undefined && slot.headBytes === headBytes && isOf(slot, view, at)) {
      return slot.meaning;
    }
    const frame = bytes.subarray(at, at + view.getUint32(at) + 4);
    const meaning = this.#read(frame);
    // With less of a head, the last word would have what differs from frame to frame.
    if (headBytes < 8 || headBytes > HEAD_BYTES_KEPT) return meaning;
    const copy = Buffer.from(frame.subarray(0, PREFIX_BYTES + headBytes));
    this.#slots[index] = { view: viewOf(copy), headBytes, meaning };
    return meaning;
  }
}
