/**
 * Whether the other side is there. Each side of a link between nodes pings a few times per hold time and
 * measures the round trip; a link on which nothing at all was heard for the hold time is dead. Programs
 * on this host need none of it: the system tells when they die.
 */
import { bodyOf, encodeFrame, Kind } from '../protocol/frame.ts';
import { HANDSHAKE_MS_MAX, LOST_NODE_MS, PINGS_PER_HOLD } from '../protocol/limits.ts';
import { emitSend, errorAt } from './emit.ts';
import { dropLink } from './links.ts';
import { forgetRoute } from './routes.ts';
import type { Link, Router } from './state.ts';

function encodeInstant(nowMs: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleBE(nowMs);
  return bytes;
}

/** Answers a PING with its own body: the sender's clock comes back to it. */
export function handlePing(router: Router, link: Link, frame: Buffer): void {
  emitSend(router, link.id, encodeFrame({ kind: Kind.PONG }, undefined, bodyOf(frame)));
}

/** Takes the round trip from a PONG. */
export function handlePong(link: Link, frame: Buffer, nowMs: number): void {
  const body = bodyOf(frame);
  if (body.length !== 8) return;
  const rttMs = nowMs - body.readDoubleBE(0);
  if (rttMs >= 0 && rttMs <= link.holdMs) link.rttMs = rttMs;
}

/** Looks after one link; returns when to look again. */
function tickLink(router: Router, link: Link, nowMs: number): number {
  if (link.phase !== 'open') {
    const dueAtMs = link.openedAtMs + HANDSHAKE_MS_MAX;
    if (nowMs < dueAtMs) return dueAtMs;
    dropLink(router, link, errorAt(router, 'E_HANDSHAKE_TIMEOUT', { ms: HANDSHAKE_MS_MAX }), nowMs);
    return Number.POSITIVE_INFINITY;
  }
  if (link.role !== 'child' && link.role !== 'parent') return Number.POSITIVE_INFINITY;
  if (nowMs - link.heardAtMs >= link.holdMs) {
    dropLink(router, link, errorAt(router, 'E_HOLD_TIME', { ms: link.holdMs }), nowMs);
    return Number.POSITIVE_INFINITY;
  }
  if (nowMs >= link.pingAtMs) {
    emitSend(router, link.id, encodeFrame({ kind: Kind.PING }, undefined, encodeInstant(nowMs)));
    link.pingAtMs = nowMs + link.holdMs / PINGS_PER_HOLD;
  }
  return Math.min(link.pingAtMs, link.heardAtMs + link.holdMs);
}

/** Looks after all links; returns when to look again. */
export function tickLinks(router: Router, nowMs: number): number {
  let nextMs = Number.POSITIVE_INFINITY;
  for (const link of [...router.links.values()]) {
    nextMs = Math.min(nextMs, tickLink(router, link, nowMs));
  }
  // Thousands of links are due at as many instants: they are looked after in batches.
  return Math.max(nextMs, nowMs + router.config.holdMs / (PINGS_PER_HOLD * 8));
}

/** Forgets nodes that were lost long ago; returns when to look again. */
export function tickLostNodes(router: Router, nowMs: number): number {
  let nextMs = Number.POSITIVE_INFINITY;
  for (const route of router.nodes.values()) {
    if (route.lostAtMs === null) continue;
    if (nowMs - route.lostAtMs >= LOST_NODE_MS) forgetRoute(router, route, nowMs);
    else nextMs = Math.min(nextMs, route.lostAtMs + LOST_NODE_MS);
  }
  return nextMs;
}
