/**
 * What goes to many: broadcasts, to all services within their scope, and events, to whoever wants
 * their topic. They are passed on by every link that leads to one of them, except the one they came
 * by, and each node takes each of them once, whatever ways there are between the nodes.
 */
import { viewOf } from '../base/view.ts';
import type { ServiceKey } from '../protocol/address.ts';
import { decodeHeader, type FrameHeader, headOf, Scope } from '../protocol/frame.ts';
import { TOPIC_LENGTH_MAX } from '../protocol/limits.ts';
import { unpackMap } from '../protocol/pack.ts';
import { keyOf } from '../protocol/record.ts';
import { isTopic } from '../protocol/topic.ts';
import { isFirst } from './duplicates.ts';
import { emitCopy, emitSend } from './emit.ts';
import { objectToLocal, takeHop } from './forward.ts';
import { isLocal, type Link } from './link.ts';
import { refuseLocal } from './rejecting.ts';
import { findRoute } from './routes.ts';
import { askerOf } from './serving.ts';
import { parentLink, type Router } from './state.ts';
import { tapPassing } from './tap.ts';
import { findWanting } from './wanted.ts';

/** Whether it is honest, as far as its first node sees, and may pass another node. */
function isRight(router: Router, from: Link, frame: Buffer, header: FrameHeader): boolean {
  if (!isLocal(from)) {
    if (takeHop(viewOf(frame), 0)) return true;
    router.counters.rejected++;
    return false;
  }
  const objection = objectToLocal(router, from, header);
  if (objection === undefined) return true;
  refuseLocal(router, from, header, objection);
  return false;
}

/** Whether it is here for the first time. */
function isNew(router: Router, header: FrameHeader, nowMs: number): boolean {
  const sender = askerOf(header.seed, header.fromNode);
  if (isFirst(router.duplicates, sender, header.number, nowMs)) return true;
  router.counters.droppedDuplicate++;
  return false;
}

/** Passes it on by one link. A program that does not keep up slows nobody: it misses some. */
function pass(router: Router, from: Link, to: Link, frame: Buffer): void {
  if (router.tap !== null) tapPassing(router, from, to, frame);
  if (to.isCongested) {
    router.counters.droppedSlowPeer++;
  } else if (isLocal(to)) {
    router.counters.framesDelivered++;
    emitCopy(router, to.id, frame);
  } else {
    router.counters.framesForwarded++;
    emitSend(router, to.id, frame);
  }
}

/** Programs of this node that a broadcast is for. Key 0: all that have a name. */
function* findListeners(router: Router, service: ServiceKey): Iterable<Link> {
  if (service === 0) {
    // One of the names of a program is that of its unnamed end.
    for (const link of router.programs) {
      if (link.role === 'client' && link.services.size > 1) yield link;
    }
  } else {
    const link = router.endpoints.get(service);
    if (link?.role === 'client') yield link;
  }
}

function* neighboursOf(router: Router): Iterable<Link> {
  const up = parentLink(router);
  if (up !== undefined) yield up;
  yield* router.children.values();
  yield* router.peers.values();
}

/** Whether a broadcast may pass between this node and a neighbour. */
function isWithin(router: Router, link: Link, scope: number): boolean {
  if (scope === Scope.EVERYWHERE) return true;
  if (scope !== Scope.REALM) return false;
  if (link.role !== 'peer' || link.peer === null) return true;
  const { realm } = findRoute(router, keyOf(link.peer))?.record ?? link.peer;
  return realm !== null && realm === router.realm;
}

/** A MESSAGE with the flag BROADCAST: to the services here, and on to the neighbours. */
export function handleBroadcast(router: Router, from: Link, frame: Buffer, nowMs: number): void {
  const header = decodeHeader(frame);
  const { channel: scope, toService } = header;
  if (!isRight(router, from, frame, header)) return;
  if (!isLocal(from) && !isWithin(router, from, scope)) {
    router.counters.rejected++;
    return;
  }
  if (!isNew(router, header, nowMs)) return;
  for (const link of findListeners(router, toService)) {
    if (link !== from) pass(router, from, link, frame);
  }
  for (const link of neighboursOf(router)) {
    if (link !== from && isWithin(router, link, scope)) pass(router, from, link, frame);
  }
}

/** The topic that an event says; undefined when it is none. */
function topicOf(from: Link, frame: Buffer): string | undefined {
  const { topic } = unpackMap(headOf(frame));
  if (typeof topic !== 'string' || topic.length > TOPIC_LENGTH_MAX) return undefined;
  return !isLocal(from) || isTopic(topic) ? topic : undefined;
}

/** An EVENT: to those who want its topic. */
export function handleEvent(router: Router, from: Link, frame: Buffer, nowMs: number): void {
  const header = decodeHeader(frame);
  if (!isRight(router, from, frame, header)) return;
  const topic = topicOf(from, frame);
  if (topic === undefined) {
    router.counters.rejected++;
    return;
  }
  if (!isNew(router, header, nowMs)) return;
  for (const id of findWanting(router.wanted, topic)) {
    const link = router.links.get(id);
    if (link !== undefined && link !== from) pass(router, from, link, frame);
  }
}
