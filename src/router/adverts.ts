/**
 * Telling the parent what is below: changes only, gathered for a moment, all of it on a new uplink.
 */
import { type NodeKey, nodeKeyOf } from '../protocol/address.ts';
import { bodyOf, encodeFrame, Kind } from '../protocol/frame.ts';
import { ADVERT_RECORDS_MAX, BODY_BYTES_MAX, NODES_MAX } from '../protocol/limits.ts';
import { pack, unpack } from '../protocol/pack.ts';
import { type Advert, keyOf, parseAdvert } from '../protocol/record.ts';
import { emitSend, errorAt } from './emit.ts';
import type { LinkId } from './io.ts';
import { evictNode, welcomeNode } from './joining.ts';
import type { Link } from './link.ts';
import { forgetRoute, installRoute, loseRoute } from './routes.ts';
import { parentLink, type Router, selfRecord } from './state.ts';
import { dropLink } from './teardown.ts';

/** A withdrawn node: whether it left on purpose, or is lost. */
type Withdrawal = { readonly key: NodeKey; readonly hasLeft: boolean };
type Word = Advert | Withdrawal;

function describe(router: Router, key: NodeKey, isAnew: boolean): Word {
  if (key === router.key) return { record: selfRecord(router), metric: 0 };
  const route = router.nodes.get(key);
  if (route === undefined) return { key, hasLeft: true };
  if (route.lostAtMs !== null) return { key, hasLeft: false };
  const advert = { record: route.record, metric: route.metric };
  return isAnew ? { ...advert, isAnew } : advert;
}

/** Withdrawals first, then who is nearest: a parent before its children, as routes.ts needs it. */
function rankOf(word: Word): number {
  return 'metric' in word ? word.metric : -1;
}

function sendWords(router: Router, link: LinkId, words: readonly Word[]): void {
  const body = pack(words);
  if (body.length > BODY_BYTES_MAX && words.length > 1) {
    const half = words.length >> 1;
    sendWords(router, link, words.slice(0, half));
    sendWords(router, link, words.slice(half));
    return;
  }
  emitSend(router, link, encodeFrame({ kind: Kind.ADVERT }, undefined, body));
}

/** Sends what has gathered. Nothing is due then until something changes. */
export function flushAdverts(router: Router): number {
  const up = parentLink(router);
  if (up !== undefined) {
    const words = [...router.dirty].map(([key, isAnew]) => describe(router, key, isAnew));
    words.sort((a, b) => rankOf(a) - rankOf(b));
    for (let at = 0; at < words.length; at += ADVERT_RECORDS_MAX) {
      sendWords(router, up.id, words.slice(at, at + ADVERT_RECORDS_MAX));
    }
  }
  router.dirty.clear();
  return Number.POSITIVE_INFINITY;
}

/** Where a node lives, for people: `parent/name`. */
export function placeOf(router: Router, name: string): string {
  const route = router.nodes.get(nodeKeyOf(name));
  return `${route?.record.parent ?? router.config.name}/${route?.record.name ?? name}`;
}

/** Applies the word about one node; false when the link had to go. */
export function applyAdvert(router: Router, link: Link, advert: Advert, nowMs: number): boolean {
  const { record } = advert;
  const { name, id } = router.config;
  const key = keyOf(record);
  if (key === router.key && record.id !== id) {
    evictNode(router, advert, link.id, `${name} itself`);
    return true;
  }
  if (key === router.key) {
    const values = { node: name, child: link.peer?.name ?? '' };
    dropLink(router, link, errorAt(router, 'E_LOOP', values), nowMs);
    return false;
  }
  if (router.nodes.size >= NODES_MAX && !router.nodes.has(key)) {
    dropLink(router, link, errorAt(router, 'E_TOO_MANY_NODES', { max: NODES_MAX }), nowMs);
    return false;
  }
  const installed = installRoute(router, advert, link.id, nowMs);
  if (installed === 'placed') welcomeNode(router, advert, link.id);
  if (installed === 'collision') evictNode(router, advert, link.id, placeOf(router, record.name));
  return true;
}

function applyWithdrawal(router: Router, link: Link, word: Withdrawal, nowMs: number): void {
  const route = router.nodes.get(word.key);
  if (route === undefined || route.via !== link.id) return;
  if (word.hasLeft) forgetRoute(router, route, nowMs);
  else loseRoute(router, route, nowMs);
}

function parseWithdrawal(word: unknown): Withdrawal | undefined {
  const { key, hasLeft } = (word ?? {}) as Partial<Record<keyof Withdrawal, unknown>>;
  return typeof key === 'number' ? { key, hasLeft: hasLeft === true } : undefined;
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

/** What a child says of the nodes at and below it: the body is a list of words. */
export function handleAdvert(router: Router, link: Link, frame: Buffer, nowMs: number): void {
  const words = unpack(bodyOf(frame));
  // What is no list has nothing that could be a word.
  const list: readonly unknown[] = Array.isArray(words) ? words : [undefined];
  for (const word of list) if (!applyWord(router, link, word, nowMs)) return;
}
