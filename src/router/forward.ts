/**
 * Where an envelope goes next. The hot path: it reads the prefix in place, changes no byte but the hop
 * limit, and lets consecutive frames that leave by one link leave as one slice.
 *
 * Explicit routes point down. The default route points up, and only what came from below or from here
 * may take it: what came down goes on by an explicit route or is rejected, so nothing can circle.
 */
import type { NodeKey, ServiceKey } from '../protocol/address.ts';
import type { ErrorData } from '../protocol/errors.ts';
import {
  At,
  decodeHeader,
  encodeFrame,
  Flag,
  type FrameHeader,
  Kind,
  readNodeKey,
} from '../protocol/frame.ts';
import { HOPS_MAX, PENDING_PER_LINK_MAX } from '../protocol/limits.ts';
import { emitSend, encodeCancel, encodeReject, errorAt } from './emit.ts';
import { handleNodeFrame } from './joining.ts';
import { closeServing, openPending, openServing } from './pending.ts';
import { findNearest, findRoute } from './routes.ts';
import { type Link, parentLink, type Router } from './state.ts';

/** Where a frame goes, or why it goes nowhere. */
type Way = { readonly link: Link; readonly node: NodeKey } | { readonly error: ErrorData };

function unreachable(router: Router, toNode: NodeKey): Way {
  const to = router.nodes.get(toNode)?.record.name ?? 'the receiver';
  return { error: errorAt(router, 'E_UNREACHABLE', { to, node: router.config.name }) };
}

function findLocal(router: Router, service: ServiceKey): Way {
  const link = router.endpoints.get(service);
  if (link !== undefined) return { link, node: router.key };
  const values = { node: router.config.name, service: 'of that name' };
  return { error: errorAt(router, 'E_NO_SERVICE', values) };
}

/** The next hop of a frame that came by `from`; from nowhere when it was made here. */
function findWay(router: Router, toNode: NodeKey, toService: ServiceKey, from?: Link): Way {
  if (toNode === router.key) return findLocal(router, toService);
  if (toNode === 0) {
    const link = router.endpoints.get(toService);
    if (link !== undefined) return { link, node: router.key };
  }
  const route = toNode === 0 ? findNearest(router, toService) : findRoute(router, toNode);
  const below = route && router.links.get(route.via);
  if (route !== undefined && below !== undefined) {
    return below === from ? unreachable(router, toNode) : { link: below, node: route.key };
  }
  // A node that was lost from below may have come back elsewhere: above they know.
  const up = parentLink(router);
  if (up === undefined || up === from) return unreachable(router, toNode);
  return { link: up, node: toNode };
}

/** Sends a frame that this router made, if there is a way; else it is counted and ends here. */
export function sendRouted(router: Router, frame: Buffer): void {
  const toService = frame.readUInt32BE(At.TO_SERVICE);
  const way = findWay(router, readNodeKey(frame, At.TO_NODE), toService);
  if ('error' in way) router.counters.droppedUnreachable++;
  else if (isLocal(way.link) && !deliverLocal(router, way.link, frame, 0)) return;
  else emitSend(router, way.link.id, frame);
}

function isLocal(link: Link): boolean {
  return link.role === 'client' || link.role === 'builtin';
}

/** Whether the sender of such a frame waits to hear what became of it. */
function isAsking(kind: number, flags: number): boolean {
  return kind === Kind.REQUEST || (kind === Kind.MESSAGE && (flags & Flag.REPORT) !== 0);
}

/** Tells the sender of a frame that it ends here, in the way that its kind calls for. */
function rejectFrame(router: Router, header: FrameHeader, error: ErrorData): void {
  router.counters.rejected++;
  const { kind, flags } = header;
  if ((flags & Flag.RESPONSE) !== 0) {
    // The asking side is gone: the answering side need not work on.
    const isOngoing = kind === Kind.DATA || kind === Kind.PROGRESS || kind === Kind.CREDIT;
    const { fromNode: toNode, fromService: toService, seed, number } = header;
    const to = { toNode, toService, seed, number };
    if (isOngoing) sendRouted(router, encodeCancel(router, to, 0));
  } else if (isAsking(kind, flags)) {
    sendRouted(router, encodeReject(router, header, error));
  }
}

/** As {@link rejectFrame}, to a program of this node, whose request was not even opened. */
function refuseLocal(router: Router, from: Link, header: FrameHeader, error: ErrorData): null {
  if (isAsking(header.kind, header.flags)) {
    router.counters.rejected++;
    emitSend(router, from.id, encodeReject(router, header, error));
  } else {
    rejectFrame(router, header, error);
  }
  return null;
}

/** A frame from a program of this node: is it who it says, and does it open an exchange? */
function admitLocal(router: Router, from: Link, header: FrameHeader, nowMs: number): Link | null {
  if (header.fromNode !== router.key || !from.services.has(header.fromService)) {
    return refuseLocal(router, from, header, errorAt(router, 'E_FORGED_SOURCE', {}));
  }
  const way = findWay(router, header.toNode, header.toService);
  if ('error' in way) return refuseLocal(router, from, header, way.error);
  const { kind, flags, seed, number } = header;
  const isFinal = kind === Kind.REPLY || kind === Kind.REJECT;
  if (isFinal && (flags & Flag.RESPONSE) !== 0) closeServing(from, seed, number);
  if (!isAsking(kind, flags)) return way.link;
  const asked = { ...header, toNode: way.node };
  if (openPending(router, from, asked, { via: way.link.id, nowMs })) return way.link;
  const error = errorAt(router, 'E_TOO_MANY_REQUESTS', { max: PENDING_PER_LINK_MAX });
  return refuseLocal(router, from, header, error);
}

/** A frame from another node: may it go on, and where? */
function admitRemote(router: Router, from: Link, bytes: Buffer, at: number): Link | null {
  const toNode = readNodeKey(bytes, at + At.TO_NODE);
  const toService = bytes.readUInt32BE(at + At.TO_SERVICE);
  const hops = bytes[at + At.HOPS] ?? 0;
  if (hops === 0) {
    const error = errorAt(router, 'E_HOP_LIMIT', { to: 'the receiver', max: HOPS_MAX });
    rejectFrame(router, decodeHeader(bytes, at), error);
    return null;
  }
  bytes[at + At.HOPS] = hops - 1;
  const way = findWay(router, toNode, toService, from);
  if ('link' in way) return way.link;
  rejectFrame(router, decodeHeader(bytes, at), way.error);
  return null;
}

/** A frame for a program of this node: false when nobody waits for it any more. */
function deliverLocal(router: Router, to: Link, bytes: Buffer, at: number): boolean {
  const flags = bytes[at + At.FLAGS] ?? 0;
  const kind = bytes[at + At.KIND] ?? 0;
  if ((flags & Flag.RESPONSE) !== 0) {
    const number = bytes.readUInt32BE(at + At.NUMBER);
    const isFinal = kind === Kind.REPLY || kind === Kind.REJECT;
    const isAwaited = isFinal ? to.pending.delete(number) : to.pending.has(number);
    if (!isAwaited) {
      router.counters.droppedLate++;
      return false;
    }
  } else if (kind === Kind.REQUEST) {
    openServing(to, decodeHeader(bytes, at));
  } else if (isAsking(kind, flags)) {
    confirmDelivery(router, decodeHeader(bytes, at));
  }
  router.counters.framesDelivered++;
  return true;
}

/** The sender of a message asked to be told: it is in its receiver's hands now. */
function confirmDelivery(router: Router, header: FrameHeader): void {
  const { fromNode: toNode, fromService: toService, seed, number } = header;
  const source = { fromNode: router.key, fromService: header.toService, seed, number };
  const fields = { kind: Kind.REPLY, flags: Flag.RESPONSE, toNode, toService, ...source };
  sendRouted(router, encodeFrame(fields));
}

function dropSlow(router: Router, to: Link, header: FrameHeader): null {
  router.counters.droppedSlowPeer++;
  const name = to.peer?.name ?? [...to.services.values()].at(-1) ?? 'the receiver';
  const error = errorAt(router, 'E_DROPPED', { to: name, node: router.config.name });
  rejectFrame(router, header, error);
  return null;
}

/** The link of the last frame from the same sender, when this one goes the same plain way. */
function recall(router: Router, from: Link, bytes: Buffer, at: number): Link | null {
  const { memo } = from;
  if (memo.tableVersion !== router.tableVersion) return null;
  if (bytes[at + At.KIND] !== Kind.MESSAGE || bytes[at + At.FLAGS] !== 0) return null;
  if (bytes.readUInt32BE(at + At.TO_SERVICE) !== memo.toService) return null;
  if (readNodeKey(bytes, at + At.TO_NODE) !== memo.toNode) return null;
  if (isLocal(from)) {
    if (readNodeKey(bytes, at + At.FROM_NODE) !== router.key) return null;
    if (!from.services.has(bytes.readUInt32BE(at + At.FROM_SERVICE))) return null;
    return memo.link;
  }
  const hops = bytes[at + At.HOPS] ?? 0;
  if (hops === 0) return null;
  bytes[at + At.HOPS] = hops - 1;
  return memo.link;
}

/**
 * Where the frame at `at` goes, byte for byte; null when this step has dealt with it.
 * What a frame of a local program claims as its source is checked; what other nodes pass on is not:
 * their own first node has.
 */
export function routeFrame(
  router: Router,
  from: Link,
  bytes: Buffer,
  at: number,
  nowMs: number,
): Link | null {
  let to = recall(router, from, bytes, at);
  if (to === null) {
    const toNode = readNodeKey(bytes, at + At.TO_NODE);
    const toService = bytes.readUInt32BE(at + At.TO_SERVICE);
    if (toNode === router.key && toService === 0 && !isLocal(from)) {
      handleNodeFrame(router, bytes.subarray(at), nowMs);
      return null;
    }
    to = isLocal(from)
      ? admitLocal(router, from, decodeHeader(bytes, at), nowMs)
      : admitRemote(router, from, bytes, at);
    if (to === null) return null;
    from.memo = { toNode, toService, link: to, tableVersion: router.tableVersion };
  }
  if (to.isCongested && bytes[at + At.KIND] === Kind.MESSAGE) {
    return dropSlow(router, to, decodeHeader(bytes, at));
  }
  if (isLocal(to)) return deliverLocal(router, to, bytes, at) ? to : null;
  router.counters.framesForwarded++;
  return to;
}
