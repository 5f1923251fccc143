/**
 * Being known in the tree. The top tells every node that it heard of (JOINED); the node where two
 * of one name meet tells the newcomer to go (EVICTED). Both are routed down by the newcomer's own
 * key: from below or from a program, such a frame is a forgery.
 */
import type { NodeKey } from '../protocol/address.ts';
import { type ErrorData, errorFromData } from '../protocol/errors.ts';
import { At, encodeFrame, Flag, headOf, Kind, readNodeKey } from '../protocol/frame.ts';
import { pack, unpackMap } from '../protocol/pack.ts';
import { type Advert, keyOf } from '../protocol/record.ts';
import { emitEvent, emitSend } from './emit.ts';
import type { LinkId } from './io.ts';
import type { Link } from './link.ts';
import { Reach } from './route.ts';
import { findRoute } from './routes.ts';
import { parentLink, type Router } from './state.ts';
import { dropLink } from './teardown.ts';

function encodeNodeFrame(router: Router, kind: Kind, toNode: NodeKey, head: unknown): Buffer {
  const fields = { kind, flags: Flag.RESPONSE, toNode, fromNode: router.key };
  return encodeFrame(fields, pack(head));
}

/** At the top: answers the word about a node that is new here, or has a new place. */
export function welcomeNode(router: Router, advert: Advert, link: LinkId): void {
  if (parentLink(router) !== undefined) return;
  emitSend(router, link, encodeNodeFrame(router, Kind.JOINED, keyOf(advert.record), {}));
}

/** Sends away a node whose name another one has, by the link by which it is reached. */
export function evictNode(router: Router, advert: Advert, link: LinkId, error: ErrorData): void {
  emitSend(router, link, encodeNodeFrame(router, Kind.EVICTED, keyOf(advert.record), { error }));
  emitEvent(router, { kind: 'linkRefused', link, error });
}

function handleJoined(router: Router, nowMs: number): void {
  const { uplink } = router;
  if (uplink.isJoined) return;
  uplink.isJoined = true;
  uplink.settledAtMs = nowMs;
  emitEvent(router, { kind: 'joined' });
}

/** Whether a frame of the top is passed on: it goes down the tree, and over no link to a peer. */
export function isPassedDown(router: Router, toNode: NodeKey): boolean {
  const route = findRoute(router, toNode);
  return toNode !== router.key && route?.reach === Reach.BELOW;
}

/** A frame from above that ends here: it is for the router itself, or nobody below is meant. */
export function handleNodeFrame(router: Router, up: Link, frame: Buffer, nowMs: number): void {
  if (readNodeKey(frame, At.TO_NODE) !== router.key) {
    router.counters.droppedUnreachable++;
    return;
  }
  if (frame[At.KIND] === Kind.JOINED) return handleJoined(router, nowMs);
  const error = errorFromData(unpackMap(headOf(frame)).error).toData();
  dropLink(router, up, error, nowMs);
  emitEvent(router, { kind: 'evicted', error });
}
