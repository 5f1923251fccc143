/**
 * What this node's own programs and services have asked. Each request ends in exactly one way: the
 * reply or rejection that comes, the deadline, or the news that the way to the answering node
 * broke: here, or further up, where probing.ts asks after it.
 */
import type { NodeKey } from '../protocol/address.ts';
import type { ErrorData } from '../protocol/errors.ts';
import {
  decodeHoldMs,
  decodeTimeoutMs,
  encodeFrame,
  Flag,
  type FrameHeader,
  Kind,
} from '../protocol/frame.ts';
import { HELD_WORD_MS, PROBE_MS } from '../protocol/limits.ts';
import { emitCancel, emitReject, emitSend, errorAt } from './emit.ts';
import { forgetHint, learnHint } from './hints.ts';
import { isLocal, type Link, type Pending } from './link.ts';
import { type Loss, lossOfLink, lossOfWay } from './loss.ts';
import { epochOf } from './route.ts';
import { type Router, wakeBy } from './state.ts';

/** Deadlines are kept this exactly: a search for those that have come serves all of that time. */
const SWEEP_MS = 10;

/** Whether the sender of such a frame waits to hear what became of it. */
export function isAsking(kind: number, flags: number): boolean {
  return kind === Kind.REQUEST || (kind === Kind.MESSAGE && (flags & Flag.REPORT) !== 0);
}

/** Puts a request among those that went out by its link. */
function carry(pending: Pending): void {
  pending.place = pending.via.carried.push(pending) - 1;
}

/** Takes it out: the last one gets its place. */
function uncarry({ via: { carried }, place }: Pending): void {
  const last = carried.pop();
  if (last === undefined || place === carried.length) return;
  carried[place] = last;
  last.place = place;
}

/** Forgets a request of a program. */
function close(pending: Pending): void {
  pending.from.pending.delete(pending.number);
  uncarry(pending);
}

/** How a request goes out: whom it will reach, as far as is known here, by which link, and when. */
interface Sent {
  readonly node: NodeKey;
  readonly via: Link;
  readonly nowMs: number;
}

/** How long its sender waits at most. What may be kept on its way has that time first. */
function patienceOf({ kind, flags, timeout }: FrameHeader): number {
  const isKept = kind === Kind.MESSAGE && (flags & Flag.NO_CACHE) === 0;
  return isKept ? decodeHoldMs(timeout) + HELD_WORD_MS : decodeTimeoutMs(timeout);
}

/** Notes a request that goes out. The caller has checked that its number is free. */
export function openPending(router: Router, link: Link, asked: FrameHeader, sent: Sent): void {
  const timeoutMs = patienceOf(asked);
  const deadlineAtMs = sent.nowMs + timeoutMs;
  const pending = {
    from: link,
    number: asked.number,
    toNode: sent.node,
    isNearest: asked.toNode === 0,
    isReport: asked.kind === Kind.MESSAGE,
    toService: asked.toService,
    fromService: asked.fromService,
    seed: asked.seed,
    via: sent.via,
    place: 0,
    epoch: isLocal(sent.via) ? null : (epochOf(router, sent.node, sent.via.id) ?? null),
    sentAtMs: sent.nowMs,
    deadlineAtMs,
    timeoutMs,
  };
  link.pending.set(asked.number, pending);
  carry(pending);
  wakeBy(router, 'pending', deadlineAtMs);
  if (!isLocal(sent.via)) wakeBy(router, 'probes', sent.nowMs + PROBE_MS);
}

function moveTo(router: Router, pending: Pending, toNode: NodeKey): void {
  pending.toNode = toNode;
  if (!isLocal(pending.via)) pending.epoch = epochOf(router, toNode, pending.via.id) ?? null;
}

/** A message of a program of this node is with another node now, by another link. */
export function movePending(
  router: Router,
  { seed, number }: FrameHeader,
  via: Link,
  toNode: NodeKey,
): void {
  for (const link of router.programs) {
    const pending = link.pending.get(number);
    if (pending?.seed !== seed) continue;
    uncarry(pending);
    Object.assign(pending, { via, toNode, epoch: epochOf(router, toNode, via.id) ?? null });
    carry(pending);
    wakeBy(router, 'probes', pending.sentAtMs + PROBE_MS);
  }
}

/** What a response from further up tells of who answers there. */
function noteAnswerer(
  router: Router,
  pending: Pending,
  response: FrameHeader,
  nowMs: number,
): void {
  const { toService } = pending;
  const { kind, fromNode, fromService } = response;
  if (fromService === toService) {
    if (pending.toNode === 0) pending.toNode = fromNode;
    if (pending.isNearest) learnHint(router, toService, fromNode, nowMs);
  } else if (kind === Kind.REJECT) {
    // A router says so: the service is not there, or cannot be reached.
    forgetHint(router, toService, pending.toNode);
  }
}

/** Whether a response belongs to a request that is still open. A final one closes it. */
export function takeResponse(
  router: Router,
  link: Link,
  response: FrameHeader,
  nowMs: number,
): boolean {
  const { kind, seed, number } = response;
  const pending = link.pending.get(number);
  // Without the seed, an answer to a former program of the same name could pass for this one's.
  if (pending === undefined || pending.seed !== seed) return false;
  // A message is kept, or goes on: this says with whom it is.
  if (pending.isReport && kind === Kind.PROGRESS) moveTo(router, pending, response.fromNode);
  // One that went by an explicit route is with the node that was chosen here.
  else if (pending.via.role === 'parent' && pending.epoch === null) {
    noteAnswerer(router, pending, response, nowMs);
  }
  if (kind === Kind.REPLY || kind === Kind.REJECT) close(pending);
  return true;
}

/** The destination of a frame of a program: that of its request, where more is known by now. */
export function destinationOf(link: Link, { kind, toNode, seed, number }: FrameHeader): NodeKey {
  if (toNode !== 0 || kind === Kind.REQUEST || kind === Kind.MESSAGE) return toNode;
  const pending = link.pending.get(number);
  return pending?.seed === seed ? pending.toNode : toNode;
}

/** A program asks who took its request. Who is still to take it says so itself. */
export function tellAnswerer(router: Router, link: Link, asked: FrameHeader): void {
  const fromNode = destinationOf(link, asked);
  if (fromNode === 0) return;
  const { toService: fromService, fromService: toService, seed, number } = asked;
  const source = { fromNode, fromService, seed, number };
  const fields = { kind: Kind.TAKEN, flags: Flag.RESPONSE, toNode: router.key, toService };
  emitSend(router, link.id, encodeFrame({ ...fields, ...source }));
}

/** A name for the destination, for people: its node's where that is known. */
function nameTarget(router: Router, pending: Pending): string {
  if (pending.toNode === router.key) return router.config.name;
  return router.nodes.get(pending.toNode)?.record.name ?? 'the receiver';
}

/** Ends a request of a program of this node with an error, unless it has an outcome already. */
export function endPending(router: Router, link: Link, number: number, error: ErrorData): void {
  const pending = link.pending.get(number);
  if (pending === undefined) return;
  close(pending);
  const { fromService, seed } = pending;
  if (error.code === 'E_LOST') router.counters.lost++;
  emitReject(router, link, { fromNode: router.key, fromService, seed, number }, error);
}

/** Ends a request whose answerer, or the way to it, is gone. */
export function losePending(router: Router, link: Link, number: number, loss: Loss): void {
  const pending = link.pending.get(number);
  if (pending === undefined) return;
  forgetHint(router, pending.toService, pending.toNode);
  const values = { to: nameTarget(router, pending), ...loss };
  endPending(router, link, number, errorAt(router, 'E_LOST', values));
}

function expireOne(router: Router, link: Link, number: number, pending: Pending): void {
  const { fromService, timeoutMs } = pending;
  const values = { to: nameTarget(router, pending), ms: timeoutMs };
  endPending(router, link, number, errorAt(router, 'E_DEADLINE', values));
  router.counters.expired++;
  emitCancel(router, pending, fromService);
}

/** Ends the requests whose deadline has come. Returns when to look again. */
export function expirePending(router: Router, nowMs: number): number {
  let nextMs = Number.POSITIVE_INFINITY;
  for (const link of router.programs) {
    for (const [number, pending] of link.pending) {
      const { deadlineAtMs } = pending;
      if (deadlineAtMs <= nowMs) expireOne(router, link, number, pending);
      else nextMs = Math.min(nextMs, deadlineAtMs);
    }
  }
  return Math.max(nextMs, nowMs + SWEEP_MS);
}

/** How the way by which it went, or its answer would come, broke: as far as is known here. */
function findLoss(router: Router, { toNode, via, epoch }: Pending): Loss | undefined {
  if (router.links.get(via.id) !== via) return lossOfLink(router, via);
  if (isLocal(via) || via.role === 'parent') return undefined;
  return epochOf(router, toNode, via.id) === epoch ? undefined : lossOfWay(router, toNode);
}

/** Ends the requests whose way broke, or whose node is lost, of those by doubtful links. */
export function endLostPending(router: Router): void {
  for (const { carried } of router.doubtful) {
    for (const pending of [...carried]) {
      const loss = findLoss(router, pending);
      if (loss !== undefined) losePending(router, pending.from, pending.number, loss);
    }
  }
  router.doubtful.clear();
}

/** A program is gone: those who work for it are told to stop. */
export function cancelRequestsOf(router: Router, link: Link): void {
  for (const pending of link.pending.values()) {
    emitCancel(router, pending, pending.fromService);
    close(pending);
  }
}
