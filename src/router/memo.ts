/**
 * Where the last plain message of a link went. They come in bursts to one destination: while the
 * tables stay as they are, what was found out about one holds for those like it.
 */
import { assert } from '../base/assert.ts';
import { At, EXPLICIT_MARK, Kind } from '../protocol/frame.ts';
import { HOPS_MAX } from '../protocol/limits.ts';
import { type Finding, isLocal, type Link, MEMO_WORDS } from './link.ts';
import type { Router } from './state.ts';
import type { UnderWay } from './trace.ts';

/** Words of the destination alone: any number of senders may share what comes from a node. */
const TO_WORDS = 3;
/** Kind and flags of a plain message: the upper half of the word at `At.KIND`. */
const PLAIN = Kind.MESSAGE << 8;

/** Remembers where a plain message goes. */
export function memorize(router: Router, { from, view, at }: UnderWay, finding: Finding): void {
  const { memo } = from;
  for (let word = 0; word < MEMO_WORDS; word++) {
    memo.words[word] = view.getInt32(at + At.TO_NODE + 4 * word);
  }
  Object.assign(memo, finding, { tableVersion: router.tableVersion });
}

/** Whether the words of a prefix are those of the memo, from the first one on. */
function isLike(words: Int32Array, view: DataView, at: number, count: number): boolean {
  for (let word = 0; word < count; word++) {
    if (view.getInt32(at + At.TO_NODE + 4 * word) !== words[word]) return false;
  }
  return true;
}

/**
 * The link of the last plain message by the same link, when this one goes the same way. Of a
 * program's the source is compared too: that it may use that name was looked at then.
 */
export function recall(router: Router, { from, view, at }: UnderWay): Link | null {
  const { memo } = from;
  if (memo.tableVersion !== router.tableVersion) return null;
  if (isLocal(from)) return isLike(memo.words, view, at, MEMO_WORDS) ? memo.link : null;
  if (!isLike(memo.words, view, at, TO_WORDS)) return null;
  const hops = view.getUint8(at + At.HOPS);
  const left = hops & ~EXPLICIT_MARK;
  if ((hops & EXPLICIT_MARK) !== memo.markIn || left === 0 || left > HOPS_MAX) return null;
  view.setUint8(at + At.HOPS, hops - 1);
  return memo.link;
}

/** One plain message has gone from one link to another. */
export interface Passing {
  readonly from: Link;
  readonly to: Link;
  /** The word at `At.KIND`, as it came. */
  readonly word: number;
}

/** Whether passing on what is like the last one is to count its hop, and no more. */
function isPlain({ from, to, word }: Passing): boolean {
  const { memo } = from;
  if (word >>> 16 !== PLAIN || memo.nearest !== 0 || memo.markOut !== memo.markIn) return false;
  const hops = (word >>> 8) & 0xff;
  if (isLocal(from)) return hops <= HOPS_MAX;
  // What comes from afar for a program of this node is looked at one by one: it may be here again.
  const left = hops & ~EXPLICIT_MARK;
  return !isLocal(to) && left <= HOPS_MAX;
}

/**
 * Passes on the frames that follow a plain message, as long as they are like it. The first of them
 * begins at `next`; returns where the last one ends. The hottest loop there is: all that is alike
 * for the whole run is looked at once.
 */
export function passAlike(router: Router, last: Passing, view: DataView, next: number): number {
  if (!isPlain(last)) return next;
  const { from, to, word } = last;
  const { words, link, tableVersion } = from.memo;
  assert(link === to && tableVersion === router.tableVersion, 'a plain message is remembered');
  const isOwn = isLocal(from);
  const count = isOwn ? MEMO_WORDS : TO_WORDS;
  const hops = ((word >>> 8) & 0xff) - (isOwn ? 0 : 1);
  const end = view.byteLength;
  let at = next;
  let passed = 0;
  while (at < end && view.getInt32(at + At.KIND) === word && isLike(words, view, at, count)) {
    view.setUint8(at + At.HOPS, hops);
    at += view.getUint32(at) + 4;
    passed++;
  }
  if (isLocal(to)) router.counters.framesDelivered += passed;
  else router.counters.framesForwarded += passed;
  return at;
}
