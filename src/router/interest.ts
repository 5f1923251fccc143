/**
 * How a node learns where events are wanted. What is wanted below it, and behind its peers, is in
 * the records of the nodes there; a parent tells each child what is wanted anywhere but below that
 * child. So an event goes only where somebody asked for it.
 */
import { bodyOf, encodeFrame, Kind } from '../protocol/frame.ts';
import { INTEREST_PATTERNS_MAX, WANTED_PATTERNS_MAX } from '../protocol/limits.ts';
import { pack, unpack } from '../protocol/pack.ts';
import { emitSend, errorAt } from './emit.ts';
import type { LinkId } from './io.ts';
import type { Link } from './link.ts';
import type { Router } from './state.ts';
import { dropLink } from './teardown.ts';
import { isWantedBeside, standingOf } from './wanted.ts';
import { addWish, removeWish } from './wishes.ts';

/** What matches every topic. */
const ALL = '>';

/** A word of an INTEREST: a pattern, and whether events of it are wanted. */
type Word = readonly [pattern: string, isWanted: boolean];

/** All that is wanted elsewhere than at the child itself. */
function describeAll({ wanted }: Router, child: LinkId): Word[] {
  const words: Word[] = [];
  for (const pattern of wanted.links.keys()) {
    if (isWantedBeside(standingOf(wanted, pattern), child)) words.push([pattern, true]);
  }
  return words;
}

/** What of it has changed since the child last heard. */
function describeNews({ wanted }: Router, child: LinkId): Word[] {
  const words: Word[] = [];
  for (const [pattern, former] of wanted.news) {
    const isWanted = isWantedBeside(standingOf(wanted, pattern), child);
    if (isWanted !== isWantedBeside(former, child)) words.push([pattern, isWanted]);
  }
  return words;
}

/** Tells the children what has gathered. Nothing is due then until something changes. */
export function flushInterest(router: Router): number {
  const { news, newcomers } = router.wanted;
  for (const { id } of router.children.values()) {
    const words = newcomers.has(id) ? describeAll(router, id) : describeNews(router, id);
    for (let at = 0; at < words.length; at += INTEREST_PATTERNS_MAX) {
      const body = pack(words.slice(at, at + INTEREST_PATTERNS_MAX));
      emitSend(router, id, encodeFrame({ kind: Kind.INTEREST }, undefined, body));
    }
  }
  news.clear();
  newcomers.clear();
  return Number.POSITIVE_INFINITY;
}

function parseWord(word: unknown): Word | undefined {
  const [pattern, isWanted] = Array.isArray(word) ? (word as unknown[]) : [];
  return typeof pattern === 'string' ? [pattern, isWanted === true] : undefined;
}

/**
 * Believes the parent. Who is told of more patterns than it keeps wants all from then on: more
 * events go up than are wanted, and none is missed.
 */
function applyWord(router: Router, up: Link, [pattern, isWanted]: Word, nowMs: number): void {
  const isFull = up.topics.size >= WANTED_PATTERNS_MAX;
  if (isWanted) addWish(router, up, isFull ? ALL : pattern, nowMs);
  else if (!isFull) removeWish(router, up, pattern, nowMs);
}

/** What the parent says of the topics that are wanted elsewhere: the body is a list of words. */
export function handleInterest(router: Router, up: Link, frame: Buffer, nowMs: number): void {
  const words = unpack(bodyOf(frame));
  const list: readonly unknown[] = Array.isArray(words) ? words : [undefined];
  for (const each of list) {
    const word = parseWord(each);
    if (word === undefined) {
      const reason = 'an interest has a word that is none';
      return dropLink(router, up, errorAt(router, 'E_FRAME_INVALID', { reason }), nowMs);
    }
    applyWord(router, up, word, nowMs);
  }
}
