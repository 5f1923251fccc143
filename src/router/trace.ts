/**
 * Tracing: every node on the way of a traced frame tells its sender where the frame came from,
 * where it went, and why. No clock is sent: the sender sees when each word comes, and each node
 * knows the round trip of its own links.
 */
import { type ErrorData, errorFromData } from '../protocol/errors.ts';
import {
  At,
  decodeHeader,
  EXPLICIT_MARK,
  encodeFrame,
  Flag,
  type FrameHeader,
  headOf,
  Kind,
  readHeader,
} from '../protocol/frame.ts';
import { HOPS_MAX } from '../protocol/limits.ts';
import { pack, unpackMap } from '../protocol/pack.ts';
import type { Fate, Traced, TracedLink } from '../protocol/traced.ts';
import { findNearest } from './anycast.ts';
import { findHint } from './hints.ts';
import { isLocal, type Link } from './link.ts';
import { isAsking } from './pending.ts';
import type { Route } from './route.ts';
import { findRoute } from './routes.ts';
import type { Router } from './state.ts';

/** A frame under way: the link by which it came, and where it begins in what came. */
export interface UnderWay {
  readonly from: Link;
  readonly bytes: Buffer;
  /** Of the same bytes. */
  readonly view: DataView;
  readonly at: number;
}

function describeLink(link: Link): TracedLink {
  const { peer, services, role, rttMs } = link;
  // A program is known by what it registered; who registered nothing has its unnamed end only.
  return { name: peer?.name ?? [...services.values()].at(-1) ?? '', role, rttMs };
}

function describeRoute(route: Route): Pick<Traced, 'chosen' | 'metric'> {
  return { chosen: route.record.name, metric: route.metric };
}

type Reason = Pick<Traced, 'why' | 'chosen' | 'metric'>;

/** What in the tables made a frame leave by `to`. */
function explainWay(router: Router, header: FrameHeader, from: Link, to: Link | null): Reason {
  const unknown = { chosen: null, metric: null };
  if (to === null) return { why: null, ...unknown };
  const { toNode, toService } = header;
  if (isLocal(to)) return { why: toNode === 0 ? 'anycast' : 'local', ...unknown };
  const isNearest = toNode === 0;
  const route = isNearest ? findNearest(router, toService, from) : findRoute(router, toNode);
  if (route?.via === to.id) {
    return { why: isNearest ? 'anycast' : 'route', ...describeRoute(route) };
  }
  // Whoever answered lately for the service: it is in the frame by now.
  const isHint = isNearest && isLocal(from) && findHint(router, toService) !== 0;
  return { why: isHint ? 'hint' : 'default', ...unknown };
}

/** The outcome that this step wrote for the frame, if it did: as a kind, and its error. */
function findOutcome(
  router: Router,
  header: FrameHeader,
  since: { readonly notices: number; readonly outputs: number },
): { readonly fate: Fate; readonly error: ErrorData | null } {
  const sent = router.outputs
    .slice(since.outputs)
    .flatMap((output) => (output.kind === 'send' ? [output.bytes] : []));
  for (const frame of [...router.notices.slice(since.notices), ...sent]) {
    const { kind, seed, number } = decodeHeader(frame);
    if (seed !== header.seed || number !== header.number) continue;
    if (kind === Kind.REPLY) return { fate: 'dry', error: null };
    if (kind !== Kind.REJECT) continue;
    return { fate: 'rejected', error: errorFromData(unpackMap(headOf(frame)).error).toData() };
  }
  return { fate: 'dropped', error: null };
}

/** Whether the sender of such a frame hears of its way: it must be waiting for an outcome. */
function isTraceable({ kind, flags }: FrameHeader): boolean {
  return isAsking(kind, flags) && (flags & (Flag.RESPONSE | Flag.BROADCAST)) === 0;
}

function encodeTraced(router: Router, header: FrameHeader, traced: Traced): Buffer {
  const { fromNode: toNode, fromService: toService, seed, number } = header;
  const source = { fromNode: router.key, fromService: 0 };
  const fields = { kind: Kind.TRACED, flags: Flag.RESPONSE, toNode, toService, ...source };
  return encodeFrame({ ...fields, seed, number }, pack(traced));
}

/**
 * Routes a frame by `route`, and tells its sender about it before the outcome that this may have
 * made: what comes after an outcome nobody hears.
 */
export function routeTraced(
  router: Router,
  frame: UnderWay,
  route: () => Link | null,
): Link | null {
  const { from, view, at } = frame;
  const since = { notices: router.notices.length, outputs: router.outputs.length };
  const header = readHeader(view, at);
  const to = route();
  if (!isTraceable(header)) return to;
  const ended: Fate = to !== null && isLocal(to) ? 'delivered' : 'forwarded';
  const word = encodeTraced(router, header, {
    hop: HOPS_MAX - Math.min(view.getUint8(at + At.HOPS) & ~EXPLICIT_MARK, HOPS_MAX),
    node: router.config.name,
    role: router.config.role,
    from: describeLink(from),
    to: to === null ? null : describeLink(to),
    ...explainWay(router, header, from, to),
    ...(to === null ? findOutcome(router, header, since) : { fate: ended, error: null }),
  });
  if (isLocal(from)) router.outputs.splice(since.outputs, 0, sendTo(from, word));
  else router.notices.splice(since.notices, 0, word);
  return to;
}

function sendTo(link: Link, bytes: Buffer) {
  return { kind: 'send', link: link.id, bytes } as const;
}
