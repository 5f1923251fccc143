/**
 * The table of nodes below this one. Distance vector with sequence numbers, for a tree: a newer
 * word about a node wins over an older one (RFC 8966, section 3.5), and of two equally new ones the
 * one that agrees with the way to the node's parent. So a node that moved takes all that is below
 * it along, and neither is drawn back by a former parent that has not noticed yet.
 */
import { type NodeKey, nodeKeyOf } from '../protocol/address.ts';
import { ADVERT_DELAY_MS, LOST_NODE_MS } from '../protocol/limits.ts';
import { type Advert, keyOf, type NodeRecord } from '../protocol/record.ts';
import { indexServices, unindexServices } from './anycast.ts';
import { emitEvent } from './emit.ts';
import type { LinkId } from './io.ts';
import { type Route, type Router, wakeBy } from './state.ts';
import { indexTopics, unindexTopics } from './wishes.ts';

/** Remembers that the parent must hear of `key`; it will, with whatever else changes until then. */
export function markDirty(router: Router, key: NodeKey, nowMs: number, isAnew = false): void {
  router.tableVersion++;
  if (key === router.key) router.revision++;
  router.dirty.set(key, isAnew || router.dirty.get(key) === true);
  wakeBy(router, 'adverts', nowMs + ADVERT_DELAY_MS);
}

/** Everything is news to a new parent. */
export function markAllDirty(router: Router, nowMs: number): void {
  router.dirty.clear();
  for (const [key, route] of router.nodes) {
    if (route.lostAtMs === null) markDirty(router, key, nowMs, true);
  }
  markDirty(router, router.key, nowMs);
}

/** Positive when `a` is the newer word about the same node. */
export function compareFreshness(a: NodeRecord, b: NodeRecord): number {
  return a.incarnation - b.incarnation || a.seqno - b.seqno;
}

/** Whether the word of `link` replaces what is known of the same node. */
function isBetter(router: Router, route: Route, record: NodeRecord, link: LinkId): boolean {
  const freshness = compareFreshness(record, route.record);
  // Older than what is lost is a former place, unless it is a run whose host set its clock back.
  if (route.lostAtMs !== null) {
    return freshness >= 0 || record.incarnation !== route.record.incarnation;
  }
  if (route.via === link) return true;
  if (freshness !== 0) return freshness > 0;
  return findRoute(router, nodeKeyOf(record.parent ?? ''))?.via === link;
}

function isSameRecord(a: NodeRecord, b: NodeRecord): boolean {
  return (
    a.role === b.role &&
    a.parent === b.parent &&
    a.seqno === b.seqno &&
    a.incarnation === b.incarnation &&
    a.revision === b.revision &&
    a.version === b.version &&
    a.services.join() === b.services.join()
  );
}

/**
 * What came of an advert: the way to the node stands anew, the word has other news, none, or it is
 * about another node of the same name.
 */
export type Installed = 'placed' | 'changed' | 'known' | 'collision';

function createRoute(router: Router, advert: Advert, link: LinkId, nowMs: number): Installed {
  const { record, metric } = advert;
  const key = keyOf(record);
  const route: Route = { record, key, via: link, metric, epoch: 0, lostAtMs: null };
  router.nodes.set(key, route);
  router.links.get(link)?.reached.add(key);
  indexServices(router, route);
  indexTopics(router, route, nowMs);
  markDirty(router, key, nowMs, true);
  emitEvent(router, { kind: 'nodeUp', record });
  return 'placed';
}

function replaceRoute(
  router: Router,
  route: Route,
  advert: Advert,
  heard: { readonly link: LinkId; readonly nowMs: number },
): Installed {
  const { record, metric } = advert;
  const wasLost = route.lostAtMs !== null;
  const isFresh = compareFreshness(record, route.record) !== 0;
  const isAnew = wasLost || isFresh || route.via !== heard.link || advert.isAnew === true;
  const isSame = route.metric === metric && isSameRecord(route.record, record);
  if (isSame && !isAnew) return 'known';
  if (!wasLost) {
    unindexServices(router, route);
    unindexTopics(router, route, heard.nowMs);
  }
  router.links.get(route.via)?.reached.delete(route.key);
  router.lost.delete(route);
  Object.assign(route, { record, metric, via: heard.link, lostAtMs: null });
  router.links.get(heard.link)?.reached.add(route.key);
  indexServices(router, route);
  indexTopics(router, route, heard.nowMs);
  markDirty(router, route.key, heard.nowMs, isAnew);
  if (wasLost || !isSame) {
    emitEvent(router, { kind: wasLost ? 'nodeUp' : 'nodeChanged', record });
  }
  if (!isAnew) return 'changed';
  route.epoch++;
  router.hasLosses = true;
  return 'placed';
}

/** Puts the word of a neighbour into the table. Two live nodes with one name or key collide. */
export function installRoute(
  router: Router,
  advert: Advert,
  link: LinkId,
  nowMs: number,
): Installed {
  const { record } = advert;
  const heard: Advert = { ...advert, metric: advert.metric + 1 };
  const route = router.nodes.get(keyOf(record));
  if (route === undefined) return createRoute(router, heard, link, nowMs);
  if (route.record.id !== record.id || route.record.name !== record.name) {
    // From the same neighbour it is no collision: who had the name before is gone there.
    if (route.lostAtMs === null && route.via !== link) return 'collision';
    forgetRoute(router, route, nowMs);
    return createRoute(router, heard, link, nowMs);
  }
  if (!isBetter(router, route, record, link)) return 'known';
  return replaceRoute(router, route, heard, { link, nowMs });
}

/** Marks a node as lost: no traffic goes there, but people see that it was here. */
export function loseRoute(router: Router, route: Route, nowMs: number): void {
  if (route.lostAtMs !== null) return;
  unindexServices(router, route);
  unindexTopics(router, route, nowMs);
  router.links.get(route.via)?.reached.delete(route.key);
  route.lostAtMs = nowMs;
  router.lost.add(route);
  router.hasLosses = true;
  wakeBy(router, 'lostNodes', nowMs + LOST_NODE_MS);
  markDirty(router, route.key, nowMs);
  emitEvent(router, { kind: 'nodeLost', record: route.record });
}

/** Forgets a node: it said goodbye, or was lost long ago. */
export function forgetRoute(router: Router, route: Route, nowMs: number): void {
  loseRoute(router, route, nowMs);
  router.lost.delete(route);
  router.nodes.delete(route.key);
  emitEvent(router, { kind: 'nodeGone', record: route.record });
}

/** Forgets nodes that were lost long ago; returns when to look again. */
export function expireLost(router: Router, nowMs: number): number {
  for (const route of router.lost) {
    const dueAtMs = (route.lostAtMs ?? nowMs) + LOST_NODE_MS;
    if (dueAtMs > nowMs) return dueAtMs;
    forgetRoute(router, route, nowMs);
  }
  return Number.POSITIVE_INFINITY;
}

/** The way to a node that is up. */
export function findRoute(router: Router, key: NodeKey): Route | undefined {
  const route = router.nodes.get(key);
  return route !== undefined && route.lostAtMs === null ? route : undefined;
}
