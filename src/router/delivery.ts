/** Handing envelopes to programs of this node, and telling those who wait to hear of it. */
import { encodeFrame, Flag, type FrameHeader, Kind } from '../protocol/frame.ts';
import { PENDING_PER_LINK_MAX } from '../protocol/limits.ts';
import { emitNotice, errorAt } from './emit.ts';
import type { Link } from './link.ts';
import { isAsking, takeResponse } from './pending.ts';
import { cancelOngoing, rejectFrame } from './rejecting.ts';
import { openServing } from './serving.ts';
import type { Router } from './state.ts';

/** Answers in the name of a service of this node. */
function answerFor(router: Router, kind: Kind, header: FrameHeader): void {
  const { fromNode: toNode, fromService: toService, seed, number } = header;
  const source = { fromNode: router.key, fromService: header.toService, seed, number };
  const fields = { kind, flags: Flag.RESPONSE, toNode, toService, ...source };
  emitNotice(router, encodeFrame(fields));
}

/** The sender of a message asked to be told: it is in its receiver's hands now. */
function confirmDelivery(router: Router, header: FrameHeader): void {
  answerFor(router, Kind.REPLY, header);
}

/** Who asked for the nearest learns who that is: all that follows comes here. */
function sayTaken(router: Router, header: FrameHeader): void {
  answerFor(router, Kind.TAKEN, header);
}

/** Whether a program of this node is to have a frame that is more than a plain message. */
function admitDelivery(router: Router, to: Link, header: FrameHeader, nowMs: number): boolean {
  const { kind, flags } = header;
  if ((flags & Flag.RESPONSE) !== 0) {
    if (takeResponse(router, to, header, nowMs)) return true;
    router.counters.droppedLate++;
    cancelOngoing(router, header);
    return false;
  }
  if ((flags & Flag.DRY) !== 0) {
    router.counters.endedDry++;
    if (isAsking(kind, flags)) confirmDelivery(router, header);
    return false;
  }
  if (kind === Kind.REQUEST) {
    if (openServing(router, to, header, nowMs)) {
      const isNearest = header.toNode === 0 || (flags & Flag.CHOSEN) !== 0;
      if (isNearest && header.fromNode !== router.key) sayTaken(router, header);
      return true;
    }
    const error = errorAt(router, 'E_TOO_MANY_REQUESTS', { max: PENDING_PER_LINK_MAX });
    rejectFrame(router, header, error);
    return false;
  }
  if (isAsking(kind, flags)) confirmDelivery(router, header);
  return true;
}

/** A frame for a program of this node: false when it is not to have it. */
export function deliver(router: Router, to: Link, header: FrameHeader, nowMs: number): boolean {
  const isAdmitted = admitDelivery(router, to, header, nowMs);
  if (isAdmitted) router.counters.framesDelivered++;
  return isAdmitted;
}
