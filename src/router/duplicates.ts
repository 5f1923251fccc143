/**
 * What has been here before. Broadcasts and events go by every way there is; a node takes each from
 * the first link that brings it. Of each sender the numbers that were seen lately are bits of a
 * window, which moves on with the highest of them (RFC 6479, which is about the anti-replay window
 * of RFC 4303, 3.4.3). What is older than the window counts as seen.
 */
import { DUPLICATE_MS, DUPLICATE_NUMBERS, DUPLICATE_SENDERS_MAX } from '../protocol/limits.ts';

const WORD_BITS = 32;
/**
 * Twice what the window needs, so that the word that is being filled is none of it. A power of two,
 * as the count of all words is: numbers begin anew after the last one.
 */
const WORDS = (2 * DUPLICATE_NUMBERS) / WORD_BITS;
const ALL_WORDS = 2 ** 32 / WORD_BITS;

interface Sender {
  highest: number;
  readonly seen: Int32Array;
}

/**
 * Senders in two generations: who is heard of moves to the recent one, and when that is full, or
 * old, it becomes the former one. So nothing has to be looked for to be forgotten.
 */
export interface Duplicates {
  recent: Map<number, Sender>;
  former: Map<number, Sender>;
  turnedAtMs: number;
  /** The sender of the last one: most come in bursts. */
  lastKey: number;
  last: Sender | null;
}

export function createDuplicates(): Duplicates {
  return { recent: new Map(), former: new Map(), turnedAtMs: 0, lastKey: 0, last: null };
}

function turn(duplicates: Duplicates, nowMs: number): void {
  const ageMs = nowMs - duplicates.turnedAtMs;
  if (ageMs < DUPLICATE_MS && duplicates.recent.size < DUPLICATE_SENDERS_MAX) return;
  duplicates.former = ageMs < 2 * DUPLICATE_MS ? duplicates.recent : new Map();
  duplicates.recent = new Map();
  duplicates.turnedAtMs = nowMs;
  duplicates.last = null;
}

function findSender(duplicates: Duplicates, key: number, number: number): Sender {
  if (duplicates.last !== null && duplicates.lastKey === key) return duplicates.last;
  const sender = lookUpSender(duplicates, key, number);
  duplicates.lastKey = key;
  duplicates.last = sender;
  return sender;
}

function lookUpSender(duplicates: Duplicates, key: number, number: number): Sender {
  const recent = duplicates.recent.get(key);
  if (recent !== undefined) return recent;
  // The first number of a sender was not seen yet: its window ends right before it.
  const fresh = { highest: (number - 1) >>> 0, seen: new Int32Array(WORDS) };
  const sender = duplicates.former.get(key) ?? fresh;
  duplicates.recent.set(key, sender);
  return sender;
}

/** Moves the window on to a number, and clears the words that it reaches by that. */
function moveOn(sender: Sender, number: number): void {
  const from = sender.highest >>> 5;
  const count = ((number >>> 5) - from + ALL_WORDS) % ALL_WORDS;
  for (let each = 1; each <= Math.min(count, WORDS); each++) sender.seen[(from + each) % WORDS] = 0;
  sender.highest = number;
}

/** What is remembered of a number: nothing, that it was there, or that it is too old to tell. */
export type Memory = 'first' | 'seen' | 'old';

/**
 * What is remembered of a frame, and remembers it. `key` stands for its sender, `number` is what
 * the sender gave it, counting up.
 */
export function remember(
  duplicates: Duplicates,
  key: number,
  number: number,
  nowMs: number,
): Memory {
  turn(duplicates, nowMs);
  const sender = findSender(duplicates, key, number);
  // Numbers go round: what is less than half of them ahead is newer (RFC 1982).
  const ahead = (number - sender.highest) | 0;
  if (ahead > 0) moveOn(sender, number);
  else if (ahead <= -DUPLICATE_NUMBERS) return 'old';
  const word = (number >>> 5) % WORDS;
  const bit = 1 << (number & 31);
  const bits = sender.seen[word] ?? 0;
  sender.seen[word] = bits | bit;
  return (bits & bit) === 0 ? 'first' : 'seen';
}

/** Whether a frame is here for the first time, as far as is remembered: as above. */
export function isFirst(
  duplicates: Duplicates,
  key: number,
  number: number,
  nowMs: number,
): boolean {
  return remember(duplicates, key, number, nowMs) === 'first';
}
