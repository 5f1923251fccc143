/**
 * Changes of what is wanted where: by the records of nodes, by a parent's word, and by programs of
 * this node. The children hear of it a moment later.
 */
import { ADVERT_DELAY_MS } from '../protocol/limits.ts';
import type { Link } from './link.ts';
import type { Route } from './route.ts';
import { type Router, wakeBy } from './state.ts';
import { unwant, want } from './wanted.ts';

function tellSoon(router: Router, nowMs: number): void {
  if (router.wanted.news.size + router.wanted.newcomers.size === 0) return;
  wakeBy(router, 'interest', nowMs + ADVERT_DELAY_MS);
}

/** Enters what a node that is up wants. */
export function indexTopics(router: Router, route: Route, nowMs: number): void {
  for (const pattern of route.record.topics) want(router.wanted, pattern, route.via);
  tellSoon(router, nowMs);
}

/** Takes it out again: before its record or the way to it changes. */
export function unindexTopics(router: Router, route: Route, nowMs: number): void {
  for (const pattern of route.record.topics) unwant(router.wanted, pattern, route.via);
  tellSoon(router, nowMs);
}

/** A child is new: it will hear what is wanted elsewhere. */
export function greetChild(router: Router, link: Link, nowMs: number): void {
  router.wanted.newcomers.add(link.id);
  tellSoon(router, nowMs);
}

/** The other end of a link says that it wants a pattern. */
export function addWish(router: Router, link: Link, pattern: string, nowMs: number): void {
  if (link.topics.has(pattern)) return;
  link.topics.add(pattern);
  want(router.wanted, pattern, link.id);
  tellSoon(router, nowMs);
}

/** It does no longer. False when it did not before. */
export function removeWish(router: Router, link: Link, pattern: string, nowMs: number): boolean {
  if (!link.topics.delete(pattern)) return false;
  unwant(router.wanted, pattern, link.id);
  tellSoon(router, nowMs);
  return true;
}

/** A program of this node wants a pattern. True when no other did: the node's record changes. */
export function addOwnWish(router: Router, link: Link, pattern: string, nowMs: number): boolean {
  if (link.topics.has(pattern)) return false;
  addWish(router, link, pattern, nowMs);
  const { own } = router.wanted;
  const count = own.get(pattern) ?? 0;
  own.set(pattern, count + 1);
  return count === 0;
}

/** As {@link addOwnWish}, the other way: true when none wants it any more. */
export function removeOwnWish(router: Router, link: Link, pattern: string, nowMs: number): boolean {
  if (!removeWish(router, link, pattern, nowMs)) return false;
  const { own } = router.wanted;
  const count = (own.get(pattern) ?? 0) - 1;
  if (count > 0) own.set(pattern, count);
  else own.delete(pattern);
  return count === 0;
}
