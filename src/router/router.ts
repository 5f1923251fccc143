/**
 * The router: `step(router, input, nowMs) -> outputs`. No socket, clock, promise or chance of its own;
 * two things drive it: the daemon (src/daemon/driver.ts) and the simulator (test/sim).
 */
import { assertNever } from '../base/assert.ts';
import { type ErrorData, errorFromData } from '../protocol/errors.ts';
import {
  At,
  bodyOf,
  type FrameFault,
  headOf,
  Kind,
  MAGIC,
  ROUTED_KIND_MIN,
} from '../protocol/frame.ts';
import { HANDSHAKE_MS_MAX, UNAUTHENTICATED_MAX } from '../protocol/limits.ts';
import { unpack, unpackMap } from '../protocol/pack.ts';
import { splitFrames } from '../protocol/splitter.ts';
import { applyAdverts, flushAdverts } from './adverts.ts';
import { emitSend, errorAt } from './emit.ts';
import { routeFrame } from './forward.ts';
import { handleHandshake } from './handshake.ts';
import type { LinkId, RouterInput, RouterOutput } from './io.ts';
import { dropLink, forgetLink } from './links.ts';
import { handlePing, handlePong, tickLinks, tickLostNodes } from './liveness.ts';
import { expirePending } from './pending.ts';
import { handleRegister, handleUnregister } from './registration.ts';
import { createLink, type Link, type Router, wakeBy } from './state.ts';
import { handleDialFailed, handleDialled, tickUplink } from './uplink.ts';

/** A frame that belongs to this link only. */
function handleLinkFrame(router: Router, link: Link, frame: Buffer, nowMs: number): void {
  if (link.phase !== 'open') return handleHandshake(router, link, frame, nowMs);
  const kind = frame[At.KIND];
  const isClient = link.role === 'client';
  if (kind === Kind.PING) return handlePing(router, link, frame);
  if (kind === Kind.PONG) return handlePong(link, frame, nowMs);
  if (kind === Kind.REGISTER && isClient) return handleRegister(router, link, frame, nowMs);
  if (kind === Kind.UNREGISTER && isClient) return handleUnregister(router, link, frame, nowMs);
  if (kind === Kind.GOODBYE) {
    const error = errorFromData(unpackMap(headOf(frame)).error).toData();
    router.outputs.push({ kind: 'close', link: link.id, error });
    return forgetLink(router, link, error, nowMs);
  }
  if (kind === Kind.ADVERT && link.role === 'child') {
    if (applyAdverts(router, link, unpack(bodyOf(frame)), nowMs)) return;
  }
  const values = { frame: kind ?? 0, state: `open (${link.role})` };
  return dropLink(router, link, errorAt(router, 'E_FRAME_UNEXPECTED', values), nowMs);
}

/** Whole frames from one link: what leaves by the same link leaves as one slice. */
function handleFrames(router: Router, from: Link, bytes: Buffer, nowMs: number): void {
  let start = 0;
  let to: Link | null = null;
  let at = 0;
  while (at < bytes.length && router.links.get(from.id) === from) {
    const end = at + bytes.readUInt32BE(at) + 4;
    let next: Link | null = null;
    if (from.phase !== 'open' || (bytes[at + At.KIND] ?? 0) < ROUTED_KIND_MIN) {
      handleLinkFrame(router, from, bytes.subarray(at, end), nowMs);
    } else {
      next = routeFrame(router, from, bytes, at, nowMs);
    }
    if (next !== to) {
      if (to !== null) emitSend(router, to.id, bytes.subarray(start, at));
      start = at;
      to = next;
    }
    at = end;
  }
  if (to !== null) emitSend(router, to.id, bytes.subarray(start, at));
}

/** The first bytes of an accepted connection. Returns what follows the magic, or null to wait or end. */
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

function handleAccepted(router: Router, id: LinkId, nowMs: number): void {
  let waiting = 0;
  for (const link of router.links.values()) if (link.phase !== 'open') waiting++;
  const link = createLink(id, nowMs, 'magic');
  router.links.set(id, link);
  wakeBy(router, nowMs + HANDSHAKE_MS_MAX);
  if (waiting < UNAUTHENTICATED_MAX) return;
  dropLink(router, link, errorAt(router, 'E_BUSY', { max: UNAUTHENTICATED_MAX }), nowMs);
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
      return handleDialled(router, input.link, nowMs);
    case 'dialFailed':
      return handleDialFailed(router, input.error, nowMs);
    case 'closed':
      return handleClosed(router, input.link, input.reason, nowMs);
    case 'congested': {
      const link = router.links.get(input.link);
      if (link !== undefined) link.isCongested = input.isCongested;
      return;
    }
    case 'leave':
      return handleLeave(router, nowMs);
    case 'tick':
      return;
    default:
      return assertNever(input);
  }
}

/** What is due by now; returns when something is due next. */
function handleDue(router: Router, nowMs: number): number {
  return Math.min(
    tickLinks(router, nowMs),
    tickLostNodes(router, nowMs),
    expirePending(router, nowMs),
    tickUplink(router, nowMs),
    flushAdverts(router, nowMs),
  );
}

/**
 * Feeds one input. `nowMs` is a monotonic clock in milliseconds and never goes back. The outputs are in
 * the order in which they must be carried out; the array is the caller's.
 */
export function step(router: Router, input: RouterInput, nowMs: number): RouterOutput[] {
  const formerWakeAtMs = router.wakeAtMs;
  router.outputs = [];
  handleInput(router, input, nowMs);
  if (nowMs >= router.wakeAtMs) {
    router.wakeAtMs = Number.POSITIVE_INFINITY;
    wakeBy(router, handleDue(router, nowMs));
  }
  if (router.wakeAtMs !== formerWakeAtMs) {
    router.outputs.push({ kind: 'wake', atMs: router.wakeAtMs });
  }
  return router.outputs;
}
