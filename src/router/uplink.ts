/**
 * The way up: dials the parents in their order, round after round, with full-jitter backoff in between.
 *
 *     waiting -> dialling -> handshaking -> up
 *        ^----------+-------------+----------'   on failure: the next URL, or the next round
 */

import { nextRandom } from '../base/random.ts';
import type { ErrorData } from '../protocol/errors.ts';
import { encodeFrame, Kind, MAGIC } from '../protocol/frame.ts';
import { type Hello, VERSION_MAX, VERSION_MIN, type Welcome } from '../protocol/handshake.ts';
import { HANDSHAKE_MS_MAX } from '../protocol/limits.ts';
import { pack } from '../protocol/pack.ts';
import { markAllDirty } from './adverts.ts';
import { computeBackoffMs } from './backoff.ts';
import { emitEvent, emitSend } from './emit.ts';
import { createLink, type Link, type Router, selfRecord, wakeBy } from './state.ts';

function currentUrl(router: Router): string {
  return router.config.parents[router.uplink.index] ?? '';
}

/** Turns to the next URL at once, or after a pause when all of them have failed. */
function tryNext(router: Router, error: ErrorData, nowMs: number): void {
  const { uplink } = router;
  const url = currentUrl(router);
  uplink.lastError = error;
  uplink.link = null;
  uplink.phase = 'waiting';
  uplink.index = (uplink.index + 1) % router.config.parents.length;
  let retryMs = 0;
  if (uplink.index === 0) {
    retryMs = computeBackoffMs(uplink.attempt, nextRandom(router.random));
    uplink.attempt++;
  }
  uplink.retryAtMs = nowMs + retryMs;
  wakeBy(router, uplink.retryAtMs);
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

/** The connection stands: says who we are. */
export function handleDialled(router: Router, linkId: number, nowMs: number): void {
  const { uplink, config } = router;
  const link = createLink(linkId, nowMs, 'welcome');
  router.links.set(linkId, link);
  uplink.phase = 'handshaking';
  uplink.link = linkId;
  wakeBy(router, nowMs + HANDSHAKE_MS_MAX);
  const hello: Hello = {
    as: 'child',
    versionMin: VERSION_MIN,
    versionMax: VERSION_MAX,
    holdMs: config.holdMs,
    realm: router.realm,
    record: { ...selfRecord(router), seqno: router.seqno + 1 },
  };
  router.seqno++;
  emitSend(router, linkId, Buffer.concat([MAGIC, encodeFrame({ kind: Kind.HELLO }, pack(hello))]));
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
  const { phase, isJoined } = uplink;
  uplink.isJoined = false;
  if (phase !== 'up') {
    tryNext(router, error, nowMs);
    return;
  }
  uplink.phase = 'waiting';
  uplink.link = null;
  uplink.index = 0;
  uplink.lastError = error;
  // Who is taken and sent away again must not hammer: only being known resets the pace.
  uplink.attempt = isJoined ? 0 : uplink.attempt + 1;
  uplink.retryAtMs = nowMs + computeBackoffMs(uplink.attempt, nextRandom(router.random));
  wakeBy(router, uplink.retryAtMs);
  emitEvent(router, { kind: 'uplinkDown', error });
}
