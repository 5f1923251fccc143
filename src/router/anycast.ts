/** Which node below is the nearest that has a service. */
import { type ServiceKey, serviceKeyOf } from '../protocol/address.ts';
import type { LinkId } from './io.ts';
import type { Route, Router } from './state.ts';

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
      router.anycast.set(key, { routes: new Set([route]), nearest: route });
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

function pickNearest(routes: Iterable<Route>, except?: LinkId): Route | null {
  let nearest: Route | null = null;
  for (const route of routes) {
    if (route.via === except) continue;
    if (nearest === null || compareDistance(route, nearest) < 0) nearest = route;
  }
  return nearest;
}

/** The nearest node below that has a service and is not reached by the link `except`. */
export function findNearest(
  router: Router,
  service: ServiceKey,
  except?: LinkId,
): Route | undefined {
  const offer = router.anycast.get(service);
  if (offer === undefined) return undefined;
  offer.nearest ??= pickNearest(offer.routes);
  if (offer.nearest?.via !== except) return offer.nearest ?? undefined;
  // The child that asks has lost one, and we have not heard of it yet: others may do.
  return pickNearest(offer.routes, except) ?? undefined;
}
