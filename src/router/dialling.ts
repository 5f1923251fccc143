/**
 * Dials until a link stands: the URLs in their order, round after round, with full-jitter backoff
 * in between; and again when the link breaks.
 *
 *     waiting -> dialling -> handshaking -> up
 *        ^----------+-------------+----------'   on failure: the next URL, or the next round
 */
import { computeBackoffMs } from '../base/backoff.ts';
import { nextRandom } from '../base/random.ts';
import { nodeKeyOf } from '../protocol/address.ts';
import type { ErrorCode, ErrorData } from '../protocol/errors.ts';
import { encodeFrame, Kind, MAGIC, PREFIX_BYTES } from '../protocol/frame.ts';
import { type Hello, VERSIONS } from '../protocol/handshake.ts';
import {
  BACKOFF_MS_MAX,
  BACKOFF_MS_MIN,
  FRAME_BYTES_MAX,
  HANDSHAKE_BYTES_MAX,
  HANDSHAKE_MS_MAX,
  HEAD_BYTES_MAX,
  LEFT_URLS_MAX,
  REDIAL_MS_MAX,
  REDIRECTS_MAX,
  RETRY_AFTER_MS_MAX,
} from '../protocol/limits.ts';
import { pack } from '../protocol/pack.ts';
import { isLocalUrl, readStreamUrl } from '../protocol/url.ts';
import { type Dialler, type DiallerId, NOWHERE, UPLINK } from './dialler.ts';
import { emitEvent, emitSend, errorAt } from './emit.ts';
import type { LinkId } from './io.ts';
import { createLink, type Link } from './link.ts';
import { firstReadyAtMs, isAnyFull, liftFull, pickReady, setAside } from './pauses.ts';
import { type Router, raiseSeqno, selfRecord, wakeBy } from './state.ts';

/** The dialler that looks after a link. */
export function diallerOf(router: Router, link: LinkId): Dialler | undefined {
  return router.diallers.find((dialler) => dialler.link === link);
}

/** All of them: of a peer with two URLs, both diallers look after one link. */
export function diallersOf(router: Router, link: LinkId): readonly Dialler[] {
  return router.diallers.filter((dialler) => dialler.link === link);
}

function drawBackoffMs(router: Router, attempt: number): number {
  const bounds = { minMs: BACKOFF_MS_MIN, maxMs: BACKOFF_MS_MAX };
  return computeBackoffMs(bounds, attempt, nextRandom(router.random));
}

/** Remembers where a link ended. Where one has lasted, all that was before it is forgiven. */
function noteLeft(dialler: Dialler, isForgiving: boolean): void {
  const { left, last } = dialler;
  const former = isForgiving ? [] : left.filter(({ url }) => url !== last.url);
  dialler.left = [...former, last].slice(-LEFT_URLS_MAX);
}

function waitUntil(router: Router, dialler: Dialler, atMs: number): void {
  dialler.phase = 'waiting';
  dialler.link = null;
  dialler.settledAtMs = null;
  dialler.retryAtMs = atMs;
  wakeBy(router, 'diallers', atMs);
}

/** Gives up the first of the round: the next one is due at once, or a new round after a pause. */
function goOn(router: Router, dialler: Dialler, nowMs: number): void {
  dialler.queue.shift();
  if (dialler.queue.length > 0) return waitUntil(router, dialler, nowMs);
  dialler.last = NOWHERE;
  dialler.left = [];
  dialler.redirects = 0;
  const readyMs = firstReadyAtMs(dialler, dialler.urls);
  // Where all have said when to come again, that is the pause.
  if (readyMs > nowMs) return waitUntil(router, dialler, readyMs);
  waitUntil(router, dialler, nowMs + drawBackoffMs(router, dialler.attempt++));
}

/**
 * Milliseconds for which the other side asked not to be dialled, with chance added so that those
 * who were told the same do not come at the same instant; 0 when it asked for nothing.
 */
function drawRetryAfterMs(router: Router, { code, values }: ErrorData): number {
  const { retryAfterMs } = values;
  if (code !== 'E_BUSY' && code !== 'E_FULL') return 0;
  if (typeof retryAfterMs !== 'number' || !(retryAfterMs > 0)) return 0;
  const waitMs = Math.min(retryAfterMs, RETRY_AFTER_MS_MAX);
  return waitMs + Math.max(BACKOFF_MS_MIN, waitMs / 10) * nextRandom(router.random);
}

/** An attempt failed. */
function tryNext(router: Router, dialler: Dialler, error: ErrorData, nowMs: number): void {
  const { url } = dialler.queue[0] ?? NOWHERE;
  dialler.lastError = error;
  const retryAfterMs = drawRetryAfterMs(router, error);
  const pause = { untilMs: nowMs + retryAfterMs, isFull: error.code === 'E_FULL' };
  if (retryAfterMs > 0) setAside(dialler, url, pause, nowMs);
  goOn(router, dialler, nowMs);
  const kind = dialler.as === 'child' ? 'uplinkFailed' : 'peerFailed';
  emitEvent(router, { kind, url, error, retryMs: dialler.retryAtMs - nowMs });
}

/** Dials when it is time. Returns when to look again. */
function tickDialler(router: Router, dialler: Dialler, nowMs: number): number {
  if (dialler.phase !== 'waiting') return Number.POSITIVE_INFINITY;
  if (dialler.retryAtMs > nowMs) return dialler.retryAtMs;
  if (dialler.queue.length === 0) {
    const urls = pickReady(dialler, dialler.urls, nowMs);
    dialler.queue = urls.map((url) => ({ url, entry: url }));
  }
  const [first] = dialler.queue;
  if (first === undefined) return firstReadyAtMs(dialler, dialler.urls);
  dialler.phase = 'dialling';
  router.outputs.push({ kind: 'dial', dialler: dialler.id, url: first.url });
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

/** What is to be dialled is a name, which stands for `urls`: these are tried in their order. */
export function handleResolved(
  router: Router,
  id: DiallerId,
  urls: readonly string[],
  nowMs: number,
): void {
  const dialler = router.diallers[id];
  const [first, ...rest] = dialler?.queue ?? [];
  if (dialler?.phase !== 'dialling' || first === undefined) return;
  const ready = pickReady(dialler, urls, nowMs);
  if (ready.length === 0) {
    const untilMs = firstReadyAtMs(dialler, urls);
    setAside(dialler, first.url, { untilMs, isFull: isAnyFull(dialler, urls) }, nowMs);
    return goOn(router, dialler, nowMs);
  }
  dialler.queue = [...ready.map((url) => ({ url, entry: first.entry })), ...rest];
  waitUntil(router, dialler, nowMs);
}

/**
 * Whoever is being asked names others: they are tried next. Not for ever in one round; and what
 * only means something on its own host, or goes through ssh, is none of its business elsewhere.
 */
export function followRedirect(dialler: Dialler, urls: readonly string[], nowMs: number): void {
  const [first, ...rest] = dialler.queue;
  if (first === undefined || dialler.redirects >= REDIRECTS_MAX) return;
  const asked = readStreamUrl(first.url);
  const isSameHost = asked !== undefined && isLocalUrl(asked);
  const isRight = (url: string): boolean => {
    const place = readStreamUrl(url);
    if (place === undefined || (isLocalUrl(place) && !isSameHost)) return false;
    return !dialler.queue.some((each) => each.url === url);
  };
  const ready = pickReady(dialler, urls.filter(isRight), nowMs);
  if (ready.length > 0) dialler.redirects++;
  dialler.queue = [first, ...ready.map((url) => ({ url, entry: first.entry })), ...rest];
}

function encodeHello(router: Router, as: Dialler['as']): Buffer {
  const record = selfRecord(router);
  const offer = { ...VERSIONS, holdMs: router.config.holdMs, realm: router.realm };
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
  if (id === UPLINK) {
    raiseSeqno(router);
    router.joinedSeqno = router.seqno;
  }
  wakeBy(router, 'links', nowMs + HANDSHAKE_MS_MAX);
  emitSend(router, linkId, Buffer.concat([MAGIC, encodeHello(router, dialler.as)]));
}

/** What the dialler was to bring about stands: from now on it looks after `link`. */
export function holdLink(dialler: Dialler, link: Link, settledAtMs: number | null): void {
  dialler.last = dialler.queue[0] ?? dialler.last;
  dialler.queue = [];
  dialler.redirects = 0;
  dialler.phase = 'up';
  dialler.link = link.id;
  dialler.settledAtMs = settledAtMs;
  dialler.lastError = null;
}

/** A dialled peer is linked already: from now on the dialler looks after the link that stands. */
export function holdFormer(router: Router, dialler: Dialler, link: Link, nowMs: number): void {
  holdLink(dialler, link, nowMs);
  if (link.peer === null) return;
  emitEvent(router, { kind: 'peerHeld', url: dialler.last.url, record: link.peer });
}

/** The other side has another link with us, which stands: this dialler looks after that. */
function holdOther(router: Router, dialler: Dialler, error: ErrorData, nowMs: number): boolean {
  if (error.code !== 'E_PEER_LINKED' || dialler.as !== 'peer') return false;
  const names = [error.values.here, error.values.there].map(String);
  const links = names.map((name) => router.peers.get(nodeKeyOf(name)));
  const other = links.find((link) => link !== undefined);
  if (other !== undefined) holdFormer(router, dialler, other, nowMs);
  return other !== undefined;
}

/** How links end through no fault of ours. */
const BROKEN: ReadonlySet<ErrorCode> = new Set([
  'E_CONNECTION_LOST',
  'E_HOLD_TIME',
  'E_LEAVING',
  'E_PLACE_GIVEN',
]);

/**
 * The link, or the attempt at one, is over. Any other URL is tried within the shortest backoff, so
 * that a dead parent is replaced soon. Where the link ended is tried last, and later each time: who
 * is taken and soon sent away again must not hammer. Only having lasted resets the pace.
 */
export function handleDiallerLost(
  router: Router,
  dialler: Dialler,
  error: ErrorData,
  nowMs: number,
): void {
  if (holdOther(router, dialler, error, nowMs)) return;
  if (dialler.phase !== 'up') return tryNext(router, dialler, error, nowMs);
  const { settledAtMs, last } = dialler;
  const hasLasted = settledAtMs !== null && nowMs - settledAtMs >= BACKOFF_MS_MAX;
  dialler.attempt = hasLasted ? 0 : dialler.attempt + 1;
  dialler.lastError = error;
  const isCutOff = error.code === 'E_PARENT_CUT_OFF';
  noteLeft(dialler, hasLasted && !isCutOff);
  const mostMs = BROKEN.has(error.code) ? REDIAL_MS_MAX : BACKOFF_MS_MAX;
  const paceMs = Math.min(mostMs, drawBackoffMs(router, dialler.attempt));
  // Who was left because it is cut off has done nothing wrong: after the others it is asked again.
  const pause = { untilMs: nowMs + paceMs, isFull: false };
  if (!isCutOff) setAside(dialler, last.url, pause, nowMs);
  liftFull(dialler);
  const soonMs = dialler.urls.length > 1 || last.entry !== last.url ? drawBackoffMs(router, 0) : 0;
  waitUntil(router, dialler, Math.max(nowMs + soonMs, firstReadyAtMs(dialler, dialler.urls)));
}
