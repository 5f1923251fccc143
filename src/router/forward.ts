/**
 * What becomes of an envelope: it goes on, it is delivered here, or it ends and whoever waits is
 * told. The hot path: it reads the prefix in place and changes no byte but the hop limit, and in a
 * frame to the nearest of a service the node that this is, once a router knows it.
 */
import { viewOf } from '../base/view.ts';
import type { ErrorData } from '../protocol/errors.ts';
import {
  At,
  EXPLICIT_MARK,
  Flag,
  type FrameHeader,
  Kind,
  readHeader,
  readNodeKey,
  writeNodeKey,
} from '../protocol/frame.ts';
import { HOPS_MAX, PENDING_PER_LINK_MAX } from '../protocol/limits.ts';
import { deliver } from './delivery.ts';
import { emitSend, errorAt } from './emit.ts';
import { findHint } from './hints.ts';
import { hold } from './holding.ts';
import { isLocal, type Link } from './link.ts';
import { memorize, recall } from './memo.ts';
import { destinationOf, isAsking, openPending, tellAnswerer } from './pending.ts';
import { dropSlow, refuseLocal, rejectFrame } from './rejecting.ts';
import { takeAnswer } from './serving.ts';
import type { Router } from './state.ts';
import { tapMade } from './tap.ts';
import { routeTraced, type UnderWay } from './trace.ts';
import { type Course, findWay, setMark, type Target } from './ways.ts';
import { isFirstHere } from './window.ts';

/** Sends on what this router made in this step. What cannot go on is counted and ends here. */
export function sendNotices(router: Router, nowMs: number): void {
  const { notices } = router;
  // What is delivered here may make another one.
  for (let index = 0; index < notices.length; index++) {
    const frame = notices[index];
    if (frame === undefined) continue;
    const view = viewOf(frame);
    const way = findWay(router, targetOf(view, 0));
    if ('link' in way) setMark(view, 0, way.mark);
    if (router.tap !== null) tapMade(router, 'link' in way ? way.link : null, frame);
    if ('error' in way) router.counters.droppedUnreachable++;
    else if (!isLocal(way.link) || deliver(router, way.link, readHeader(view, 0), nowMs)) {
      emitSend(router, way.link.id, frame);
    }
  }
  notices.length = 0;
}

function targetOf(view: DataView, at: number): Required<Target> {
  const toNode = readNodeKey(view, at + At.TO_NODE);
  return { toNode, toService: view.getUint32(at + At.TO_SERVICE), mark: markOf(view, at) };
}

function markOf(view: DataView, at: number): number {
  return view.getUint8(at + At.HOPS) & EXPLICIT_MARK;
}

/** Why a local program may not send such a frame, if so. */
export function objectToLocal(
  router: Router,
  from: Link,
  header: FrameHeader,
): ErrorData | undefined {
  if (header.fromNode !== router.key) return errorAt(router, 'E_FORGED_SOURCE', {});
  if (!from.services.has(header.fromService)) return errorAt(router, 'E_FORGED_SOURCE', {});
  const isBroadcast = (header.flags & Flag.BROADCAST) !== 0;
  // Ids of exchanges are its own as well: else it could end those of others. And those of
  // broadcasts: else those of others could pass for duplicates.
  const isOwnId = from.role !== 'client' || header.seed === from.seed;
  const isPlain = header.kind === Kind.MESSAGE && !isBroadcast;
  if (!isPlain && !isOwnId) return errorAt(router, 'E_FORGED_SOURCE', {});
  if (!isAsking(header.kind, header.flags)) return undefined;
  if (isBroadcast) return errorAt(router, 'E_BROADCAST', { to: 'the address' });
  if (from.pending.size >= PENDING_PER_LINK_MAX) {
    return errorAt(router, 'E_TOO_MANY_REQUESTS', { max: PENDING_PER_LINK_MAX });
  }
  if (!from.pending.has(header.number)) return undefined;
  const reason = `its number ${header.number} is that of a request without an outcome`;
  return errorAt(router, 'E_FRAME_INVALID', { reason });
}

/** An answer of a program of this node. It needs no source: it was asked. */
function admitAnswer(router: Router, from: Link, header: FrameHeader): Course | null {
  if (header.fromNode !== router.key || !takeAnswer(from, header)) {
    router.counters.droppedLate++;
    return null;
  }
  const way = findWay(router, header);
  if ('link' in way) return way;
  rejectFrame(router, header, way.error);
  return null;
}

/** A frame from a program of this node: is it who it says, and does it open an exchange? */
function admitLocal(
  router: Router,
  frame: UnderWay,
  header: FrameHeader,
  nowMs: number,
): Course | null {
  const { from } = frame;
  if ((header.flags & Flag.RESPONSE) !== 0) return admitAnswer(router, from, header);
  const objection = objectToLocal(router, from, header);
  if (objection !== undefined) return refuseLocal(router, from, header, objection);
  if (header.kind === Kind.TAKEN) {
    tellAnswerer(router, from, header);
    return null;
  }
  const { toService } = header;
  const way = findWay(router, { toNode: destinationOf(from, header), toService });
  if ('error' in way) {
    if (!hold(router, frame, nowMs)) return refuseLocal(router, from, header, way.error);
    const sent = { via: from, node: router.key, nowMs };
    if (isAsking(header.kind, header.flags)) openPending(router, from, header, sent);
    return null;
  }
  const { link, mark } = way;
  const node = way.node === 0 ? findHint(router, toService) : way.node;
  if (isAsking(header.kind, header.flags)) {
    openPending(router, from, header, { via: link, node, nowMs });
  }
  return { link, node, mark };
}

/** Writes into a frame to the nearest which one that is: nobody further on chooses again. */
function settle({ view, at }: UnderWay, { link, node, mark }: Course): Link {
  if (isLocal(link)) return link;
  setMark(view, at, mark);
  if (node !== 0) writeNodeKey(view, node, at + At.TO_NODE);
  return link;
}

/** Takes one from the hop limit; false when none is left. The mark stays. */
export function takeHop(view: DataView, at: number): boolean {
  const hops = view.getUint8(at + At.HOPS) & ~EXPLICIT_MARK;
  if (hops === 0) return false;
  view.setUint8(at + At.HOPS, (Math.min(hops, HOPS_MAX) - 1) | markOf(view, at));
  return true;
}

/** This router chooses the nearest for an asker far away, who will hear of it from that node. */
function noteChoice({ view, at }: UnderWay, to: Link): void {
  if (isLocal(to) || view.getUint8(at + At.KIND) !== Kind.REQUEST) return;
  view.setUint8(at + At.FLAGS, view.getUint8(at + At.FLAGS) | Flag.CHOSEN);
}

/** A frame from another node: may it go on, and where? */
function admitRemote(router: Router, frame: UnderWay, nowMs: number): Course | null {
  const { from, view, at } = frame;
  if (!takeHop(view, at)) {
    const error = errorAt(router, 'E_HOP_LIMIT', {
      to: 'the receiver',
      max: HOPS_MAX,
      node: router.config.name,
    });
    rejectFrame(router, readHeader(view, at), error);
    return null;
  }
  const target = targetOf(view, at);
  const way = findWay(router, target, from);
  if ('link' in way) {
    if (target.toNode === 0 && way.node !== 0) noteChoice(frame, way.link);
    return way;
  }
  if (!hold(router, frame, nowMs)) rejectFrame(router, readHeader(view, at), way.error);
  return null;
}

/** The way of a plain message, looked up in the tables, and remembered for those that follow. */
function lookUp(router: Router, frame: UnderWay, nowMs: number): Link | null {
  const { from, view, at } = frame;
  const { toNode, mark: markIn } = targetOf(view, at);
  const course = isLocal(from)
    ? admitLocal(router, frame, readHeader(view, at), nowMs)
    : admitRemote(router, frame, nowMs);
  if (course === null) return null;
  const { link, node, mark: markOut } = course;
  const nearest = node === toNode ? 0 : node;
  memorize(router, frame, { nearest, link, markIn, markOut });
  return link;
}

/** A frame that is more than a plain message: of an exchange, or one whose sender wants to know. */
function routeExchange(router: Router, frame: UnderWay, nowMs: number): Link | null {
  const { from, view, at } = frame;
  const header = isLocal(from) ? readHeader(view, at) : null;
  const course =
    header === null ? admitRemote(router, frame, nowMs) : admitLocal(router, frame, header, nowMs);
  if (course === null) return null;
  const to = settle(frame, course);
  if (to.isCongested && view.getUint8(at + At.KIND) === Kind.MESSAGE) {
    return dropSlow(router, to, readHeader(view, at));
  }
  if (isLocal(to)) {
    if (!isLocal(from) && !isFirstHere(router, view, at, nowMs)) return null;
    return deliver(router, to, header ?? readHeader(view, at), nowMs) ? to : null;
  }
  router.counters.framesForwarded++;
  return to;
}

/** A plain message, of which there are most: where the last one went, or what the tables say. */
function routePlain(router: Router, frame: UnderWay, nowMs: number): Link | null {
  const { from, view, at } = frame;
  const to = recall(router, frame) ?? lookUp(router, frame, nowMs);
  if (to === null) return null;
  if (to.isCongested) return dropSlow(router, to, readHeader(view, at));
  if (isLocal(to)) {
    if (!isLocal(from) && !isFirstHere(router, view, at, nowMs)) return null;
    router.counters.framesDelivered++;
  } else {
    const { memo } = from;
    if (memo.nearest !== 0) writeNodeKey(view, memo.nearest, at + At.TO_NODE);
    if (memo.markOut !== memo.markIn) setMark(view, at, memo.markOut);
    router.counters.framesForwarded++;
  }
  return to;
}

/**
 * Where the frame goes, byte for byte; null when this step has dealt with it. What a frame of a
 * local program claims as its source is checked; what other nodes pass on is not: their own first
 * node has.
 */
export function routeFrame(router: Router, frame: UnderWay, nowMs: number): Link | null {
  const { from, view, at } = frame;
  if (isLocal(from) && view.getUint8(at + At.HOPS) > HOPS_MAX) {
    view.setUint8(at + At.HOPS, HOPS_MAX);
  }
  const flags = view.getUint8(at + At.FLAGS);
  if (view.getUint8(at + At.KIND) === Kind.MESSAGE && flags === 0) {
    return routePlain(router, frame, nowMs);
  }
  if ((flags & Flag.TRACE) === 0) return routeExchange(router, frame, nowMs);
  return routeTraced(router, frame, () => routeExchange(router, frame, nowMs));
}
