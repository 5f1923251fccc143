/**
 * The way up: dials the parents in their order, round after round, with full-jitter backoff in
 * between.
 *
 *     waiting -> dialling -> handshaking -> up
 *        ^----------+-------------+----------'   on failure: the next URL, or the next round
 */
import { nextRandom } from '../base/random.ts';
import type { ErrorData } from '../protocol/errors.ts';
import { encodeFrame, Kind, MAGIC, PREFIX_BYTES } from '../protocol/frame.ts';
import { type Hello, VERSION_MAX, VERSION_MIN, type Welcome } from '../protocol/handshake.ts';
import {
  BACKOFF_MS_MAX,
  FRAME_BYTES_MAX,
  HANDSHAKE_BYTES_MAX,
  HANDSHAKE_MS_MAX,
  HEAD_BYTES_MAX,
} from '../protocol/limits.ts';
import { pack } from '../protocol/pack.ts';
import { computeBackoffMs } from './backoff.ts';
import { emitEvent, emitSend, errorAt } from './emit.ts';
import type { LinkId } from './io.ts';
import { createLink, type Link } from './link.ts';
import { markAllDirty } from './routes.ts';
import { type Router, selfRecord, wakeBy } from './state.ts';

function currentUrl(router: Router): string {
  return router.config.parents[router.uplink.index] ?? '';
}

function waitFor(router: Router, retryMs: number, nowMs: number): void {
  const { uplink } = router;
  uplink.phase = 'waiting';
  uplink.link = null;
  uplink.isJoined = false;
  uplink.retryAtMs = nowMs + retryMs;
  wakeBy(router, 'uplink', uplink.retryAtMs);
}

/** Turns to the next URL at once, or after a pause when all of them have failed. */
function tryNext(router: Router, error: ErrorData, nowMs: number): void {
  const { uplink } = router;
  const url = currentUrl(router);
  uplink.lastError = error;
  uplink.index = (uplink.index + 1) % router.config.parents.length;
  const isRoundOver = uplink.index === 0;
  const retryMs = isRoundOver ? computeBackoffMs(uplink.attempt, nextRandom(router.random)) : 0;
  if (isRoundOver) uplink.attempt++;
  waitFor(router, retryMs, nowMs);
  emitEvent(router, { kind: 'uplinkFailed', url, error, retryMs });
}

/** Dials when it is time. Returns when to look again. */
export function tickUplink(router: Router, nowMs: number): number {
  const { uplink } = router;
  if (uplink.phase !== 'waiting' || router.isLeaving) return Number.POSITIVE_INFINITY;
  if (uplink.retryAtMs > nowMs) return uplink.retryAtMs;
  uplink.phase = 'dialling';
  router.outputs.push({ kind: 'dial', url: currentUrl(router) });
  return Number.POSITIVE_INFINITY;
}

/** The connection could not be made. */
export function handleDialFailed(router: Router, error: ErrorData, nowMs: number): void {
  if (router.uplink.phase === 'dialling') tryNext(router, error, nowMs);
}

function encodeHello(router: Router): Buffer {
  const record = selfRecord(router);
  const versions = { versionMin: VERSION_MIN, versionMax: VERSION_MAX };
  const offer = { ...versions, holdMs: router.config.holdMs, realm: router.realm };
  const hello: Hello = { as: 'child', ...offer, record };
  const head = pack(hello);
  if (PREFIX_BYTES + head.length <= Math.min(HANDSHAKE_BYTES_MAX, HEAD_BYTES_MAX)) {
    return encodeFrame({ kind: Kind.HELLO }, head);
  }
  // So many services have no room here: the first advert will tell them.
  return encodeFrame({ kind: Kind.HELLO }, pack({ ...hello, record: { ...record, services: [] } }));
}

/** The connection stands: says who we are. */
export function handleDialled(router: Router, linkId: LinkId, nowMs: number): void {
  const { uplink } = router;
  if (uplink.phase !== 'dialling' || router.isLeaving) {
    const error = errorAt(router, 'E_LEAVING', { node: router.config.name });
    router.outputs.push({ kind: 'close', link: linkId, error });
    return;
  }
  const link = createLink(linkId, nowMs, 'welcome');
  // What follows the parent's WELCOME may come in one piece with it, and may be as long as it
  // likes.
  link.splitter.frameBytesMax = FRAME_BYTES_MAX;
  router.links.set(linkId, link);
  router.opening.add(link);
  uplink.phase = 'handshaking';
  uplink.link = linkId;
  router.seqno++;
  wakeBy(router, 'links', nowMs + HANDSHAKE_MS_MAX);
  emitSend(router, linkId, Buffer.concat([MAGIC, encodeHello(router)]));
}

/** The parent took us: the default route stands, and it hears all that we know. */
export function handleWelcomed(router: Router, link: Link, welcome: Welcome, nowMs: number): void {
  const { uplink } = router;
  const url = currentUrl(router);
  uplink.phase = 'up';
  uplink.isJoined = false;
  uplink.index = 0;
  uplink.lastError = null;
  router.realm ??= welcome.realm;
  router.depth = welcome.depth + 1;
  link.role = 'parent';
  router.tableVersion++;
  markAllDirty(router, nowMs);
  emitEvent(router, { kind: 'uplinkUp', parent: welcome.record, url, depth: router.depth });
}

/** The link to the parent, or the attempt at one, is over. */
export function handleUplinkLost(router: Router, error: ErrorData, nowMs: number): void {
  const { uplink } = router;
  const { phase, isJoined, joinedAtMs } = uplink;
  if (phase !== 'up') {
    tryNext(router, error, nowMs);
    return;
  }
  uplink.index = 0;
  uplink.lastError = error;
  // Who is taken and soon sent away again must not hammer: only having lasted resets the pace.
  const hasLasted = isJoined && nowMs - joinedAtMs >= BACKOFF_MS_MAX;
  uplink.attempt = hasLasted ? 0 : uplink.attempt + 1;
  waitFor(router, computeBackoffMs(uplink.attempt, nextRandom(router.random)), nowMs);
  emitEvent(router, { kind: 'uplinkDown', error });
}
