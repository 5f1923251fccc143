/**
 * Being known in the tree. The top tells every node that it heard of (JOINED); the node where two
 * of one name meet tells the newcomer to go (EVICTED). Both go down the tree from parent to child,
 * whatever the shortest way is: from below, from a peer or a program, such a frame is a forgery.
 */
import { viewOf } from '../base/view.ts';
import { type NodeKey, nodeKeyOf } from '../protocol/address.ts';
import { type ErrorData, errorFromData } from '../protocol/errors.ts';
import { At, encodeFrame, Flag, headOf, Kind, readNodeKey } from '../protocol/frame.ts';
import { HOPS_MAX, JOINED_HOLD_MS } from '../protocol/limits.ts';
import { pack, unpackMap } from '../protocol/pack.ts';
import { keyOf, type NodeRecord } from '../protocol/record.ts';
import { findBranch } from './branch.ts';
import { emitEvent, emitSend } from './emit.ts';
import type { Link } from './link.ts';
import { Reach, type Route } from './route.ts';
import { parentLink, type Router } from './state.ts';
import { dropLink } from './teardown.ts';

function encodeNodeFrame(router: Router, kind: Kind, toNode: NodeKey, head: unknown): Buffer {
  const fields = { kind, flags: Flag.RESPONSE, toNode, fromNode: router.key };
  return encodeFrame(fields, pack(head));
}

/** A node that is to hear that it is known, as soon as it is known where it is. */
export interface Unwelcomed {
  readonly untilMs: number;
  /** Whoever knows only of its places before that one does not know where it is. */
  readonly joinedSeqno: number;
}

/** Whether what is known of a node is from before it came to its place. */
function isFormerPlace({ record, reach }: Route, joinedSeqno: number): boolean {
  if (record.joinedSeqno < joinedSeqno) return true;
  return reach === Reach.BELOW && record.seqno < record.joinedSeqno;
}

/** Tells a node below that it is known. False when it is not known yet below which child it is. */
function sendJoined(router: Router, key: NodeKey, least = 0): boolean {
  const route = router.nodes.get(key);
  if (route === undefined || isFormerPlace(route, least)) return false;
  const { name, joinedSeqno } = route.record;
  const branch = findBranch(router, name);
  if (branch === undefined) return false;
  emitSend(router, branch.id, encodeNodeFrame(router, Kind.JOINED, key, { joinedSeqno }));
  return true;
}

function welcomeLater(router: Router, key: NodeKey, joinedSeqno: number, nowMs: number): void {
  router.unwelcomed.set(key, { untilMs: nowMs + JOINED_HOLD_MS, joinedSeqno });
}

/** A node has been heard of anew. At the top it is told so, at once or as soon as possible. */
export function welcomeNode(router: Router, record: NodeRecord, nowMs: number): void {
  if (parentLink(router) !== undefined) return;
  // Whoever is below has our realm, as soon as it has heard which it is.
  const isKnown = record.realm !== null && router.realm !== null;
  if (isKnown && record.realm !== router.realm) return;
  const key = keyOf(record);
  if (sendJoined(router, key)) router.unwelcomed.delete(key);
  else welcomeLater(router, key, 0, nowMs);
}

/** Nodes that are below one of those that have just joined, and are reached by another way. */
function findFollowers(router: Router): NodeKey[] {
  const keys: NodeKey[] = [];
  if (router.besideCount === 0) return keys;
  for (const { key, record, reach } of router.nodes.values()) {
    if (reach !== Reach.BELOW && isBelowJoined(router, record)) keys.push(key);
  }
  return keys;
}

function isBelowJoined(router: Router, record: NodeRecord): boolean {
  let at: NodeRecord | undefined = record;
  for (let hops = 0; at?.parent != null && hops < HOPS_MAX; hops++) {
    const key = nodeKeyOf(at.parent);
    if (router.rejoined.has(key)) return true;
    at = router.nodes.get(key)?.record;
  }
  return false;
}

/**
 * Welcomes whom it could not before. A node that dialled its parent anew may have missed the word,
 * and so may all that are below it.
 */
export function welcomeOthers(router: Router, nowMs: number): void {
  if (router.rejoined.size > 0 && parentLink(router) === undefined) {
    const keys = [...router.rejoined, ...findFollowers(router)];
    for (const key of keys) welcomeLater(router, key, 0, nowMs);
  }
  router.rejoined.clear();
  for (const [key, { untilMs, joinedSeqno }] of router.unwelcomed) {
    const isOver = untilMs <= nowMs || sendJoined(router, key, joinedSeqno);
    if (isOver) router.unwelcomed.delete(key);
  }
}

/** Tells one run of a node to go. `link` leads to the child above it. */
export function sendEvicted(
  router: Router,
  record: NodeRecord,
  link: Link,
  error: ErrorData,
): void {
  const head = { error, incarnation: record.incarnation };
  emitSend(router, link.id, encodeNodeFrame(router, Kind.EVICTED, keyOf(record), head));
}

/** Sends away a node whose name another one has. `link` leads to the child above it. */
export function evictNode(router: Router, record: NodeRecord, link: Link, error: ErrorData): void {
  sendEvicted(router, record, link, error);
  emitEvent(router, { kind: 'linkRefused', link: link.id, error });
}

function handleJoined(router: Router, nowMs: number): void {
  const { uplink } = router;
  if (uplink.isJoined) return;
  uplink.isJoined = true;
  uplink.settledAtMs = nowMs;
  emitEvent(router, { kind: 'joined' });
}

/** Passes a word of those above on to a node below. */
function passDown(router: Router, key: NodeKey, frame: Buffer, nowMs: number): void {
  if (frame[At.KIND] === Kind.JOINED) {
    const { joinedSeqno } = unpackMap(headOf(frame));
    const least = Number.isSafeInteger(joinedSeqno) ? Number(joinedSeqno) : 0;
    if (!sendJoined(router, key, least)) welcomeLater(router, key, least, nowMs);
    return;
  }
  const name = router.nodes.get(key)?.record.name;
  const branch = name === undefined ? undefined : findBranch(router, name);
  if (branch === undefined) router.counters.droppedUnreachable++;
  else emitSend(router, branch.id, frame);
}

/** A frame from above, for this router or for a node below it. */
export function handleNodeFrame(router: Router, up: Link, frame: Buffer, nowMs: number): void {
  const key = readNodeKey(viewOf(frame), At.TO_NODE);
  if (key !== router.key) return passDown(router, key, frame, nowMs);
  if (frame[At.KIND] === Kind.JOINED) return handleJoined(router, nowMs);
  const head = unpackMap(headOf(frame));
  // Meant for a former run: this one has just the name.
  const { incarnation = router.config.incarnation } = head;
  if (incarnation !== router.config.incarnation) return;
  const error = errorFromData(head.error).toData();
  dropLink(router, up, error, nowMs);
  emitEvent(router, { kind: 'evicted', error });
}
