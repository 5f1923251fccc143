/**
 * The router: `step(router, input, nowMs) -> outputs`. No socket, clock, promise or chance of its
 * own; two things drive it: the daemon (src/daemon/driver.ts) and the simulator (test/sim).
 */

import { assertNever } from '../base/assert.ts';
import { viewOf } from '../base/view.ts';
import type { ErrorData } from '../protocol/errors.ts';
import { At, Flag, Kind, MAGIC, ROUTED_KIND_MIN } from '../protocol/frame.ts';
import { HANDSHAKE_MS_MAX, UNAUTHENTICATED_MAX } from '../protocol/limits.ts';
import { type FrameFault, splitFrames } from '../protocol/splitter.ts';
import { handleAdvert, handleAdvertFromAbove } from './adverts.ts';
import { handleDialFailed, handleDialled, handleResolved } from './dialling.ts';
import { emitSend, errorAt } from './emit.ts';
import { handleBroadcast, handleEvent } from './flood.ts';
import { routeFrame, sendNotices } from './forward.ts';
import { busyError, handleHandshake } from './handshake.ts';
import { ANY_TABLE, releaseHeld } from './holding.ts';
import { handleInterest } from './interest.ts';
import type { LinkId, RouterInput, RouterOutput } from './io.ts';
import { handleNodeFrame } from './joining.ts';
import { createLink, type Link, type LinkRole } from './link.ts';
import { handlePing, handlePong } from './liveness.ts';
import { passAlike } from './memo.ts';
import { endLostPending } from './pending.ts';
import { handleProbe, handleProbeReject, isProbeForRouter } from './probing.ts';
import { handleRefresh } from './refresh.ts';
import {
  handleRegister,
  handleSubscribe,
  handleUnregister,
  handleUnsubscribe,
} from './registration.ts';
import { markDirty } from './routes.ts';
import { type Router, wakeBy } from './state.ts';
import { handleDue, nextDue } from './sweeps.ts';
import { handleTap, tapPassing } from './tap.ts';
import { dropLink, forgetLink, handleFarewell } from './teardown.ts';

type Handler = (router: Router, link: Link, frame: Buffer, nowMs: number) => void;

/** What is passed on by several links, or by none. */
const TO_MANY: Readonly<Record<number, Handler>> = {
  [Kind.MESSAGE]: handleBroadcast,
  [Kind.EVENT]: handleEvent,
};

const ON_EVERY_LINK: Readonly<Record<number, Handler>> = {
  ...TO_MANY,
  [Kind.PING]: handlePing,
  [Kind.PONG]: handlePong,
  [Kind.GOODBYE]: handleFarewell,
};

const ON_NODE_LINKS: Readonly<Record<number, Handler>> = {
  ...ON_EVERY_LINK,
  [Kind.PROBE]: handleProbe,
  [Kind.REJECT]: handleProbeReject,
};

/**
 * The frames that end at the router, by what is at the other end of an open link. What is absent
 * has no place there and closes the link.
 */
const HANDLERS: Readonly<Record<LinkRole, Readonly<Record<number, Handler>>>> = {
  unknown: {},
  builtin: TO_MANY,
  client: {
    ...ON_EVERY_LINK,
    [Kind.REGISTER]: handleRegister,
    [Kind.UNREGISTER]: handleUnregister,
    [Kind.SUBSCRIBE]: handleSubscribe,
    [Kind.UNSUBSCRIBE]: handleUnsubscribe,
  },
  child: { ...ON_NODE_LINKS, [Kind.ADVERT]: handleAdvert, [Kind.REFRESH]: handleRefresh },
  peer: { ...ON_NODE_LINKS, [Kind.ADVERT]: handleAdvert, [Kind.REFRESH]: handleRefresh },
  parent: {
    ...ON_NODE_LINKS,
    [Kind.ADVERT]: handleAdvertFromAbove,
    [Kind.REFRESH]: handleRefresh,
    [Kind.INTEREST]: handleInterest,
    [Kind.JOINED]: handleNodeFrame,
    [Kind.EVICTED]: handleNodeFrame,
  },
};

/** Whether the two sides have agreed on such frames: some are for gateways only. */
function isAwaited({ gateway }: Router, { role, allNumber }: Link, kind: number): boolean {
  if (role === 'parent' && kind === Kind.ADVERT) return gateway.number > 0;
  return role !== 'child' || kind !== Kind.REFRESH || allNumber > 0;
}

/** A frame that ends at the router, or that it passes on as it sees fit. */
function handleOwnFrame(router: Router, link: Link, frame: Buffer, nowMs: number): void {
  if (link.phase !== 'open') return handleHandshake(router, link, frame, nowMs);
  const kind = frame[At.KIND] ?? 0;
  const handle = HANDLERS[link.role][kind];
  if (handle !== undefined && isAwaited(router, link, kind))
    return handle(router, link, frame, nowMs);
  const values = { frame: kind, state: `open (${link.role})` };
  dropLink(router, link, errorAt(router, 'E_FRAME_UNEXPECTED', values), nowMs);
}

/**
 * Whether a frame has no way of its own: it belongs to one link, the top speaks to this node, or it
 * goes to many.
 */
function isOwnFrame(router: Router, from: Link, view: DataView, at: number): boolean {
  const kind = view.getUint8(at + At.KIND);
  if (kind < ROUTED_KIND_MIN || from.phase !== 'open') return true;
  if (kind === Kind.MESSAGE) return (view.getUint8(at + At.FLAGS) & Flag.BROADCAST) !== 0;
  if (kind === Kind.EVENT) return true;
  if (kind === Kind.PROBE || kind === Kind.REJECT) return isProbeForRouter(router, view, at);
  return kind === Kind.JOINED || kind === Kind.EVICTED;
}

/** Whole frames from one link: what leaves by the same link leaves as one slice. */
function handleFrames(router: Router, from: Link, bytes: Buffer, nowMs: number): void {
  const view = viewOf(bytes);
  let start = 0;
  let to: Link | null = null;
  for (let at = 0; at < bytes.length; ) {
    const end = at + view.getUint32(at) + 4;
    const word = view.getInt32(at + At.KIND);
    const isOwn = isOwnFrame(router, from, view, at);
    const next = isOwn ? null : routeFrame(router, { from, bytes, view, at }, nowMs);
    if (router.tap !== null && !isOwn) tapPassing(router, from, next, bytes.subarray(at, end));
    if (next !== to) {
      if (to !== null) emitSend(router, to.id, bytes.subarray(start, at));
      start = at;
      to = next;
    }
    if (isOwn) {
      handleOwnFrame(router, from, bytes.subarray(at, end), nowMs);
      if (router.links.get(from.id) !== from) return;
    }
    const isPassed = next !== null && router.tap === null;
    at = isPassed ? passAlike(router, { from, to: next, word }, view, end) : end;
  }
  if (to !== null) emitSend(router, to.id, bytes.subarray(start));
}

/**
 * The first bytes of an accepted connection. Returns what follows the magic, or null to wait or
 * end.
 */
function checkMagic(router: Router, link: Link, bytes: Buffer, nowMs: number): Buffer | null {
  const { splitter } = link;
  const begun = Buffer.concat([...splitter.parts, bytes]);
  splitter.parts = [];
  splitter.partBytes = 0;
  const isOurs = MAGIC.subarray(0, begun.length).equals(begun.subarray(0, MAGIC.length));
  if (!isOurs) {
    dropLink(router, link, errorAt(router, 'E_NOT_OURS', {}), nowMs);
    return null;
  }
  if (begun.length < MAGIC.length) {
    splitter.parts.push(begun);
    splitter.partBytes = begun.length;
    return null;
  }
  link.phase = 'hello';
  return begun.subarray(MAGIC.length);
}

function dropFaulty(router: Router, link: Link, fault: FrameFault, nowMs: number): void {
  // What we dialled has never said a word of ours: something else listens there.
  if (link.phase === 'welcome')
    return dropLink(router, link, errorAt(router, 'E_NOT_OURS', {}), nowMs);
  const { code, ...values } = fault;
  const max = link.splitter.frameBytesMax;
  dropLink(router, link, errorAt(router, code, { max, ...values }), nowMs);
}

function handleBytes(router: Router, link: Link, bytes: Buffer, nowMs: number): void {
  link.heardAtMs = nowMs;
  const rest = link.phase === 'magic' ? checkMagic(router, link, bytes, nowMs) : bytes;
  if (rest === null) return;
  for (const run of splitFrames(link.splitter, rest)) {
    if (router.links.get(link.id) !== link) return;
    if (run.kind === 'frames') handleFrames(router, link, run.bytes, nowMs);
    else dropFaulty(router, link, run.fault, nowMs);
  }
}

/**
 * Sends away who has waited longest without saying who it is. An honest newcomer says so in a
 * moment; were it the one to go, a few idle connections could keep everybody out.
 */
function makeRoom(router: Router, nowMs: number): void {
  if (router.opening.size < UNAUTHENTICATED_MAX) return;
  for (const link of router.opening) {
    if (link.phase === 'welcome') continue;
    return dropLink(router, link, busyError(router, nowMs), nowMs);
  }
}

function handleAccepted(router: Router, id: LinkId, nowMs: number): void {
  makeRoom(router, nowMs);
  const link = createLink(id, nowMs, 'magic');
  router.links.set(id, link);
  router.opening.add(link);
  wakeBy(router, 'links', nowMs + HANDSHAKE_MS_MAX);
}

function handleClosed(router: Router, id: LinkId, reason: string, nowMs: number): void {
  const link = router.links.get(id);
  if (link === undefined) return;
  const node = link.peer?.name ?? 'the other side';
  const error: ErrorData = errorAt(router, 'E_CONNECTION_LOST', { node, reason });
  forgetLink(router, link, error, nowMs);
}

function handleLeave(router: Router, nowMs: number): void {
  router.isLeaving = true;
  const error = errorAt(router, 'E_LEAVING', { node: router.config.name });
  for (const link of [...router.links.values()]) {
    if (link.role !== 'builtin') dropLink(router, link, error, nowMs);
  }
}

function handleInput(router: Router, input: RouterInput, nowMs: number): void {
  switch (input.kind) {
    case 'bytes': {
      const link = router.links.get(input.link);
      if (link !== undefined) handleBytes(router, link, input.bytes, nowMs);
      return;
    }
    case 'accepted':
      return handleAccepted(router, input.link, nowMs);
    case 'dialled':
      return handleDialled(router, input.dialler, input.link, nowMs);
    case 'resolved':
      return handleResolved(router, input.dialler, input.urls, nowMs);
    case 'listening':
      router.urls = input.urls;
      return markDirty(router, router.key, nowMs);
    case 'dialFailed':
      return handleDialFailed(router, input.dialler, input.error, nowMs);
    case 'closed':
      return handleClosed(router, input.link, input.reason, nowMs);
    case 'congested': {
      const link = router.links.get(input.link);
      if (link !== undefined) link.isCongested = input.isCongested;
      if (input.isCongested) return;
      router.holding.tableVersion = ANY_TABLE;
      if (link !== undefined && link.untold.size > 0) wakeBy(router, 'adverts', nowMs);
      return;
    }
    case 'leave':
      return handleLeave(router, nowMs);
    case 'tap':
      return handleTap(router, input.isOn);
    case 'tick':
      return;
    default:
      return assertNever(input);
  }
}

/**
 * Feeds one input. `nowMs` is a monotonic clock in milliseconds and never goes back. The outputs
 * are in the order in which they must be carried out; the array is the caller's.
 */
export function step(router: Router, input: RouterInput, nowMs: number): RouterOutput[] {
  router.outputs = [];
  handleInput(router, input, nowMs);
  if (nextDue(router.due) <= nowMs) handleDue(router, nowMs);
  const { holding, tableVersion } = router;
  if (holding.all.size > 0 && holding.tableVersion !== tableVersion) releaseHeld(router, nowMs);
  if (router.notices.length > 0) sendNotices(router, nowMs);
  if (router.doubtful.size > 0) endLostPending(router);
  const wakeAtMs = nextDue(router.due);
  if (wakeAtMs !== router.wakeAtMs) {
    router.wakeAtMs = wakeAtMs;
    router.outputs.push({ kind: 'wake', atMs: wakeAtMs });
  }
  return router.outputs;
}
