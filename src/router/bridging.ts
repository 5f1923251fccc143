/**
 * Gateways: nodes by which networks reach each other. A node with a peer in another network, or
 * with a child that is a gateway, wants to hear of all nodes, also of those above: it says so to
 * its parent, which from then on tells it all that a peer would hear, and is a gateway itself. So
 * the nodes between a gateway and the top know ways to everybody; all others know no more than
 * before.
 *
 * Each such wish has a number, which the adverts repeat: one that was under way when the wish ended
 * is not taken for one of the next.
 */
import type { Link } from './link.ts';
import { forgetRoute, markDirty, News, withdraw } from './routes.ts';
import { parentLink, type Router, wakeBy } from './state.ts';
import { announceAll } from './untold.ts';

/** Whether two nodes are known to say different things; undefined while one says nothing. */
function differ(here: string | null, there: string | null): boolean | undefined {
  return here === null || there === null ? undefined : here !== there;
}

/**
 * Whether a peer is in another network: of another realm, or below another top. While one of us is
 * cut off from the top it stays what it was.
 */
function isForeign(router: Router, { realm, top, isForeign: wasForeign }: Link): boolean {
  if (differ(router.realm, realm) === true) return true;
  return differ(router.top, top) ?? wasForeign;
}

/** What is reached by the parent is told to peers in other networks only. */
export function isKeptFrom(router: Router, link: Link, via: number): boolean {
  return link.role === 'peer' && !link.isForeign && via === parentLink(router)?.id;
}

function reviewPeer(router: Router, link: Link, nowMs: number): void {
  const isOther = isForeign(router, link);
  if (isOther === link.isForeign) return;
  link.isForeign = isOther;
  if (isOther) return announceAll(router, link, nowMs);
  for (const key of parentLink(router)?.reached ?? []) markDirty(router, key, nowMs, News.TURNED);
}

/** The parent need not tell more, and what it told is forgotten. */
function forgetAbove(router: Router, up: Link, nowMs: number): void {
  for (const key of [...up.reached]) {
    const route = router.nodes.get(key);
    if (route === undefined) continue;
    withdraw(router, route, up, nowMs);
    // Another one of its name may have its place now; or others reach it, and must say so anew.
    const isGone = router.nodes.get(key) === route && route.others === null;
    if (isGone && route.lostAtMs !== null) forgetRoute(router, route, nowMs);
  }
}

/**
 * Finds out whether this node is a gateway now, and tells the parent when that has changed. To be
 * called whenever peers or gateways below come and go, or networks change.
 */
export function reviewGateway(router: Router, nowMs: number): void {
  const { gateway, peers } = router;
  for (const link of peers.values()) reviewPeer(router, link, nowMs);
  const isOn = gateway.children.size > 0 || [...peers.values()].some((link) => link.isForeign);
  if (isOn === gateway.isOn) return;
  gateway.isOn = isOn;
  if (isOn) gateway.number++;
  const up = parentLink(router);
  if (up === undefined) return;
  if (!isOn) forgetAbove(router, up, nowMs);
  // It hears of it with a PING.
  up.pingAtMs = nowMs;
  wakeBy(router, 'links', nowMs);
}

/** What a child says in its PING: the number of its wish to hear of all nodes, if it has that. */
export function followChild(router: Router, link: Link, all: unknown, nowMs: number): void {
  const number = Number.isSafeInteger(all) && Number(all) > 0 ? Number(all) : 0;
  if (number === link.allNumber) return;
  link.allNumber = number;
  if (number === 0) {
    router.gateway.children.delete(link);
    link.untold.clear();
  } else {
    router.gateway.children.add(link);
    announceAll(router, link, nowMs);
  }
  reviewGateway(router, nowMs);
}

/** A child that was a gateway is gone, or a peer is. */
export function forgetFollower(router: Router, link: Link, nowMs: number): void {
  router.gateway.children.delete(link);
  reviewGateway(router, nowMs);
}

/** What a peer says in its PING: its realm, and who is at its top. */
export function followPeer(
  router: Router,
  link: Link,
  { realm, top }: { readonly realm: string | null; readonly top: string | null },
  nowMs: number,
): void {
  link.realm = realm;
  link.top = top;
  reviewGateway(router, nowMs);
}
