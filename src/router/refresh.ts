/**
 * REFRESH: a node is asked for a new sequence number, because a way to it could be taken only with
 * one (RFC 8966, sections 2.5 and 3.8.1.2). The question follows the way that it is about,
 * neighbour by neighbour; the answer is what the node then says of itself.
 */
import type { NodeKey } from '../protocol/address.ts';
import { bodyOf, encodeFrame, Kind } from '../protocol/frame.ts';
import { ADVERT_RECORDS_MAX, REFRESH_MS } from '../protocol/limits.ts';
import { pack, unpack } from '../protocol/pack.ts';
import { emitSend, errorAt } from './emit.ts';
import type { LinkId } from './io.ts';
import type { Link } from './link.ts';
import { chooseWay, NOWHERE, type Route, type Want } from './route.ts';
import { markDirty } from './routes.ts';
import { type Router, raiseSeqno, wakeBy } from './state.ts';
import { dropLink } from './teardown.ts';

type Word = readonly [key: NodeKey, incarnation: number, seqno: number];

/** Whether a want is over: the number has come, or a new run of the node. */
function isMet({ record }: Route, { incarnation, seqno }: Want): boolean {
  return record.incarnation !== incarnation || record.seqno >= seqno;
}

/** Whom to ask, if anybody, and when to look again; undefined when the want is over. */
function dealWith(
  router: Router,
  key: NodeKey,
  want: Want,
  nowMs: number,
): { readonly ask: LinkId; readonly dueAtMs: number } | undefined {
  const route = router.nodes.get(key);
  const dueAtMs = (want.sentAtMs ?? Number.NEGATIVE_INFINITY) + REFRESH_MS;
  if (dueAtMs > nowMs) return { ask: NOWHERE, dueAtMs };
  if (route === undefined || isMet(route, want)) return undefined;
  const { wished } = chooseWay(router, route);
  // What others have asked for is sent on once; they repeat it if they must.
  if (wished === NOWHERE && want.sentAtMs !== null) return undefined;
  const ask = wished === NOWHERE ? route.via : wished;
  if (ask === NOWHERE || (ask === want.from && wished === NOWHERE)) return undefined;
  return { ask, dueAtMs: nowMs + REFRESH_MS };
}

function sendWords(router: Router, link: LinkId, words: readonly Word[]): void {
  for (let at = 0; at < words.length; at += ADVERT_RECORDS_MAX) {
    const body = pack(words.slice(at, at + ADVERT_RECORDS_MAX));
    emitSend(router, link, encodeFrame({ kind: Kind.REFRESH }, undefined, body));
  }
}

/** Asks for what is wanted and was not asked for lately. Returns when to look again. */
export function flushRefresh(router: Router, nowMs: number): number {
  const words = new Map<LinkId, Word[]>();
  let nextMs = Number.POSITIVE_INFINITY;
  for (const [key, want] of router.wants) {
    const todo = dealWith(router, key, want, nowMs);
    if (todo === undefined) {
      router.wants.delete(key);
      continue;
    }
    nextMs = Math.min(nextMs, todo.dueAtMs);
    if (todo.ask === NOWHERE) continue;
    want.sentAtMs = nowMs;
    const list = words.get(todo.ask) ?? [];
    list.push([key, want.incarnation, want.seqno]);
    words.set(todo.ask, list);
  }
  for (const [link, list] of words) sendWords(router, link, list);
  return nextMs;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function parseWord(word: unknown): Word | undefined {
  const [key, incarnation, seqno] = Array.isArray(word) ? (word as unknown[]) : [];
  return isCount(key) && isCount(incarnation) && isCount(seqno)
    ? [key, incarnation, seqno]
    : undefined;
}

function applyWord(router: Router, from: LinkId, word: Word, nowMs: number): void {
  const [key, incarnation, seqno] = word;
  if (key === router.key) {
    if (incarnation !== router.config.incarnation || seqno <= router.seqno) return;
    raiseSeqno(router);
    markDirty(router, key, nowMs);
    return;
  }
  const want: Want = { incarnation, seqno, from, sentAtMs: null };
  const route = router.nodes.get(key);
  if (route === undefined || isMet(route, want)) return;
  const former = router.wants.get(key);
  if (former?.incarnation === incarnation && former.seqno >= seqno) return;
  router.wants.set(key, want);
  wakeBy(router, 'refresh', nowMs);
}

/** A neighbour that cannot take our way to some nodes: the body is a list of words. */
export function handleRefresh(router: Router, link: Link, frame: Buffer, nowMs: number): void {
  const words = unpack(bodyOf(frame));
  const list: readonly unknown[] = Array.isArray(words) ? words : [undefined];
  for (const each of list) {
    const word = parseWord(each);
    if (word === undefined) {
      const reason = 'a refresh has a word that is none';
      return dropLink(router, link, errorAt(router, 'E_FRAME_INVALID', { reason }), nowMs);
    }
    applyWord(router, link.id, word, nowMs);
  }
}
