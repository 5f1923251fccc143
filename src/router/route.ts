/**
 * What is known of one other node, and which of the ways there is taken.
 *
 * The table is a distance vector with sequence numbers and a feasibility condition, as Babel has it
 * (RFC 8966, sections 2.4 and 3.5.1): a neighbour's way is taken only when it is newer than the one
 * we had, or shorter than any that we had with that sequence number. So whoever we send to is
 * nearer, in that order, than we have ever been, and the ways to a node never form a circle.
 */
import { type NodeKey, nodeKeyOf } from '../protocol/address.ts';
import { HOPS_MAX } from '../protocol/limits.ts';
import type { Advert, NodeRecord } from '../protocol/record.ts';
import type { LinkId } from './io.ts';
import type { LinkRole } from './link.ts';
import type { Router } from './state.ts';

/** Where a way leads: how often over a link between peers. */
export const Reach = {
  /** Never: the node is below. */
  BELOW: 0,
  /** Once, at its first step: the node is below a peer. */
  ACROSS: 1,
  /** Somewhere further on. */
  BEYOND: 2,
  /** It begins at the parent: only a gateway hears of such a one. */
  ABOVE: 3,
} as const;
export type Reach = (typeof Reach)[keyof typeof Reach];

/** A way to a node: the word of one neighbour. */
export interface Candidate {
  readonly seqno: number;
  /** Hops from here. */
  readonly metric: number;
  readonly reach: Reach;
  /**
   * What was sent by this way may still be under way, unless this number is another one since: it
   * has broken meanwhile. 0 while nothing was sent by it.
   */
  readonly epoch: number;
}

/** The link of a way that there is not. */
export const NOWHERE: LinkId = -1;

export interface Route {
  /** What was said last of the node. Its sequence number is that of the way that is taken. */
  record: NodeRecord;
  readonly key: NodeKey;
  /** The way that is taken; NOWHERE while the node is lost. */
  via: LinkId;
  metric: number;
  reach: Reach;
  /** Fewest hops from here since the sequence number was new: the feasibility distance. */
  nearest: number;
  /** Ways that are not taken; null when there is none. */
  others: Map<LinkId, Candidate> | null;
  /** Words about other nodes of the same name, by the neighbours that speak of them. */
  rivals: Map<LinkId, Advert> | null;
  /** Of the way that is taken: see Candidate. */
  epoch: number;
  /** When it was lost; null while it is up. */
  lostAtMs: number | null;
}

/** A node that said goodbye. */
export interface Departed {
  readonly id: string;
  readonly incarnation: number;
  readonly untilMs: number;
}

/** A sequence number that is asked for. */
export interface Want {
  readonly incarnation: number;
  readonly seqno: number;
  /** The link by which somebody else asked for it. */
  readonly from: LinkId;
  /** When it was sent on; null before. */
  sentAtMs: number | null;
}

/** The way that a neighbour's word offers. */
export function readCandidate(advert: Advert, from: LinkRole): Candidate {
  const { metric, record } = advert;
  return { seqno: record.seqno, metric: metric + 1, reach: reachOf(advert, from), epoch: 0 };
}

function reachOf({ isBeside }: Advert, from: LinkRole): Reach {
  if (from === 'parent') return Reach.ABOVE;
  if (isBeside === true) return Reach.BEYOND;
  return from === 'peer' ? Reach.ACROSS : Reach.BELOW;
}

/** Whether a way can be taken without making a circle (RFC 8966, section 3.5.1). */
export function isFeasible(route: Route, { seqno, metric }: Candidate): boolean {
  const known = route.record.seqno;
  return seqno > known || (seqno === known && metric - 1 < route.nearest);
}

/** What a neighbour offers as a way to a node, taken or not. */
function candidateOf(route: Route, link: LinkId): Candidate | undefined {
  if (route.via !== link) return route.others?.get(link);
  const { metric, reach, epoch } = route;
  return { seqno: route.record.seqno, metric, reach, epoch };
}

/**
 * Whether a way is from before the node moved, or one of those that it is below of: the neighbour
 * has not noticed yet. So who moves takes along all that is below it, though that has nothing new
 * to say.
 */
function isFormer(router: Router, route: Route, link: LinkId): boolean {
  let at: Route | undefined = route;
  for (let hops = 0; at !== undefined && hops < HOPS_MAX; hops++) {
    const candidate = candidateOf(at, link);
    if (candidate === undefined) return false;
    const { parent, joinedSeqno }: NodeRecord = at.record;
    if (candidate.seqno < joinedSeqno) return true;
    at = parent === null ? undefined : router.nodes.get(nodeKeyOf(parent));
  }
  return false;
}

/** The epoch of a way; undefined when it has broken, or the node has moved since. */
export function epochOf(router: Router, key: NodeKey, link: LinkId): number | undefined {
  const route = router.nodes.get(key);
  if (route === undefined || isFormer(router, route, link)) return undefined;
  return candidateOf(route, link)?.epoch;
}

/** Which way to take. */
export interface Choice {
  /** The best of those that can be taken; NOWHERE when there is none. */
  readonly link: LinkId;
  /** A better one, which needs a new sequence number first; NOWHERE when there is none. */
  readonly wished: LinkId;
  /** Whether the node has moved: what is under way by the way that is taken now may be lost. */
  readonly isMove: boolean;
}

/** More than any metric. */
const FORMER_COST = 2 ** 32;

/**
 * The best way: none of those from before a move if there is another one, then the shortest, then
 * the one that is taken now. To prefer any but the shortest would need a new sequence number for
 * each node all the time.
 */
export function chooseWay(router: Router, route: Route): Choice {
  let link = NOWHERE;
  let cost = Number.POSITIVE_INFINITY;
  let wished = NOWHERE;
  let wishedCost = Number.POSITIVE_INFINITY;
  for (const each of waysOf(route)) {
    const candidate = candidateOf(route, each);
    if (candidate === undefined) continue;
    const former = isFormer(router, route, each) ? FORMER_COST : 0;
    const eachCost = candidate.metric + former;
    if (each === route.via || isFeasible(route, candidate)) {
      if (eachCost >= cost) continue;
      link = each;
      cost = eachCost;
    } else if (candidate.seqno === route.record.seqno && eachCost < wishedCost) {
      wished = each;
      wishedCost = eachCost;
    }
  }
  const isMove = link !== route.via && isFormer(router, route, route.via);
  return { link, wished: wishedCost < cost ? wished : NOWHERE, isMove };
}

/** Whether there are words about others of the same name. */
export function hasRivals({ rivals }: Route): boolean {
  return rivals !== null && rivals.size > 0;
}

/** How many of the ways to a node are from before it joined its present parent. */
export function countFormer(route: Route): number {
  const { seqno, joinedSeqno } = route.record;
  let count = route.via !== NOWHERE && seqno < joinedSeqno ? 1 : 0;
  for (const other of route.others?.values() ?? []) if (other.seqno < joinedSeqno) count++;
  return count;
}

/** The links by which a node can be reached, as their other ends say. */
export function waysOf(route: Route): LinkId[] {
  const others = [...(route.others?.keys() ?? [])];
  return route.via === NOWHERE ? others : [route.via, ...others];
}

/** Whether two records of a node say the same, but for what orders them. */
export function isSameContent(a: NodeRecord, b: NodeRecord): boolean {
  return (
    a.role === b.role &&
    a.parent === b.parent &&
    a.incarnation === b.incarnation &&
    a.realm === b.realm &&
    a.version === b.version &&
    a.services.join() === b.services.join() &&
    a.topics.join() === b.topics.join() &&
    a.urls.join() === b.urls.join() &&
    JSON.stringify(a.labels) === JSON.stringify(b.labels)
  );
}

/** Takes the way by `link`, which is one of the others; the former one becomes one of them. */
export function takeWay(route: Route, link: LinkId): void {
  const { via } = route;
  const others = route.others ?? new Map<LinkId, Candidate>();
  const former = candidateOf(route, via);
  const taken = others.get(link);
  others.delete(link);
  if (via !== NOWHERE && former !== undefined) others.set(via, former);
  route.others = others.size > 0 ? others : null;
  route.via = link;
  if (taken === undefined) return;
  route.epoch = taken.epoch;
  enterWay(route, taken);
}

/** The way that is taken is this long now. It is feasible. */
function enterWay(route: Route, { seqno, metric, reach }: Candidate): void {
  const isNewer = seqno > route.record.seqno;
  route.metric = metric;
  route.reach = reach;
  route.nearest = isNewer ? metric : Math.min(route.nearest, metric);
  if (isNewer) route.record = { ...route.record, seqno };
}

/** Believes what is newer in a record: not its sequence number, which belongs to a way. */
export function takeContent(route: Route, record: NodeRecord, link: LinkId): void {
  const { revision, seqno } = route.record;
  const isEqual = record.revision === revision;
  const isNewer = record.revision > revision || (isEqual && record.seqno > seqno);
  const isLater = isEqual && route.via === link;
  if (!isNewer && (!isLater || isSameContent(record, route.record))) return;
  route.record = { ...record, seqno };
}

/**
 * Notes the way that a neighbour's word offers. True when it has broken since the last word, and
 * something may be under way by it.
 */
export function offerWay(
  route: Route,
  link: LinkId,
  candidate: Candidate,
  isAnew: boolean,
): boolean {
  const epoch = candidateOf(route, link)?.epoch ?? 0;
  const kept = { ...candidate, epoch: isAnew ? 0 : epoch };
  if (route.via === link && isFeasible(route, candidate)) {
    route.epoch = kept.epoch;
    enterWay(route, candidate);
  } else {
    // One that is no longer feasible is none (RFC 8966, section 3.5.3), until it is newer.
    if (route.via === link) route.via = NOWHERE;
    route.others ??= new Map();
    route.others.set(link, kept);
  }
  return isAnew && epoch !== 0;
}

/** Takes back what a neighbour said. True when something may be under way by its way. */
export function removeWay(route: Route, link: LinkId): boolean {
  const epoch = candidateOf(route, link)?.epoch ?? 0;
  if (route.via === link) route.via = NOWHERE;
  else if (route.others?.delete(link) && route.others.size === 0) route.others = null;
  return epoch !== 0;
}
