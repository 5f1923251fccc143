/**
 * Envelopes that end here before they are delivered: whoever waits for an outcome is told of it,
 * by the way that the kind of the envelope calls for.
 */
import type { ErrorData } from '../protocol/errors.ts';
import { Flag, type FrameHeader, Kind } from '../protocol/frame.ts';
import { emitCancel, emitNotice, emitReject, encodeReject, errorAt } from './emit.ts';
import type { Link } from './link.ts';
import { lossBy } from './loss.ts';
import { endPending, isAsking } from './pending.ts';
import type { Router } from './state.ts';

/** The asking side waits no more: the answering side, which sent this, need not work on. */
export function cancelOngoing(router: Router, response: FrameHeader): void {
  const { kind, fromNode: toNode, fromService: toService, seed, number } = response;
  const isOngoing = kind === Kind.DATA || kind === Kind.PROGRESS || kind === Kind.CREDIT;
  if (isOngoing) emitCancel(router, { toNode, toService, seed, number }, response.toService);
}

/** Whether it belongs to a request that went before, and comes from the side that asked. */
function isFollowing(kind: number): boolean {
  return kind === Kind.DATA || kind === Kind.END || kind === Kind.CREDIT || kind === Kind.CANCEL;
}

/** Why the exchange that a frame follows in can go on no more: the request itself had arrived. */
function lostBy(router: Router, error: ErrorData): ErrorData {
  const to = error.values.to ?? 'the receiver';
  return errorAt(router, 'E_LOST', { to, ...lossBy(router, error) });
}

/** Tells the sender of a frame that it ends here, in the way that its kind calls for. */
export function rejectFrame(router: Router, header: FrameHeader, error: ErrorData): void {
  const { kind, flags } = header;
  router.counters.rejected++;
  if (router.tap !== null) router.tap.code = error.code;
  if ((flags & Flag.RESPONSE) !== 0) cancelOngoing(router, header);
  else if (isAsking(kind, flags) || kind === Kind.PROBE) {
    emitNotice(router, encodeReject(router, header, error));
  } else if (isFollowing(kind)) {
    emitNotice(router, encodeReject(router, header, lostBy(router, error)));
  }
}

/**
 * As {@link rejectFrame}, to a program of this node: at once, since its request was not even
 * opened, or is open here.
 */
export function refuseLocal(
  router: Router,
  from: Link,
  header: FrameHeader,
  error: ErrorData,
): null {
  router.counters.rejected++;
  if (router.tap !== null) router.tap.code = error.code;
  if (isAsking(header.kind, header.flags)) emitReject(router, from, header, error);
  else if (isFollowing(header.kind) && error.code !== 'E_FORGED_SOURCE') {
    endPending(router, from, header.number, lostBy(router, error));
  }
  return null;
}

/** A message for who does not keep up. */
export function dropSlow(router: Router, to: Link, header: FrameHeader): null {
  router.counters.droppedSlowPeer++;
  const name = to.peer?.name ?? [...to.services.values()].at(-1) ?? 'the receiver';
  const error = errorAt(router, 'E_DROPPED', { to: name, node: router.config.name });
  rejectFrame(router, header, error);
  return null;
}
