/** Telling the parent what is below: changes only, gathered for a moment, all of it on a new uplink. */
import type { NodeKey } from '../protocol/address.ts';
import { encodeFrame, Kind } from '../protocol/frame.ts';
import { ADVERT_RECORDS_MAX, NODES_MAX } from '../protocol/limits.ts';
import { pack } from '../protocol/pack.ts';
import { type Advert, keyOf, parseAdvert } from '../protocol/record.ts';
import { emitSend, errorAt } from './emit.ts';
import { evictNode, welcomeNode } from './joining.ts';
import { dropLink } from './links.ts';
import { forgetRoute, installRoute, loseRoute, markDirty } from './routes.ts';
import { type Link, parentLink, type Router, selfRecord } from './state.ts';

/** A withdrawn node: whether it left on purpose, or is lost. */
type Withdrawal = { readonly key: NodeKey; readonly hasLeft: boolean };

/** Everything is news to a new parent. */
export function markAllDirty(router: Router, nowMs: number): void {
  router.dirty.clear();
  for (const [key, route] of router.nodes) {
    if (route.lostAtMs === null) markDirty(router, key, nowMs);
  }
  markDirty(router, router.key, nowMs);
}

function describe(router: Router, key: NodeKey): Advert | Withdrawal {
  if (key === router.key) return { record: selfRecord(router), metric: 0 };
  const route = router.nodes.get(key);
  if (route === undefined) return { key, hasLeft: true };
  if (route.lostAtMs !== null) return { key, hasLeft: false };
  return { record: route.record, metric: route.metric };
}

/** Sends what has gathered when its time has come. Returns when to look again. */
export function flushAdverts(router: Router, nowMs: number): number {
  if (router.advertAtMs === null) return Number.POSITIVE_INFINITY;
  if (router.advertAtMs > nowMs) return router.advertAtMs;
  router.advertAtMs = null;
  const up = parentLink(router);
  const news = up === undefined ? [] : [...router.dirty].map((key) => describe(router, key));
  router.dirty.clear();
  for (let at = 0; at < news.length && up !== undefined; at += ADVERT_RECORDS_MAX) {
    const body = pack(news.slice(at, at + ADVERT_RECORDS_MAX));
    emitSend(router, up.id, encodeFrame({ kind: Kind.ADVERT }, undefined, body));
  }
  return Number.POSITIVE_INFINITY;
}

function applyWithdrawal(
  router: Router,
  link: Link,
  word: Partial<Withdrawal>,
  nowMs: number,
): void {
  const route = typeof word.key === 'number' ? router.nodes.get(word.key) : undefined;
  if (route === undefined || route.via !== link.id) return;
  if (word.hasLeft === true) forgetRoute(router, route, nowMs);
  else loseRoute(router, route, nowMs);
}

/** Applies the word about one node; false when the link had to go. */
export function applyAdvert(router: Router, link: Link, advert: Advert, nowMs: number): boolean {
  const { record } = advert;
  if (keyOf(record) === router.key) {
    if (record.id !== router.config.id) {
      evictNode(router, advert, link.id, `${router.config.name} itself`);
      return true;
    }
    const values = { node: router.config.name, child: link.peer?.name ?? '' };
    dropLink(router, link, errorAt(router, 'E_LOOP', values), nowMs);
    return false;
  }
  if (router.nodes.size >= NODES_MAX && !router.nodes.has(keyOf(record))) {
    dropLink(router, link, errorAt(router, 'E_TOO_MANY_NODES', { max: NODES_MAX }), nowMs);
    return false;
  }
  const installed = installRoute(router, advert, link.id, nowMs);
  if (installed === 'new') welcomeNode(router, advert, link.id);
  if (installed === 'collision') evictNode(router, advert, link.id, placeOf(router, record.name));
  return true;
}

/** Where a node lives, for people: `parent/name`. */
export function placeOf(router: Router, name: string): string {
  for (const { record } of router.nodes.values()) {
    if (record.name === name) return `${record.parent ?? router.config.name}/${name}`;
  }
  return `${router.config.name}/${name}`;
}

/** The body of an ADVERT frame: a list of words about nodes. False when the link is to blame. */
export function applyAdverts(router: Router, link: Link, words: unknown, nowMs: number): boolean {
  if (!Array.isArray(words)) return false;
  for (const word of words as unknown[]) {
    const advert = parseAdvert(word);
    if (advert === undefined)
      applyWithdrawal(router, link, (word ?? {}) as Partial<Withdrawal>, nowMs);
    else if (!applyAdvert(router, link, advert, nowMs)) return true;
  }
  return true;
}
