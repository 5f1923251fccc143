/**
 * Telling the parent, the peers, and the children that want it, what is reached from here: changes
 * only, gathered for a moment; all of it on a new link. What is reached by a neighbour is not told
 * to that neighbour. Each link has a list of the nodes that are still to be told there, and hears
 * of some of them at a time, as they are then: so no tree is so large, and no link so slow, that
 * words about nodes fill up its queue.
 */
import { type NodeKey, nodeKeyOf } from '../protocol/address.ts';
import { bodyOf, encodeFrame, headOf, Kind } from '../protocol/frame.ts';
import { ADVERT_DELAY_MS, BODY_BYTES_MAX, NODES_MAX } from '../protocol/limits.ts';
import { pack, unpack, unpackMap } from '../protocol/pack.ts';
import { type Advert, keyOf, parseAdvert } from '../protocol/record.ts';
import { findBranch } from './branch.ts';
import { isKeptFrom } from './bridging.ts';
import { emitSend, errorAt } from './emit.ts';
import type { LinkId } from './io.ts';
import { welcomeNode, welcomeOthers } from './joining.ts';
import type { Link } from './link.ts';
import { resolveNamesake, resolveOwnName } from './namesakes.ts';
import { type Departed, NOWHERE, Reach, type Route } from './route.ts';
import { dismissRoute, followParents, installRoute, News, withdraw } from './routes.ts';
import { parentLink, type Router, selfRecord } from './state.ts';
import { dropLink } from './teardown.ts';
import { evictEarlier, evictFormer, findFormer } from './twins.ts';
import { noteUntold, takeUntold, type Untold } from './untold.ts';

/** Which run of which node said goodbye. */
type Left = Pick<Departed, 'id' | 'incarnation'>;
/** A withdrawn node, and who of its name left on purpose, if the neighbour knows of one. */
type Withdrawal = { readonly key: NodeKey; readonly left?: Left };
type Word = Advert | Withdrawal;

/** A word, and what it must not be said to: the neighbour that it leads to. */
interface Saying {
  readonly word: Word;
  readonly key: NodeKey;
  readonly via: LinkId;
  /** Whether that neighbour may have been told before. */
  readonly isTurned: boolean;
}

function describeRoute({ record, metric, reach }: Route, isAnew: boolean): Advert {
  const advert = { record, metric };
  const flags = {
    ...(isAnew ? { isAnew } : undefined),
    ...(reach === Reach.BELOW ? undefined : { isBeside: true }),
  };
  return { ...advert, ...flags };
}

/** Who has left may have come back meanwhile, and be lost now: so the word says who it was. */
function describeLoss(key: NodeKey, departed: Departed | undefined): Withdrawal {
  if (departed === undefined) return { key };
  const { id, incarnation } = departed;
  return { key, left: { id, incarnation } };
}

function describe(router: Router, key: NodeKey, news: number): Saying {
  const isTurned = (news & News.TURNED) !== 0;
  const said = { key, via: NOWHERE, isTurned };
  if (key === router.key) return { ...said, word: { record: selfRecord(router), metric: 0 } };
  const route = router.nodes.get(key);
  if (route === undefined || route.lostAtMs !== null) {
    const departed = route === undefined ? router.departed.get(key) : undefined;
    return { ...said, word: describeLoss(key, departed) };
  }
  return { ...said, via: route.via, word: describeRoute(route, (news & News.ANEW) !== 0) };
}

/** Withdrawals first, then who is nearest: a parent before its children, as route.ts needs it. */
function rankOf({ word }: Saying): number {
  return 'metric' in word ? word.metric : -1;
}

function sendWords(router: Router, link: Link, words: readonly Word[]): void {
  const body = pack(words);
  if (body.length > BODY_BYTES_MAX && words.length > 1) {
    const half = words.length >> 1;
    sendWords(router, link, words.slice(0, half));
    sendWords(router, link, words.slice(half));
    return;
  }
  // A child knows by it which of its wishes this is for.
  const head = link.role === 'child' ? pack({ all: link.allNumber }) : undefined;
  emitSend(router, link.id, encodeFrame({ kind: Kind.ADVERT }, head, body));
}

/** What is said to one neighbour: nothing that it reaches better itself. */
function sayTo(router: Router, link: Link, sayings: readonly Saying[]): void {
  const words: Word[] = [];
  for (const { word, key, via, isTurned } of sayings) {
    if (via !== link.id && !isKeptFrom(router, link, via)) words.push(word);
    else if (isTurned) words.push({ key });
  }
  if (words.length > 0) sendWords(router, link, words);
}

/** The link of the way to a node that is up; that of a way which comes and goes is quiet. */
function quietUntil(router: Router, key: NodeKey): number {
  const route = router.nodes.get(key);
  const via = route === undefined || route.lostAtMs !== null ? NOWHERE : route.via;
  return router.links.get(via)?.quietUntilMs ?? Number.NEGATIVE_INFINITY;
}

/** Takes out of the news what is due, and returns when the rest of it is. */
function takeNews(router: Router, nowMs: number): { due: Untold[]; nextMs: number } {
  const due: Untold[] = [];
  let nextMs = Number.POSITIVE_INFINITY;
  for (const [key, news] of router.dirty) {
    const dueAtMs = quietUntil(router, key);
    if (dueAtMs > nowMs) {
      nextMs = Math.min(nextMs, dueAtMs);
      continue;
    }
    due.push([key, news]);
    router.dirty.delete(key);
  }
  return { due, nextMs };
}

/** Tells a neighbour some of what it is to hear. */
function sayNext(router: Router, link: Link): void {
  const sayings = takeUntold(link).map(([key, news]) => describe(router, key, news));
  sayings.sort((a, b) => rankOf(a) - rankOf(b));
  sayTo(router, link, sayings);
}

/** Parents that were chosen at the same moment may form a circle. Who sees it leaves its own. */
function leaveCircle(router: Router, nowMs: number): void {
  const up = parentLink(router);
  const record = up?.peer;
  if (up === undefined || record == null || !router.nodes.has(keyOf(record))) return;
  const isSame = router.nodes.get(keyOf(record))?.record.id === record.id;
  if (!isSame || findBranch(router, record.name) === undefined) return;
  const values = { node: record.name, child: router.config.name };
  dropLink(router, up, errorAt(router, 'E_LOOP', values), nowMs);
}

/** Who hears what is reached from here. */
function listenersOf(router: Router): Link[] {
  const up = parentLink(router);
  const peers = [...router.peers.values()].filter(({ phase }) => phase === 'open');
  const beside = [...peers, ...router.gateway.children];
  return up === undefined ? beside : [up, ...beside];
}

/**
 * Says what has gathered. Returns when there is more; nothing is due until something changes, or
 * until a link that does not keep up has drained.
 */
export function flushAdverts(router: Router, nowMs: number): number {
  followParents(router, nowMs);
  welcomeOthers(router, nowMs);
  leaveCircle(router, nowMs);
  const listeners = listenersOf(router);
  // Whoever comes later will hear everything.
  if (listeners.length === 0) router.dirty.clear();
  const { due, nextMs } = takeNews(router, nowMs);
  let isMore = false;
  for (const link of listeners) {
    noteUntold(router, link, due);
    if (link.isCongested) continue;
    sayNext(router, link);
    isMore ||= link.untold.size > 0;
  }
  return isMore ? Math.min(nextMs, nowMs + ADVERT_DELAY_MS) : nextMs;
}

/** Where a node lives, for people: `parent/name`. */
export function placeOf(router: Router, name: string): string {
  const route = router.nodes.get(nodeKeyOf(name));
  return `${route?.record.parent ?? router.config.name}/${route?.record.name ?? name}`;
}

/** Applies the word about one node; false when the link had to go. */
export function applyAdvert(router: Router, link: Link, advert: Advert, nowMs: number): boolean {
  const key = keyOf(advert.record);
  if (key === router.key) return resolveOwnName(router, advert, link, nowMs);
  if (router.nodes.size >= NODES_MAX && !router.nodes.has(key)) {
    dropLink(router, link, errorAt(router, 'E_TOO_MANY_NODES', { max: NODES_MAX }), nowMs);
    return false;
  }
  const former = findFormer(router, advert);
  let installed = installRoute(router, advert, link, nowMs);
  if (former !== undefined) evictFormer(router, former, advert, link);
  else if (installed === 'known') evictEarlier(router, advert, link);
  if (installed === 'collision') installed = resolveNamesake(router, advert, link, nowMs);
  if (installed === 'placed') welcomeNode(router, advert.record, nowMs);
  return true;
}

function applyWithdrawal(router: Router, link: Link, word: Withdrawal, nowMs: number): void {
  const route = router.nodes.get(word.key);
  if (route === undefined || !link.reached.has(word.key)) return;
  const isRival = route.rivals?.has(link.id) === true;
  const { id, incarnation } = route.record;
  const hasLeft = word.left?.id === id && incarnation <= word.left.incarnation;
  if (hasLeft && !isRival) dismissRoute(router, route, nowMs);
  else withdraw(router, route, link, nowMs);
}

function parseWithdrawal(word: unknown): Withdrawal | undefined {
  const { key, left } = (word ?? {}) as Partial<Record<keyof Withdrawal, unknown>>;
  if (typeof key !== 'number') return undefined;
  if (left === undefined) return { key };
  const { id, incarnation } = (left ?? {}) as Partial<Record<keyof Left, unknown>>;
  const isFine = typeof id === 'string' && typeof incarnation === 'number';
  return isFine ? { key, left: { id, incarnation } } : undefined;
}

/** Applies one of the words of an ADVERT frame; false when the link had to go. */
function applyWord(router: Router, link: Link, word: unknown, nowMs: number): boolean {
  const advert = parseAdvert(word);
  if (advert !== undefined) return applyAdvert(router, link, advert, nowMs);
  const withdrawal = parseWithdrawal(word);
  if (withdrawal === undefined) {
    const reason = 'an advert has a word that is none';
    dropLink(router, link, errorAt(router, 'E_FRAME_INVALID', { reason }), nowMs);
    return false;
  }
  applyWithdrawal(router, link, withdrawal, nowMs);
  return true;
}

/** What the parent says, which was asked for it: an answer to a former wish is none. */
export function handleAdvertFromAbove(
  router: Router,
  link: Link,
  frame: Buffer,
  nowMs: number,
): void {
  const { gateway } = router;
  const { all } = unpackMap(headOf(frame));
  if (gateway.isOn && all === gateway.number) handleAdvert(router, link, frame, nowMs);
}

/** What a neighbour says of itself and of what it reaches: the body is a list of words. */
export function handleAdvert(router: Router, link: Link, frame: Buffer, nowMs: number): void {
  const words = unpack(bodyOf(frame));
  // What is no list has nothing that could be a word.
  const list: readonly unknown[] = Array.isArray(words) ? words : [undefined];
  for (const word of list) if (!applyWord(router, link, word, nowMs)) return;
}
