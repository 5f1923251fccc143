/**
 * The table of nodes below this one. Distance vector with sequence numbers: a newer word about a node
 * wins over an older one; of two equally new, the shorter way. That is what keeps a node which moved from
 * being drawn back by its former parent (RFC 8966, section 3.5, for a tree).
 */
import { type NodeKey, type ServiceKey, serviceKeyOf } from '../protocol/address.ts';
import { ADVERT_DELAY_MS, LOST_NODE_MS } from '../protocol/limits.ts';
import { type Advert, keyOf, type NodeRecord } from '../protocol/record.ts';
import { emitEvent } from './emit.ts';
import type { LinkId } from './io.ts';
import { loseRequestsTo } from './pending.ts';
import { type Route, type Router, wakeBy } from './state.ts';

/** Remembers that the parent must hear of `key`; it will, with whatever else changes until then. */
export function markDirty(router: Router, key: NodeKey, nowMs: number): void {
  router.tableVersion++;
  router.dirty.add(key);
  router.advertAtMs ??= nowMs + ADVERT_DELAY_MS;
  wakeBy(router, router.advertAtMs);
}

/** Index at which a route belongs in a list that is sorted by distance. */
function findPlace(routes: readonly Route[], route: Route): number {
  let low = 0;
  let high = routes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = routes[middle];
    const isBefore =
      other !== undefined && (other.metric - route.metric || other.key - route.key) < 0;
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  return low;
}

function indexServices(router: Router, route: Route): void {
  for (const name of route.record.services) {
    const key = serviceKeyOf(name);
    const routes = router.anycast.get(key) ?? [];
    routes.splice(findPlace(routes, route), 0, route);
    router.anycast.set(key, routes);
  }
}

function unindexServices(router: Router, route: Route): void {
  for (const name of route.record.services) {
    const key = serviceKeyOf(name);
    const routes = (router.anycast.get(key) ?? []).filter((each) => each !== route);
    if (routes.length > 0) router.anycast.set(key, routes);
    else router.anycast.delete(key);
  }
}

/** Positive when `a` is the newer word about the same node. */
export function compareFreshness(a: NodeRecord, b: NodeRecord): number {
  return a.incarnation - b.incarnation || a.seqno - b.seqno;
}

/** Whether the word of `link` replaces what is known. */
function isBetter(route: Route, advert: Advert, link: LinkId): boolean {
  const freshness = compareFreshness(advert.record, route.record);
  if (route.lostAtMs !== null) return route.record.id !== advert.record.id || freshness >= 0;
  if (route.via === link) return freshness >= 0;
  return freshness > 0 || (freshness === 0 && advert.metric < route.metric);
}

function isSameRecord(a: NodeRecord, b: NodeRecord): boolean {
  return (
    a.role === b.role &&
    a.parent === b.parent &&
    a.seqno === b.seqno &&
    a.incarnation === b.incarnation &&
    a.services.join() === b.services.join()
  );
}

/** What came of an advert: news to pass on, nothing new, or another node in its place. */
export type Installed = 'new' | 'changed' | 'known' | 'collision';

/** Puts the word of a neighbour into the table. Two live nodes with one name or key collide. */
export function installRoute(
  router: Router,
  advert: Advert,
  link: LinkId,
  nowMs: number,
): Installed {
  const { record } = advert;
  const key = keyOf(record);
  const metric = advert.metric + 1;
  const route = router.nodes.get(key);
  if (route === undefined) {
    const created: Route = { record, key, via: link, metric, lostAtMs: null };
    router.nodes.set(key, created);
    indexServices(router, created);
    markDirty(router, key, nowMs);
    emitEvent(router, { kind: 'nodeUp', record });
    return 'new';
  }
  const isOther = route.record.id !== record.id || route.record.name !== record.name;
  if (isOther && route.lostAtMs === null) return 'collision';
  if (!isBetter(route, { record, metric }, link)) return 'known';
  return replaceRoute(router, route, { record, metric }, { link, nowMs });
}

function replaceRoute(
  router: Router,
  route: Route,
  advert: Advert,
  heard: { readonly link: LinkId; readonly nowMs: number },
): Installed {
  const wasLost = route.lostAtMs !== null;
  const isSame =
    !wasLost &&
    route.via === heard.link &&
    route.metric === advert.metric &&
    isSameRecord(route.record, advert.record);
  if (isSame) return 'known';
  const isNewRun = wasLost || compareFreshness(advert.record, route.record) > 0;
  // A run that ended took its requests along, even if the next one came before the link broke.
  if (route.record.incarnation !== advert.record.incarnation) loseRequestsTo(router, route);
  unindexServices(router, route);
  route.record = advert.record;
  route.via = heard.link;
  route.metric = advert.metric;
  route.lostAtMs = null;
  indexServices(router, route);
  markDirty(router, route.key, heard.nowMs);
  emitEvent(router, { kind: wasLost ? 'nodeUp' : 'nodeChanged', record: route.record });
  return isNewRun ? 'new' : 'changed';
}

/** Marks a node as lost: no traffic goes there, but people see that it was here. */
export function loseRoute(router: Router, route: Route, nowMs: number): void {
  if (route.lostAtMs !== null) return;
  route.lostAtMs = nowMs;
  wakeBy(router, nowMs + LOST_NODE_MS);
  unindexServices(router, route);
  loseRequestsTo(router, route);
  markDirty(router, route.key, nowMs);
  emitEvent(router, { kind: 'nodeLost', record: route.record });
}

/** Forgets a node: it said goodbye, or was lost long ago. */
export function forgetRoute(router: Router, route: Route, nowMs: number): void {
  loseRoute(router, route, nowMs);
  router.nodes.delete(route.key);
  emitEvent(router, { kind: 'nodeGone', record: route.record });
}

/** All nodes that are reached by a link. */
export function routesVia(router: Router, link: LinkId): Route[] {
  return [...router.nodes.values()].filter((route) => route.via === link);
}

/** The way to a node that is up. */
export function findRoute(router: Router, key: NodeKey): Route | undefined {
  const route = router.nodes.get(key);
  return route !== undefined && route.lostAtMs === null ? route : undefined;
}

/** The nearest node below that has a service. */
export function findNearest(router: Router, service: ServiceKey): Route | undefined {
  return router.anycast.get(service)?.[0];
}
