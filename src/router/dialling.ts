/**
 * Dials until a link stands: the URLs in their order, round after round, with full-jitter backoff
 * in between; and again when the link breaks.
 *
 *     waiting -> dialling -> handshaking -> up
 *        ^----------+-------------+----------'   on failure: the next URL, or the next round
 */
import { nextRandom } from '../base/random.ts';
import { nodeKeyOf } from '../protocol/address.ts';
import type { ErrorData } from '../protocol/errors.ts';
import { encodeFrame, Kind, MAGIC, PREFIX_BYTES } from '../protocol/frame.ts';
import { type Hello, VERSION_MAX, VERSION_MIN } from '../protocol/handshake.ts';
import {
  BACKOFF_MS_MAX,
  FRAME_BYTES_MAX,
  HANDSHAKE_BYTES_MAX,
  HANDSHAKE_MS_MAX,
  HEAD_BYTES_MAX,
} from '../protocol/limits.ts';
import { pack } from '../protocol/pack.ts';
import { computeBackoffMs } from './backoff.ts';
import { type Dialler, type DiallerId, UPLINK } from './dialler.ts';
import { emitEvent, emitSend, errorAt } from './emit.ts';
import type { LinkId } from './io.ts';
import { createLink, type Link } from './link.ts';
import { type Router, selfRecord, wakeBy } from './state.ts';

/** The dialler that looks after a link. */
export function diallerOf(router: Router, link: LinkId): Dialler | undefined {
  return router.diallers.find((dialler) => dialler.link === link);
}

/** All of them: of a peer with two URLs, both diallers look after one link. */
export function diallersOf(router: Router, link: LinkId): readonly Dialler[] {
  return router.diallers.filter((dialler) => dialler.link === link);
}

function drawBackoffMs(router: Router, attempt: number): number {
  return computeBackoffMs(attempt, nextRandom(router.random));
}

/** The first instant at which any of its URLs may be dialled. */
function readyAtMs(dialler: Dialler): number {
  return Math.min(...dialler.urls.map((url) => dialler.readyAtMs.get(url) ?? 0));
}

function waitUntil(router: Router, dialler: Dialler, atMs: number): void {
  dialler.phase = 'waiting';
  dialler.link = null;
  dialler.settledAtMs = null;
  dialler.retryAtMs = atMs;
  wakeBy(router, 'diallers', atMs);
}

/** All URLs that may be dialled now, in their order; the one whose link broke last comes last. */
function drawRound(dialler: Dialler, nowMs: number): string[] {
  const ready = dialler.urls.filter((url) => (dialler.readyAtMs.get(url) ?? 0) <= nowMs);
  const others = ready.filter((url) => url !== dialler.url);
  return others.length === ready.length ? ready : [...others, dialler.url];
}

/** Turns to the next URL at once, or after a pause when all of them have failed. */
function tryNext(router: Router, dialler: Dialler, error: ErrorData, nowMs: number): void {
  const url = dialler.queue.shift() ?? '';
  dialler.lastError = error;
  let retryAtMs = nowMs;
  if (dialler.queue.length === 0) {
    dialler.url = '';
    retryAtMs = Math.max(nowMs + drawBackoffMs(router, dialler.attempt++), readyAtMs(dialler));
  }
  waitUntil(router, dialler, retryAtMs);
  const kind = dialler.as === 'child' ? 'uplinkFailed' : 'peerFailed';
  emitEvent(router, { kind, url, error, retryMs: retryAtMs - nowMs });
}

/** Dials when it is time. Returns when to look again. */
function tickDialler(router: Router, dialler: Dialler, nowMs: number): number {
  if (dialler.phase !== 'waiting') return Number.POSITIVE_INFINITY;
  if (dialler.retryAtMs > nowMs) return dialler.retryAtMs;
  if (dialler.queue.length === 0) dialler.queue = drawRound(dialler, nowMs);
  const [url] = dialler.queue;
  if (url === undefined) return readyAtMs(dialler);
  dialler.phase = 'dialling';
  router.outputs.push({ kind: 'dial', dialler: dialler.id, url });
  return Number.POSITIVE_INFINITY;
}

/** Looks after all diallers; returns when to look again. */
export function tickDiallers(router: Router, nowMs: number): number {
  if (router.isLeaving) return Number.POSITIVE_INFINITY;
  return Math.min(...router.diallers.map((dialler) => tickDialler(router, dialler, nowMs)));
}

/** The connection could not be made. */
export function handleDialFailed(
  router: Router,
  id: DiallerId,
  error: ErrorData,
  nowMs: number,
): void {
  const dialler = router.diallers[id];
  if (dialler?.phase === 'dialling') tryNext(router, dialler, error, nowMs);
}

function encodeHello(router: Router, as: Dialler['as']): Buffer {
  const record = selfRecord(router);
  const versions = { versionMin: VERSION_MIN, versionMax: VERSION_MAX };
  const offer = { ...versions, holdMs: router.config.holdMs, realm: router.realm };
  const hello: Hello = { as, ...offer, record };
  const head = pack(hello);
  if (PREFIX_BYTES + head.length <= Math.min(HANDSHAKE_BYTES_MAX, HEAD_BYTES_MAX)) {
    return encodeFrame({ kind: Kind.HELLO }, head);
  }
  // So much has no room here: the first advert will tell it.
  const short = { ...record, services: [], topics: [] };
  return encodeFrame({ kind: Kind.HELLO }, pack({ ...hello, record: short }));
}

/** The connection stands: says who we are. */
export function handleDialled(router: Router, id: DiallerId, linkId: LinkId, nowMs: number): void {
  const dialler = router.diallers[id];
  if (dialler?.phase !== 'dialling' || router.isLeaving) {
    const error = errorAt(router, 'E_LEAVING', { node: router.config.name });
    router.outputs.push({ kind: 'close', link: linkId, error });
    return;
  }
  const link = createLink(linkId, nowMs, 'welcome');
  // What follows the other side's WELCOME may come in one piece with it, and may be as long as it
  // likes.
  link.splitter.frameBytesMax = FRAME_BYTES_MAX;
  link.isDialled = true;
  router.links.set(linkId, link);
  router.opening.add(link);
  dialler.phase = 'handshaking';
  dialler.link = linkId;
  if (id === UPLINK) router.seqno++;
  wakeBy(router, 'links', nowMs + HANDSHAKE_MS_MAX);
  emitSend(router, linkId, Buffer.concat([MAGIC, encodeHello(router, dialler.as)]));
}

/** What the dialler was to bring about stands: from now on it looks after `link`. */
export function holdLink(dialler: Dialler, link: Link, settledAtMs: number | null): void {
  dialler.url = dialler.queue[0] ?? dialler.url;
  dialler.queue = [];
  dialler.phase = 'up';
  dialler.link = link.id;
  dialler.settledAtMs = settledAtMs;
  dialler.lastError = null;
}

/** The other side has another link with us, which stands: this dialler looks after that. */
function holdOther(router: Router, dialler: Dialler, error: ErrorData, nowMs: number): boolean {
  if (error.code !== 'E_PEER_LINKED' || dialler.as !== 'peer') return false;
  const names = [error.values.here, error.values.there].map(String);
  const links = names.map((name) => router.peers.get(nodeKeyOf(name)));
  const other = links.find((link) => link !== undefined);
  if (other !== undefined) holdLink(dialler, other, nowMs);
  return other !== undefined;
}

/**
 * The link, or the attempt at one, is over. Any other URL is tried soon. Where the link broke, it
 * is tried later each time: who is taken and soon sent away again must not hammer. Only having
 * lasted resets the pace.
 */
export function handleDiallerLost(
  router: Router,
  dialler: Dialler,
  error: ErrorData,
  nowMs: number,
): void {
  if (holdOther(router, dialler, error, nowMs)) return;
  if (dialler.phase !== 'up') return tryNext(router, dialler, error, nowMs);
  const { settledAtMs, url } = dialler;
  const hasLasted = settledAtMs !== null && nowMs - settledAtMs >= BACKOFF_MS_MAX;
  dialler.attempt = hasLasted ? 0 : dialler.attempt + 1;
  dialler.lastError = error;
  dialler.readyAtMs.set(url, nowMs + drawBackoffMs(router, dialler.attempt));
  const soonMs = dialler.urls.length > 1 ? drawBackoffMs(router, 0) : 0;
  waitUntil(router, dialler, Math.max(nowMs + soonMs, readyAtMs(dialler)));
}
