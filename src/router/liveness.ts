/**
 * Whether the other side is there. Each side of a link between nodes pings a few times per hold
 * time and measures the round trip; a link on which nothing at all was heard for the hold time is
 * dead. Programs on this host need none of it: the system tells when they die.
 */
import { isNodeName } from '../protocol/address.ts';
import { bodyOf, encodeFrame, headOf, Kind } from '../protocol/frame.ts';
import { parseTop } from '../protocol/handshake.ts';
import { HANDSHAKE_MS_MAX, PINGS_PER_HOLD } from '../protocol/limits.ts';
import { pack, unpackMap } from '../protocol/pack.ts';
import { followChild, followPeer, reviewGateway } from './bridging.ts';
import { emitSend, errorAt } from './emit.ts';
import { isLocal, type Link } from './link.ts';
import { markDirty } from './routes.ts';
import { type Router, wakeBy } from './state.ts';
import { dropLink } from './teardown.ts';
import { cutOffMs, followTop, isLongCutOff } from './uplink.ts';

/**
 * Thousands of links are due at as many instants. They are looked after together, so many times
 * within the shortest hold time.
 */
const ROUNDS_PER_HOLD = PINGS_PER_HOLD * 8;

function encodeInstant(nowMs: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleBE(nowMs);
  return bytes;
}

/** Tells children and peers anew of which network this node is, and the children how deep. */
export function pingFollowers(router: Router, nowMs: number): void {
  for (const link of [...router.children.values(), ...router.peers.values()]) {
    if (link.phase === 'open') pingLink(router, link, nowMs);
  }
}

/**
 * What the parent says of itself: a node is one further down than its parent, and of its realm. It
 * comes with every PING, because both may change long after the handshake, further up.
 */
function followParent(router: Router, up: Link, frame: Buffer, nowMs: number): void {
  const { depth, realm, top } = unpackMap(headOf(frame));
  const former = { depth: router.depth, realm: router.realm, top: router.top };
  if (typeof realm === 'string' && isNodeName(realm)) router.realm ??= realm;
  if (typeof realm === 'string' && router.realm !== null && router.realm !== realm) {
    const values = { here: router.realm, there: realm };
    return dropLink(router, up, errorAt(router, 'E_REALM', values), nowMs);
  }
  if (Number.isSafeInteger(depth) && Number(depth) >= 0) router.depth = Number(depth) + 1;
  if (router.realm !== former.realm) markDirty(router, router.key, nowMs);
  if (up.peer !== null) followTop(router, parseTop(top, up.peer), nowMs);
  const isSame = router.depth === former.depth && router.realm === former.realm;
  if (isSame && router.top === former.top) return;
  pingFollowers(router, nowMs);
  reviewGateway(router, nowMs);
}

/** What the other side says of itself with its PING. */
function follow(router: Router, link: Link, frame: Buffer, nowMs: number): void {
  if (link.role === 'parent') return followParent(router, link, frame, nowMs);
  const { all, realm, top } = unpackMap(headOf(frame));
  if (link.role === 'child') return followChild(router, link, all, nowMs);
  if (link.role !== 'peer') return;
  followPeer(router, link, { realm: parseName(realm), top: parseName(top) }, nowMs);
}

function parseName(value: unknown): string | null {
  return typeof value === 'string' && isNodeName(value) ? value : null;
}

/** Answers a PING with its own body: the sender's clock comes back to it. */
export function handlePing(router: Router, link: Link, frame: Buffer, nowMs: number): void {
  emitSend(router, link.id, encodeFrame({ kind: Kind.PONG }, undefined, bodyOf(frame)));
  follow(router, link, frame, nowMs);
}

/** Takes the round trip from a PONG. */
export function handlePong(_: Router, link: Link, frame: Buffer, nowMs: number): void {
  const body = bodyOf(frame);
  if (body.length !== 8) return;
  const rttMs = nowMs - body.readDoubleBE(0);
  if (rttMs >= 0 && rttMs <= link.holdMs) link.rttMs = rttMs;
}

/** What this node says of itself with a PING; undefined for nothing. */
function sayingTo({ depth, realm, top, gateway }: Router, link: Link): object | undefined {
  if (link.role === 'child') return { depth, realm, top };
  if (link.role === 'peer') return { realm, top };
  return link.role === 'parent' && gateway.isOn ? { all: gateway.number } : undefined;
}

/** Asks the other side whether it is there. */
export function pingLink(router: Router, link: Link, nowMs: number): void {
  const saying = sayingTo(router, link);
  const head = saying === undefined ? undefined : pack(saying);
  emitSend(router, link.id, encodeFrame({ kind: Kind.PING }, head, encodeInstant(nowMs)));
  link.pingAtMs = nowMs + link.holdMs / PINGS_PER_HOLD;
  wakeBy(router, 'links', link.pingAtMs);
}

/** Looks after one link; returns when it needs that again. */
function tickLink(router: Router, link: Link, nowMs: number): number {
  if (link.phase !== 'open') {
    const dueAtMs = link.openedAtMs + HANDSHAKE_MS_MAX;
    if (nowMs < dueAtMs) return dueAtMs;
    dropLink(router, link, errorAt(router, 'E_HANDSHAKE_TIMEOUT', { ms: HANDSHAKE_MS_MAX }), nowMs);
    return Number.POSITIVE_INFINITY;
  }
  if (isLocal(link)) return Number.POSITIVE_INFINITY;
  if (nowMs - link.heardAtMs >= link.holdMs) {
    dropLink(router, link, errorAt(router, 'E_HOLD_TIME', { ms: link.holdMs }), nowMs);
    return Number.POSITIVE_INFINITY;
  }
  if (link.role === 'parent' && isLongCutOff(router, link.holdMs, nowMs)) {
    const values = { node: link.peer?.name ?? '', ms: cutOffMs(router, link.holdMs) };
    dropLink(router, link, errorAt(router, 'E_PARENT_CUT_OFF', values), nowMs);
    return Number.POSITIVE_INFINITY;
  }
  if (nowMs >= link.pingAtMs) pingLink(router, link, nowMs);
  return Math.min(link.pingAtMs, link.heardAtMs + link.holdMs);
}

/** Looks after all links; returns when to look again. */
export function tickLinks(router: Router, nowMs: number): number {
  let nextMs = Number.POSITIVE_INFINITY;
  let holdMs = Math.min(router.config.holdMs, HANDSHAKE_MS_MAX);
  for (const link of [...router.links.values()]) {
    nextMs = Math.min(nextMs, tickLink(router, link, nowMs));
    if (link.holdMs > 0) holdMs = Math.min(holdMs, link.holdMs);
  }
  return Math.max(nextMs, nowMs + holdMs / ROUNDS_PER_HOLD);
}
