/** The mailboxes of a node as its store has them: after every start, and so after every crash. */
import { FreshMap } from '../base/fresh-map.ts';
import { NumberTable } from '../base/number-table.ts';
import { createRandom } from '../base/random.ts';
import { addRange, createRanges, nextAbsent, type Ranges } from '../base/ranges.ts';
import type { RecordPage, RecordRange, StoredRecord } from '../base/records.ts';
import { MAILBOX_BYTES_MAX, MAILBOX_COUNT_MAX, MAILBOX_TRIES_MAX } from '../protocol/limits.ts';
import { unpack } from '../protocol/pack.ts';
import { isBoxName, openBox } from './box.ts';
import type { Instant } from './io.ts';
import { BOXES, keysOf, MESSAGES, messagesKey, STREAMS, splitKey, TRIES, WINDOWS } from './keys.ts';
import { parseTries, sizeOf } from './message.ts';
import { positionIn, putAside, readRun } from './records.ts';
import { type Box, createBatch, type MailboxConfig, type Mailboxes, wakeBy } from './state.ts';
import { startWalk, tickExpiry } from './walking.ts';

/** How a store is read while nothing else happens. */
export type Reader = (range: RecordRange) => RecordPage;

const PAGE = { countMax: 1_000, bytesMax: 1_048_576 } as const;
const ONE = { countMax: 1, bytesMax: 1 } as const;
/**
 * How far the positions of a box jump whose own record was lost: a receiver may still ack one that
 * it got before, and that must be no other message.
 */
const POSITION_LEAP = 1_000_000_000;

type Range = { readonly from: string; readonly below: string };

function* readAll(read: Reader, { from, below }: Range): Generator<StoredRecord> {
  for (let begin = from; ; ) {
    const { records, isEnd } = read({ from: begin, below, ...PAGE });
    yield* records;
    const last = records.at(-1);
    if (isEnd || last === undefined) return;
    // The first key after the last one.
    begin = `${last.key}\0`;
  }
}

function readNumbers(value: unknown): number[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.every((each) => Number.isSafeInteger(each) && each >= 0) ? value : undefined;
}

function readRanges(value: unknown): Ranges | undefined {
  const bounds = readNumbers(value);
  const isOrdered = bounds?.every((each, at) => at === 0 || bounds[at - 1]! <= each);
  return isOrdered && bounds!.length % 2 === 0 ? createRanges(bounds) : undefined;
}

function restoreBox(state: Mailboxes, { key, value }: StoredRecord): boolean {
  const { box: name } = splitKey(key);
  const fields = unpack(value);
  if (!Array.isArray(fields) || !isBoxName(name)) return false;
  const [tail, bounds, ...rest] = fields as unknown[];
  const gone = readRanges(bounds);
  const numbers = readNumbers([tail, ...rest]);
  if (gone === undefined || numbers === undefined || numbers.length < 7) return false;
  const [last, count, bytes, deadCount, deadBytes, expiryAtMs, headSentAtMs] = numbers;
  const box = openBox(state, name);
  Object.assign(box, { gone, count, bytes, deadCount, deadBytes, headSentAtMs });
  box.tail = last!;
  box.expiryAtMs = expiryAtMs === 0 ? Number.POSITIVE_INFINITY : expiryAtMs!;
  return true;
}

function restoreTries(state: Mailboxes, { key, value }: StoredRecord): boolean {
  const tries = parseTries(value);
  const box = state.boxes.get(splitKey(key).box);
  if (tries === undefined || box === undefined) return false;
  box.tries.set(positionIn(key), tries);
  return true;
}

function restoreWindow(state: Mailboxes, { key, value }: StoredRecord): boolean {
  const { box, rest: sender } = splitKey(key);
  const fields = unpack(value);
  const [bounds, usedAtMs] = Array.isArray(fields) ? (fields as unknown[]) : [];
  const seen = readRanges(bounds);
  if (seen === undefined || typeof usedAtMs !== 'number') return false;
  state.windows.set(key, { box, sender, key, seen, pending: new NumberTable(), usedAtMs });
  return true;
}

function restoreStream(state: Mailboxes, { key, value }: StoredRecord): boolean {
  const { box: name, rest } = splitKey(key);
  const [taken] = readNumbers(unpack(value)) ?? [];
  const box = state.boxes.get(name);
  if (taken === undefined || box === undefined) return false;
  box.streams.set(rest, { key, taken, synced: taken });
  return true;
}

/** What the records of a box say when its own is lost: all that is there waits. */
function recountBox(state: Mailboxes, box: Box, read: Reader): void {
  box.tail = 0;
  let last = 0;
  for (const record of readAll(read, keysOf('m', box.name))) {
    for (const { position, message } of readRun(state, record) ?? []) {
      if (position > last + 1) addRange(box.gone, last + 1, position - 1);
      last = position;
      box.count++;
      box.bytes += sizeOf(message);
      if (message.expiresAtMs > 0) box.expiryAtMs = Math.min(box.expiryAtMs, message.expiresAtMs);
    }
  }
  box.tail = last + POSITION_LEAP;
  addRange(box.gone, last + 1, box.tail);
  for (const _ of readAll(read, keysOf('d', box.name))) box.deadCount++;
  state.batch.boxes.add(box);
}

/** Sees to it that every box with messages is known, also one whose own record was broken. */
function findBoxes(state: Mailboxes, read: Reader): void {
  for (let { from } = MESSAGES; ; ) {
    const { records } = read({ from, below: MESSAGES.below, ...ONE });
    const [first] = records;
    if (first === undefined) return;
    const { box: name } = splitKey(first.key);
    from = keysOf('m', name).below;
    if (!isBoxName(name)) putAside(state, first.key);
    else if (!state.boxes.has(name)) recountBox(state, openBox(state, name), read);
  }
}

/** What follows from what a box was: where it goes on, what is left to do. */
function settleBox(state: Mailboxes, box: Box, read: Reader): void {
  const range = keysOf('m', box.name);
  const [first] = read({ ...range, ...ONE }).records;
  box.synced = box.tail;
  box.handedUpTo = box.tail;
  const head = nextAbsent(box.gone, 1);
  box.cursor = head;
  if (first !== undefined && first.key < messagesKey(box.name, head))
    startWalk(state, box, 'collect');
  const expiryAtMs = tickExpiry(state, box);
  if (Number.isFinite(expiryAtMs)) wakeBy(state, box, expiryAtMs);
}

/** What a node's mailboxes must be told; the bounds may be left to us. */
type MailboxOptions = Pick<MailboxConfig, 'node' | 'store' | 'seed'> & Partial<MailboxConfig>;

const DEFAULTS = {
  quotaCount: MAILBOX_COUNT_MAX,
  quotaBytes: MAILBOX_BYTES_MAX,
  tryCountMax: MAILBOX_TRIES_MAX,
} as const;

function createEmpty(config: MailboxConfig, now: Instant): Mailboxes {
  return {
    config,
    boxes: new Map(),
    windows: new FreshMap(),
    newest: null,
    receivers: new Map(),
    batch: createBatch(),
    writing: null,
    failure: null,
    reads: new Map(),
    readNumber: 0,
    random: createRandom(config.seed),
    timed: new Set(),
    dueAtMs: Number.POSITIVE_INFINITY,
    wakeAtMs: Number.POSITIVE_INFINITY,
    lostCount: 0,
    toServe: new Set(),
    outputs: [],
    now,
  };
}

/**
 * The mailboxes that a store holds. `read` is called before this returns, and never after; messages
 * that wait are not loaded. What is to be done at once comes out of the first step.
 */
export function restoreMailboxes(options: MailboxOptions, read: Reader, now: Instant): Mailboxes {
  const state = createEmpty({ ...DEFAULTS, ...options }, now);
  const restore = (range: Range, one: (state: Mailboxes, record: StoredRecord) => boolean) => {
    for (const record of readAll(read, range)) {
      if (!one(state, record)) putAside(state, record.key);
    }
  };
  restore(BOXES, restoreBox);
  findBoxes(state, read);
  restore(TRIES, restoreTries);
  restore(STREAMS, restoreStream);
  restore(WINDOWS, restoreWindow);
  const byUse = [...state.windows].sort(([, a], [, b]) => a.usedAtMs - b.usedAtMs);
  state.windows.clear();
  for (const [key, window] of byUse) state.windows.set(key, window);
  for (const box of state.boxes.values()) {
    settleBox(state, box, read);
    state.toServe.add(box);
  }
  return state;
}
