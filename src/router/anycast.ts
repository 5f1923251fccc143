/** Which node is the nearest that has a service. */
import { type ServiceKey, serviceKeyOf } from '../protocol/address.ts';
import type { Link } from './link.ts';
import { Reach, type Route } from './route.ts';
import type { Router } from './state.ts';

/** Fewest hops first; of equally near ones always the same. */
function compareDistance(a: Route, b: Route): number {
  return a.metric - b.metric || a.key - b.key;
}

/** Enters the services of a node that is up. */
export function indexServices(router: Router, route: Route): void {
  for (const name of route.record.services) {
    const key = serviceKeyOf(name);
    const offer = router.anycast.get(key);
    if (offer === undefined) {
      router.anycast.set(key, { routes: new Set([route]), nearest: null });
      continue;
    }
    offer.routes.add(route);
    const { nearest } = offer;
    if (nearest !== null && compareDistance(route, nearest) < 0) offer.nearest = route;
  }
}

/** Takes the services of a node out again: before its record or its distance changes. */
export function unindexServices(router: Router, route: Route): void {
  for (const name of route.record.services) {
    const key = serviceKeyOf(name);
    const offer = router.anycast.get(key);
    if (offer === undefined) continue;
    offer.routes.delete(route);
    if (offer.nearest === route) offer.nearest = null;
    if (offer.routes.size === 0) router.anycast.delete(key);
  }
}

/**
 * Whether a frame that came by `from` may take this way. The first node that knows a nearest one
 * writes it into the frame; should none have done so, what was on its way down goes on down.
 */
function isOpenTo({ via, reach }: Route, from: Link | undefined): boolean {
  const isTurned = from?.role === 'parent' || from?.role === 'peer';
  return via !== from?.id && (!isTurned || reach === Reach.BELOW);
}

function pickNearest(routes: Iterable<Route>, from: Link | undefined): Route | null {
  let nearest: Route | null = null;
  for (const route of routes) {
    if (!isOpenTo(route, from)) continue;
    if (nearest === null || compareDistance(route, nearest) < 0) nearest = route;
  }
  return nearest;
}

/** The nearest node that has a service, for a frame that came by `from`, or was made here. */
export function findNearest(router: Router, service: ServiceKey, from?: Link): Route | undefined {
  const offer = router.anycast.get(service);
  if (offer === undefined) return undefined;
  offer.nearest ??= pickNearest(offer.routes, undefined);
  if (offer.nearest === null || isOpenTo(offer.nearest, from)) return offer.nearest ?? undefined;
  // A neighbour that asks has lost one, and we have not heard of it yet: others may do.
  return pickNearest(offer.routes, from) ?? undefined;
}
