/** How envelopes ended at a node: each in exactly one of these ways, and each is counted. */

export interface Counters {
  framesForwarded: number;
  framesDelivered: number;
  rejected: number;
  expired: number;
  /** Requests of programs of this node whose way, or answerer, was lost. */
  lost: number;
  /** Messages that were kept because their receiver was away, and what became of them. */
  held: number;
  heldReleased: number;
  heldExpired: number;
  heldDisplaced: number;
  droppedSlowPeer: number;
  droppedLate: number;
  droppedUnreachable: number;
  /** Not handed over because only their way was of interest. */
  endedDry: number;
  droppedDuplicate: number;
}

export function createCounters(): Counters {
  return {
    framesForwarded: 0,
    framesDelivered: 0,
    rejected: 0,
    expired: 0,
    lost: 0,
    held: 0,
    heldReleased: 0,
    heldExpired: 0,
    heldDisplaced: 0,
    droppedSlowPeer: 0,
    droppedLate: 0,
    droppedUnreachable: 0,
    endedDry: 0,
    droppedDuplicate: 0,
  };
}
