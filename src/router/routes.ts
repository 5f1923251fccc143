/**
 * The table of nodes that are reached without the parent: those below, and what peers reach; at a
 * gateway also what the parent reaches. What neighbours say comes in here; each change goes out as
 * an event, and as news for them. Which of several ways is taken is decided in route.ts.
 */
import type { NodeKey } from '../protocol/address.ts';
import { ADVERT_DELAY_MS, HOPS_MAX, LOST_NODE_MS, NODES_MAX } from '../protocol/limits.ts';
import { type Advert, keyOf, type NodeRecord } from '../protocol/record.ts';
import { indexServices, unindexServices } from './anycast.ts';
import { noteAwayNode } from './away.ts';
import { countBeside, discountBeside } from './beside.ts';
import { forgetSteady, noteNeighbour } from './flapping.ts';
import type { LinkId } from './io.ts';
import type { Link } from './link.ts';
import {
  chooseWay,
  countFormer,
  hasRivals,
  isSameContent,
  NOWHERE,
  offerWay,
  Reach,
  type Route,
  readCandidate,
  removeWay,
  takeContent,
  takeWay,
  waysOf,
} from './route.ts';
import { showChange, showLoss } from './sightings.ts';
import { doubt, type Router, wakeBy } from './state.ts';
import { indexTopics, unindexTopics } from './wishes.ts';

/** What there is to tell of a node. Several are added up, bit by bit. */
export const News = {
  CHANGED: 0,
  /** The way there stands anew: what was under way may be lost. */
  ANEW: 1,
  /** The way there leads by another neighbour. */
  TURNED: 2,
} as const;

/** Remembers that neighbours must hear of `key`; they will, with what else changes then. */
export function markDirty(
  router: Router,
  key: NodeKey,
  nowMs: number,
  news: number = News.CHANGED,
): void {
  router.tableVersion++;
  if (key === router.key) router.revision++;
  router.dirty.set(key, news | (router.dirty.get(key) ?? 0));
  wakeBy(router, 'adverts', nowMs + ADVERT_DELAY_MS);
}

/**
 * What came of an advert: the way to the node stands anew, there is other news, none, or it is
 * about another node of the same name.
 */
export type Installed = 'placed' | 'changed' | 'known' | 'collision';

/** Asks for a sequence number with which a better way could be taken. */
function wantNewer(router: Router, { key, record }: Route, nowMs: number): void {
  const { incarnation } = record;
  const seqno = record.seqno + 1;
  const want = router.wants.get(key);
  const isSame = want?.incarnation === incarnation;
  if (isSame && want.seqno >= seqno) return;
  // Not at once after the last one: where the numbers do not help, they must not follow each other.
  const sentAtMs = isSame ? want.sentAtMs : null;
  router.wants.set(key, { incarnation, seqno, from: NOWHERE, sentAtMs });
  wakeBy(router, 'refresh', nowMs);
}

/** Takes the best way. True when what is under way by the former one may be lost. */
function reselect(router: Router, route: Route, nowMs: number): boolean {
  if (route.via !== NOWHERE && route.others === null) return false;
  const { link, wished, isMove } = chooseWay(router, route);
  const isTurn = link !== route.via;
  if (isTurn) takeWay(route, link);
  if (wished !== NOWHERE) wantNewer(router, route, nowMs);
  if (route.others === null) router.contested.delete(route);
  else router.contested.add(route);
  return isTurn && isMove;
}

function leave(router: Router, route: Route, nowMs: number): void {
  discountBeside(router, route, nowMs);
  unindexServices(router, route);
  unindexTopics(router, route, nowMs);
}

function enter(router: Router, route: Route, nowMs: number): void {
  countBeside(router, route, nowMs);
  indexServices(router, route);
  indexTopics(router, route, nowMs);
}

/** What was sent to a node by these ways may be lost. */
function doubtWays(router: Router, ways: readonly LinkId[]): void {
  for (const way of ways) doubt(router, router.links.get(way));
}

function noteLoss(router: Router, route: Route, nowMs: number): Installed {
  route.lostAtMs = nowMs;
  router.lost.add(route);
  wakeBy(router, 'lostNodes', nowMs + LOST_NODE_MS);
  markDirty(router, route.key, nowMs, News.TURNED);
  showLoss(router, route, 'nodeLost');
  return 'changed';
}

/** Of two ways to a node that is below this one, the other may be the better one now. */
function noteTurn(router: Router, nowMs: number): void {
  router.hasTurned = true;
  if (router.contested.size > 0) wakeBy(router, 'adverts', nowMs + ADVERT_DELAY_MS);
}

/**
 * Changes what is known of a node by `act`, which says whether what is under way may be lost; then
 * takes the best way, and tells who must know.
 */
function alter(router: Router, route: Route, nowMs: number, act: () => boolean): Installed {
  const before = { ...route };
  const formerWays = waysOf(route);
  const formerCount = countFormer(route);
  const wasUp = route.lostAtMs === null;
  if (wasUp) leave(router, route, nowMs);
  const isMarked = act();
  const isMoved = reselect(router, route, nowMs);
  const isTurned = before.via !== route.via;
  const hasTurned = isTurned || countFormer(route) !== formerCount;
  if (hasTurned) noteTurn(router, nowMs);
  if (hasTurned || isMarked) doubtWays(router, [...formerWays, ...waysOf(route)]);
  if (route.via === NOWHERE) return wasUp ? noteLoss(router, route, nowMs) : 'known';
  route.lostAtMs = null;
  enter(router, route, nowMs);
  if (route.epoch === 0) route.epoch = ++router.tableVersion;
  const isAnew = !wasUp || isMarked || isMoved;
  const isSame = before.metric === route.metric && before.reach === route.reach;
  if (isSame && !isAnew && !isTurned && before.record === route.record) return 'known';
  const news = (isAnew ? News.ANEW : 0) | (isTurned ? News.TURNED : 0);
  markDirty(router, route.key, nowMs, news);
  router.lost.delete(route);
  if (before.record.joinedSeqno !== route.record.joinedSeqno) router.rejoined.add(route.key);
  if (!wasUp && route.metric === 1) noteNeighbour(router, route, before.epoch !== 0, nowMs);
  const isShown = !isSame || !isSameContent(before.record, route.record);
  showChange(router, before, route, isShown);
  return isAnew ? 'placed' : 'changed';
}

/** As {@link alter}, of ways that were known before. What went by the former one may be lost. */
function turn(router: Router, route: Route, nowMs: number, act: () => boolean): void {
  if (alter(router, route, nowMs, act) === 'placed') router.rejoined.add(route.key);
}

function createRoute(router: Router, record: NodeRecord): Route {
  const key = keyOf(record);
  const way = { via: NOWHERE, metric: 0, reach: Reach.ABOVE, nearest: Number.POSITIVE_INFINITY };
  const rest = { others: null, rivals: null, epoch: 0, lostAtMs: 0 };
  const route: Route = { record, key, ...way, ...rest };
  router.nodes.set(key, route);
  return route;
}

/** A node has started anew: no way of its former run leads to it. */
function restartRoute(router: Router, route: Route, record: NodeRecord): void {
  for (const link of waysOf(route)) router.links.get(link)?.reached.delete(route.key);
  const way = { via: NOWHERE, nearest: Number.POSITIVE_INFINITY };
  Object.assign(route, { ...way, record, others: null, epoch: 0 });
}

function isDeparted(router: Router, { id, incarnation }: NodeRecord, key: NodeKey): boolean {
  const departed = router.departed.get(key);
  return departed?.id === id && incarnation <= departed.incarnation;
}

/** Puts the word of a neighbour into the table. */
export function installRoute(router: Router, advert: Advert, link: Link, nowMs: number): Installed {
  const { record } = advert;
  const key = keyOf(record);
  if (isDeparted(router, record, key)) return 'known';
  const route = router.nodes.get(key) ?? createRoute(router, record);
  const { id, name, incarnation } = route.record;
  if (id !== record.id || name !== record.name) return 'collision';
  if (record.incarnation < incarnation) {
    withdraw(router, route, link, nowMs);
    return 'known';
  }
  return alter(router, route, nowMs, () => {
    const isRestart = record.incarnation > incarnation;
    if (isRestart) restartRoute(router, route, record);
    link.reached.add(key);
    route.rivals?.delete(link.id);
    takeContent(route, record, link.id);
    const candidate = readCandidate(advert, link.role);
    return offerWay(route, link.id, candidate, advert.isAnew === true) || isRestart;
  });
}

/** A neighbour reaches a node no more. The best of the other ways is taken, if there is one. */
export function withdraw(router: Router, route: Route, link: Link, nowMs: number): void {
  if (!link.reached.delete(route.key)) return;
  route.rivals?.delete(link.id);
  turn(router, route, nowMs, () => removeWay(route, link.id));
  if (route.others === null) router.contested.delete(route);
  if (route.lostAtMs !== null && hasRivals(route)) succeed(router, route, nowMs);
}

/** Another node of the same name, which was known of, takes the place of one that is lost. */
function succeed(router: Router, route: Route, nowMs: number): void {
  const rivals = route.rivals ?? [];
  forgetRoute(router, route, nowMs);
  for (const [id, advert] of rivals) {
    const link = router.links.get(id);
    if (link === undefined) continue;
    const isRival = installRoute(router, advert, link, nowMs) === 'collision';
    if (isRival) noteRival(router, advert, link);
  }
}

/** Remembers the word about a node whose name belongs to another one, for when that is gone. */
export function noteRival(router: Router, advert: Advert, link: Link): void {
  const route = router.nodes.get(keyOf(advert.record));
  if (route === undefined) return;
  link.reached.add(route.key);
  route.rivals ??= new Map();
  route.rivals.set(link.id, advert);
}

/** Forgets a node, whatever is said of it. */
export function forgetRoute(router: Router, route: Route, nowMs: number): void {
  doubtWays(router, waysOf(route));
  for (const link of [...waysOf(route), ...(route.rivals?.keys() ?? [])]) {
    router.links.get(link)?.reached.delete(route.key);
  }
  if (route.lostAtMs === null) {
    leave(router, route, nowMs);
    noteLoss(router, route, nowMs);
  }
  route.via = NOWHERE;
  router.lost.delete(route);
  router.contested.delete(route);
  router.nodes.delete(route.key);
  noteAwayNode(router, route.key, route.record.name);
  showLoss(router, route, 'nodeGone');
}

/** Forgets a node that said goodbye. Old words about it are not believed for a while. */
export function dismissRoute(router: Router, route: Route, nowMs: number): void {
  const { id, incarnation } = route.record;
  router.departed.delete(route.key);
  const [oldest] = router.departed.keys();
  if (router.departed.size >= NODES_MAX && oldest !== undefined) router.departed.delete(oldest);
  router.departed.set(route.key, { id, incarnation, untilMs: nowMs + LOST_NODE_MS });
  wakeBy(router, 'lostNodes', nowMs + LOST_NODE_MS);
  if (hasRivals(route)) succeed(router, route, nowMs);
  else forgetRoute(router, route, nowMs);
}

/** Forgets nodes that were lost, or said goodbye, long ago; returns when to look again. */
export function expireLost(router: Router, nowMs: number): number {
  let nextMs = forgetSteady(router, nowMs);
  for (const [key, { untilMs }] of router.departed) {
    if (untilMs > nowMs) {
      nextMs = Math.min(nextMs, untilMs);
      break;
    }
    router.departed.delete(key);
  }
  for (const route of router.lost) {
    const dueAtMs = (route.lostAtMs ?? nowMs) + LOST_NODE_MS;
    if (dueAtMs > nowMs) return Math.min(nextMs, dueAtMs);
    forgetRoute(router, route, nowMs);
  }
  return nextMs;
}

/** Takes the ways that fit best since other ways have turned: nodes follow their parents. */
export function followParents(router: Router, nowMs: number): void {
  for (let pass = 0; router.hasTurned && pass < HOPS_MAX; pass++) {
    router.hasTurned = false;
    for (const route of router.contested) {
      const { link, wished } = chooseWay(router, route);
      if (link !== route.via) turn(router, route, nowMs, () => false);
      else if (wished !== NOWHERE) wantNewer(router, route, nowMs);
    }
  }
  router.hasTurned = false;
}

/** The way to a node that is up. */
export function findRoute(router: Router, key: NodeKey): Route | undefined {
  const route = router.nodes.get(key);
  return route !== undefined && route.lostAtMs === null ? route : undefined;
}
