/**
 * Messages whose receiver is known but away, kept for a while: for a service of this node that was
 * registered before, or for a node that was reached from here before. They go on in their order as
 * soon as a way stands, to the service itself; the oldest make room for new ones. Memory only: a
 * message that must survive its node belongs into a mailbox.
 */
import { viewOf } from '../base/view.ts';
import type { NodeKey, ServiceKey } from '../protocol/address.ts';
import { BUILTIN_SERVICE, serviceKeyOf } from '../protocol/address.ts';
import {
  At,
  decodeHoldMs,
  EXPLICIT_MARK,
  Flag,
  type FrameHeader,
  headOf,
  KEPT,
  Kind,
  readHeader,
} from '../protocol/frame.ts';
import {
  HELD_BYTES_MAX,
  HELD_BYTES_PER_RECEIVER_MAX,
  HELD_PER_RECEIVER_MAX,
  RELEASE_BYTES_MAX,
} from '../protocol/limits.ts';
import { unpackMap } from '../protocol/pack.ts';
import { nameAway } from './away.ts';
import { deliver } from './delivery.ts';
import { emitNotice, emitSend, encodeProgress, encodeReject, errorAt } from './emit.ts';
import type { Held, Queue } from './held.ts';
import { isLocal } from './link.ts';
import { isAsking, movePending } from './pending.ts';
import { askerOf } from './serving.ts';
import { type Router, wakeBy } from './state.ts';
import type { UnderWay } from './trace.ts';
import { type Course, findWay, setMark } from './ways.ts';
import { isFirstHere } from './window.ts';

/** Time in which expiries are gathered, and after which more is handed on. */
const LOOK_MS = 1_000;
const PAUSE_MS = 50;
/** No table: what is kept is to be looked at. */
export const ANY_TABLE = -1;

/** What one costs besides its bytes, for the bounds in bytes. */
const OVERHEAD_BYTES = 256;

/** Flags of what is not kept: it goes to many, or is about its way, or says so. */
const UNKEPT = Flag.RESPONSE | Flag.BROADCAST | Flag.NO_CACHE | Flag.TRACE | Flag.DRY;

function receiverOf({ toNode, toService }: FrameHeader): string {
  return `${toNode} ${toService}`;
}

function idOf({ seed, fromNode, number }: FrameHeader): string {
  return `${askerOf(seed, fromNode)} ${number}`;
}

/** Whether a message is kept here whose sender waits to hear of it. */
export function isHeld(router: Router, asker: number, number: number): boolean {
  return router.holding.reported.has(`${asker} ${number}`);
}

function costOf({ frame }: Held): number {
  return frame.length + OVERHEAD_BYTES;
}

function remove(router: Router, held: Held): void {
  const { holding } = router;
  const receiver = receiverOf(held.header);
  const queue = holding.receivers.get(receiver);
  if (queue?.all.delete(held) === true) queue.bytes -= costOf(held);
  if (queue?.all.size === 0) holding.receivers.delete(receiver);
  holding.all.delete(held);
  holding.bytes -= costOf(held);
  if (isReported(held)) holding.reported.delete(idOf(held.header));
}

function isReported({ header }: Held): boolean {
  return isAsking(header.kind, header.flags);
}

function nameOf(router: Router, header: FrameHeader): string {
  return nameAway(router, header) ?? router.nodes.get(header.toNode)?.record.name ?? 'the receiver';
}

/** It is not kept any longer. */
function giveUp(router: Router, held: Held, code: 'E_EXPIRED' | 'E_CACHE_FULL'): void {
  remove(router, held);
  if (code === 'E_EXPIRED') router.counters.heldExpired++;
  else router.counters.heldDisplaced++;
  if (!isReported(held)) return;
  const { header, ttlMs } = held;
  const values = { to: nameOf(router, header), node: router.config.name, ms: ttlMs };
  emitNotice(router, encodeReject(router, header, errorAt(router, code, values)));
}

/** The oldest go: those for the same receiver, then those for anybody. */
function makeRoom(router: Router, queue: Queue): void {
  const { holding } = router;
  for (const held of queue.all) {
    const isFull = queue.all.size > HELD_PER_RECEIVER_MAX;
    if (!isFull && queue.bytes <= HELD_BYTES_PER_RECEIVER_MAX) break;
    giveUp(router, held, 'E_CACHE_FULL');
  }
  for (const held of holding.all) {
    if (holding.bytes <= HELD_BYTES_MAX) break;
    giveUp(router, held, 'E_CACHE_FULL');
  }
}

/** Keeps a message that cannot go on, if it may be kept and its receiver is known but away. */
export function hold(router: Router, { from, bytes, view, at }: UnderWay, nowMs: number): boolean {
  const header = readHeader(view, at);
  if (header.kind !== Kind.MESSAGE || (header.flags & UNKEPT) !== 0) return false;
  if (nameAway(router, header) === undefined) return false;
  // Its window may have moved on when it is handed over.
  const mayEndHere = header.toNode === router.key || header.toNode === 0;
  if (mayEndHere && !isLocal(from) && !isFirstHere(router, view, at, nowMs)) return true;
  const { holding } = router;
  const frame = Buffer.from(bytes.subarray(at, at + bytes.readUInt32BE(at) + 4));
  const ttlMs = decodeHoldMs(header.timeout, unpackMap(headOf(frame)).ttl);
  const isTurned = from.role === 'parent' || from.role === 'peer';
  const held: Held = { frame, header, ttlMs, untilMs: nowMs + ttlMs, isTurned };
  const receiver = receiverOf(header);
  const queue = holding.receivers.get(receiver) ?? { all: new Set(), bytes: 0 };
  holding.receivers.set(receiver, queue);
  queue.all.add(held);
  holding.all.add(held);
  queue.bytes += costOf(held);
  holding.bytes += costOf(held);
  holding.tableVersion = router.tableVersion;
  router.counters.held++;
  // Who hears that it is kept has heard by then what was given up for it.
  makeRoom(router, queue);
  if (isReported(held)) {
    holding.reported.set(idOf(header), held);
    const value = { state: 'cached', node: router.config.name, ms: ttlMs };
    emitNotice(router, encodeProgress(header, router.key, value));
  }
  wakeBy(router, 'holding', held.untilMs);
  return true;
}

/** Whether the service is there again: a node that has just come back may not have it yet. */
function hasService(router: Router, node: NodeKey, service: ServiceKey): boolean {
  if (node === router.key) return true;
  if (service === serviceKeyOf(BUILTIN_SERVICE)) return true;
  for (const route of router.anycast.get(service)?.routes ?? []) {
    if (route.key === node) return true;
  }
  return false;
}

/** The way by which a message that is kept may go on. */
function wayOut(router: Router, { header, isTurned }: Held): Course | undefined {
  const { toNode, toService, hops } = header;
  const way = findWay(router, { toNode, toService, mark: hops & EXPLICIT_MARK });
  if ('error' in way || way.link.isCongested) return undefined;
  // What is not known here may have gone elsewhere: above they keep it, or know.
  const isByDefault = way.link.role === 'parent' && way.mark === 0;
  if (isByDefault ? isTurned : !hasService(router, way.node, toService)) return undefined;
  return way;
}

/** Hands on one that was kept, to a program of this node or to the next one. */
function sendOn(router: Router, held: Held, { link, mark }: Course, nowMs: number): void {
  const { frame, header } = held;
  router.counters.heldReleased++;
  if (isLocal(link)) {
    if (deliver(router, link, header, nowMs)) emitSend(router, link.id, frame);
    return;
  }
  router.counters.framesForwarded++;
  // From here on it is late: whoever looks for duplicates must not take it for an old one.
  frame[At.CHANNEL] = KEPT;
  setMark(viewOf(frame), 0, mark);
  emitSend(router, link.id, frame);
  if (!isReported(held)) return;
  if (header.fromNode === router.key) movePending(router, header, link, header.toNode);
  else emitNotice(router, encodeProgress(header, header.toNode, { state: 'sent' }));
}

/** Hands on what has a way again. The caller says when the tables have changed. */
export function releaseHeld(router: Router, nowMs: number): void {
  const { holding } = router;
  holding.tableVersion = router.tableVersion;
  let leftBytes = RELEASE_BYTES_MAX;
  for (const { all } of [...holding.receivers.values()]) {
    for (const held of all) {
      const course = wayOut(router, held);
      if (course === undefined) break;
      leftBytes -= held.frame.length;
      if (leftBytes < 0) return pauseRelease(router, nowMs);
      remove(router, held);
      sendOn(router, held, course, nowMs);
    }
  }
}

/** Goes on in a moment: what was handed on must not fill up a link. */
function pauseRelease(router: Router, nowMs: number): void {
  router.holding.tableVersion = ANY_TABLE;
  wakeBy(router, 'holding', nowMs + PAUSE_MS);
}

/** Gives up what was kept long enough. Returns when to look again. */
export function expireHeld(router: Router, nowMs: number): number {
  const { holding } = router;
  if (holding.all.size === 0) return Number.POSITIVE_INFINITY;
  let nextMs = Number.POSITIVE_INFINITY;
  for (const held of holding.all) {
    if (held.untilMs <= nowMs) giveUp(router, held, 'E_EXPIRED');
    else nextMs = Math.min(nextMs, held.untilMs);
  }
  return Math.max(nextMs, nowMs + LOOK_MS);
}
