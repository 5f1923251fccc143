/**
 * Two nodes of one name, or of two names with one key. One of them is kept, and everywhere the same
 * one. In a tree that is the one that came first: the node where both meet sends the other away.
 * Where they meet over a link between peers, each side keeps its own realm's, and of one realm's
 * two the one that started first; who has the other one below it sends that away.
 */
import type { ErrorData } from '../protocol/errors.ts';
import { type Advert, keyOf, type NodeRecord } from '../protocol/record.ts';
import { findBranch } from './branch.ts';
import { emitEvent, errorAt } from './emit.ts';
import { evictNode } from './joining.ts';
import type { Link } from './link.ts';
import { Reach, type Route } from './route.ts';
import { forgetRoute, type Installed, installRoute, noteRival, withdraw } from './routes.ts';
import type { Router } from './state.ts';
import { dropLink } from './teardown.ts';

/** The child below which the node of a word is; undefined when it is not in our own tree. */
export function branchOf(router: Router, advert: Advert, link: Link): Link | undefined {
  const { parent } = advert.record;
  if (link.role === 'child' && (advert.isBeside !== true || parent === router.config.name)) {
    return link;
  }
  return parent === null ? undefined : findBranch(router, parent);
}

/** Whether the one that is known keeps the name. All who see both agree, within a realm. */
function isKept(router: Router, known: Route, advert: Advert, link: Link): boolean {
  const isOwn = (record: NodeRecord) => record.realm === router.realm;
  const isKnownOwn = known.reach === Reach.BELOW || isOwn(known.record);
  const isNewOwn = branchOf(router, advert, link) !== undefined || isOwn(advert.record);
  if (isKnownOwn !== isNewOwn) return isKnownOwn;
  const { incarnation, id } = known.record;
  const { record } = advert;
  if (incarnation !== record.incarnation) return incarnation < record.incarnation;
  return id < record.id;
}

/** Where a node lives, for people. */
export function placeOf({ name, parent }: NodeRecord): string {
  return parent === null ? name : `${parent}/${name}`;
}

/** The error for the one of two namesakes that must go. */
function takenError(router: Router, kept: NodeRecord, other: NodeRecord): ErrorData {
  const values = { name: kept.name, where: placeOf(kept), other: placeOf(other) };
  return errorAt(router, 'E_NAME_TAKEN', values);
}

/** The node that is known keeps its name. */
function keepKnown(router: Router, known: Route, advert: Advert, link: Link): Installed {
  const error = takenError(router, known.record, advert.record);
  const branch = branchOf(router, advert, link);
  if (branch !== undefined) evictNode(router, advert.record, branch, error);
  else emitEvent(router, { kind: 'linkRefused', link: link.id, error });
  const isAmongUs = branch !== undefined && known.reach === Reach.BELOW;
  // Who is sent away will come again by itself.
  if (!isAmongUs) noteRival(router, advert, link);
  return 'collision';
}

/** All that is said of a node, as words of those who said it. */
function sayingsOf({ via, metric, reach, record, others }: Route): [number, Advert][] {
  const isBeside = reach === Reach.BEYOND;
  const words: [number, Advert][] = [[via, { record, metric: metric - 1, isBeside }]];
  for (const [link, other] of others ?? []) {
    const theirs = { ...record, seqno: other.seqno };
    const isTheirs = other.reach === Reach.BEYOND;
    words.push([link, { record: theirs, metric: other.metric - 1, isBeside: isTheirs }]);
  }
  return words;
}

/** The other node takes the name. */
function takeOther(
  router: Router,
  known: Route,
  advert: Advert,
  heard: { readonly link: Link; readonly nowMs: number },
): Installed {
  const { link, nowMs } = heard;
  const wasUp = known.lostAtMs === null;
  const rivals = [...(known.rivals ?? []), ...(wasUp ? sayingsOf(known) : [])];
  const { record } = known;
  const branch = wasUp ? findBranch(router, record.name) : undefined;
  forgetRoute(router, known, nowMs);
  const installed = installRoute(router, advert, link, nowMs);
  const taken = router.nodes.get(keyOf(advert.record));
  if (branch !== undefined && taken !== undefined) {
    evictNode(router, record, branch, takenError(router, taken.record, record));
    return installed;
  }
  for (const [id, rival] of rivals) {
    const other = router.links.get(id);
    if (other !== undefined && other !== link) noteRival(router, rival, other);
  }
  return installed;
}

/** A word about another node of a name that is known. */
export function resolveNamesake(
  router: Router,
  advert: Advert,
  link: Link,
  nowMs: number,
): Installed {
  const key = keyOf(advert.record);
  const former = router.nodes.get(key);
  // From the same neighbour it is no collision: who had the name before is gone there.
  if (former !== undefined && link.reached.has(key)) withdraw(router, former, link, nowMs);
  const known = router.nodes.get(key);
  if (known === undefined || known.record.id === advert.record.id) {
    return installRoute(router, advert, link, nowMs);
  }
  const isUp = known.lostAtMs === null;
  const isAmongUs = branchOf(router, advert, link) !== undefined && known.reach === Reach.BELOW;
  if (isUp && (isAmongUs || isKept(router, known, advert, link))) {
    return keepKnown(router, known, advert, link);
  }
  return takeOther(router, known, advert, { link, nowMs });
}

/** A word about this node's own name; false when the link had to go. */
export function resolveOwnName(router: Router, advert: Advert, link: Link, nowMs: number): boolean {
  const { name, id } = router.config;
  if (advert.record.id === id) {
    // Over links between peers the word may come around to a node that is not below itself.
    if (link.role !== 'child' || advert.isBeside === true) return true;
    const values = { node: name, child: link.peer?.name ?? '' };
    dropLink(router, link, errorAt(router, 'E_LOOP', values), nowMs);
    return false;
  }
  const error = errorAt(router, 'E_NAME_TAKEN', {
    name,
    where: `${name} itself`,
    other: placeOf(advert.record),
  });
  const branch = branchOf(router, advert, link);
  if (branch !== undefined) evictNode(router, advert.record, branch, error);
  else emitEvent(router, { kind: 'linkRefused', link: link.id, error });
  return true;
}
