/**
 * The end of a link, for whatever reason: what it took along is given up, and who must know is
 * told.
 */
import { type ErrorData, errorFromData } from '../protocol/errors.ts';
import { headOf, Kind } from '../protocol/frame.ts';
import { unpackMap } from '../protocol/pack.ts';
import { keyOf } from '../protocol/record.ts';
import { noteAwayService } from './away.ts';
import { forgetFollower } from './bridging.ts';
import { UPLINK } from './dialler.ts';
import { diallersOf, handleDiallerLost } from './dialling.ts';
import { emitEvent, emitFrame } from './emit.ts';
import { forgiveReturns } from './flapping.ts';
import { forgetHints } from './hints.ts';
import type { Link } from './link.ts';
import { cancelRequestsOf } from './pending.ts';
import { dismissRoute, markDirty, withdraw } from './routes.ts';
import { rejectServed } from './serving.ts';
import { doubt, type Router } from './state.ts';
import { handleUplinkLost } from './uplink.ts';
import { removeOwnWish, removeWish } from './wishes.ts';

/** Nodes reached by the link are lost; the neighbour is forgotten when it said goodbye. */
function loseReached(router: Router, link: Link, error: ErrorData, nowMs: number): void {
  const { peer } = link;
  const peerKey = peer === null ? 0 : keyOf(peer);
  for (const key of [...link.reached]) {
    const route = router.nodes.get(key);
    if (route === undefined) continue;
    const isItself = key === peerKey && route.record.id === peer?.id;
    if (isItself && error.code === 'E_LEAVING') dismissRoute(router, route, nowMs);
    else withdraw(router, route, link, nowMs);
  }
}

function dropNeighbour(router: Router, link: Link, error: ErrorData, nowMs: number): void {
  const { peer } = link;
  const peerKey = peer === null ? 0 : keyOf(peer);
  if (router.children.get(peerKey) === link) router.children.delete(peerKey);
  if (router.peers.get(peerKey) === link) {
    router.peers.delete(peerKey);
    router.besideAtMs = nowMs;
  }
  if (error.code === 'E_NAME_TAKEN') forgiveReturns(router, peerKey);
  loseReached(router, link, error, nowMs);
  forgetFollower(router, link, nowMs);
  if (peer === null) return;
  const kind = link.role === 'child' ? 'childDown' : 'peerDown';
  emitEvent(router, { kind, record: peer, error });
}

function dropClient(router: Router, link: Link, nowMs: number): void {
  router.programs.delete(link);
  cancelRequestsOf(router, link);
  rejectServed(router, link);
  for (const key of link.services.keys()) removeService(router, link, key, nowMs);
  for (const pattern of link.topics) removeTopic(router, link, pattern, nowMs);
}

/** Frees the name of a service. */
export function removeService(router: Router, link: Link, key: number, nowMs: number): void {
  const name = link.services.get(key);
  if (name === undefined) return;
  link.services.delete(key);
  router.endpoints.delete(key);
  router.tableVersion++;
  if (name.startsWith('~')) return;
  noteAwayService(router, key, name);
  markDirty(router, router.key, nowMs);
  emitEvent(router, { kind: 'serviceDown', service: name });
}

/** A program does not want a pattern of topics any more. */
export function removeTopic(router: Router, link: Link, pattern: string, nowMs: number): void {
  if (removeOwnWish(router, link, pattern, nowMs)) markDirty(router, router.key, nowMs);
}

/** Gives up a link whose connection is gone. */
export function forgetLink(router: Router, link: Link, error: ErrorData, nowMs: number): void {
  router.links.delete(link.id);
  router.opening.delete(link);
  // Nothing goes by a link that was never open: strangers that come and go change no table.
  if (link.phase === 'open') router.tableVersion++;
  doubt(router, link);
  const diallers = diallersOf(router, link.id);
  if (link.role === 'child' || link.role === 'peer') dropNeighbour(router, link, error, nowMs);
  else if (link.role === 'client') dropClient(router, link, nowMs);
  else if (diallers.length === 0) emitEvent(router, { kind: 'linkRefused', link: link.id, error });
  for (const pattern of link.topics) removeWish(router, link, pattern, nowMs);
  if (link.role === 'parent') {
    loseReached(router, link, error, nowMs);
    forgetHints(router);
  }
  for (const dialler of diallers) {
    if (dialler.id === UPLINK) handleUplinkLost(router, error, nowMs);
    else handleDiallerLost(router, dialler, error, nowMs);
  }
}

/** Ends a link: tells the other side why, closes the connection, and gives it up. */
export function dropLink(router: Router, link: Link, error: ErrorData, nowMs: number): void {
  const kind = link.phase === 'open' ? Kind.GOODBYE : Kind.REFUSE;
  if (link.phase !== 'welcome') emitFrame(router, link.id, { kind }, { error });
  router.outputs.push({ kind: 'close', link: link.id, error });
  forgetLink(router, link, error, nowMs);
}

/** The other side said why it ends the link: GOODBYE or REFUSE. */
export function handleFarewell(router: Router, link: Link, frame: Buffer, nowMs: number): void {
  const error = errorFromData(unpackMap(headOf(frame)).error).toData();
  router.outputs.push({ kind: 'close', link: link.id, error });
  forgetLink(router, link, error, nowMs);
}
