/** Walks over all records of a box, page by page: to find what has expired, and what is empty. */
import type { RecordPage } from '../base/records.ts';
import { MAILBOX_EXPIRY_MS, MAILBOX_READ_RECORDS } from '../protocol/limits.ts';
import { isLive } from './box.ts';
import { keysOf, messagesKey } from './keys.ts';
import { buryExpired, isExpired } from './letters.ts';
import type { Stored } from './message.ts';
import { positionIn, readRun } from './records.ts';
import { askFor, type Box, type Mailboxes, serveLater, type Walk, wakeBy } from './state.ts';

function askOn(state: Mailboxes, box: Box, from: string): void {
  const { below } = keysOf('m', box.name);
  const reading = { kind: 'walk', box, synced: box.synced } as const;
  askFor(state, reading, { from, below }, MAILBOX_READ_RECORDS);
}

/** Begins a walk; while one is under way, another comes after it. */
export function startWalk(state: Mailboxes, box: Box, kind: Walk['kind']): void {
  if (box.walk !== null) {
    box.walk.isAgain = true;
    return;
  }
  box.walk = { kind, nextAtMs: Number.POSITIVE_INFINITY, isAgain: false };
  // What comes meanwhile says itself when it expires; a crash begins the walk anew.
  if (kind === 'expire') box.expiryAtMs = Number.POSITIVE_INFINITY;
  askOn(state, box, messagesKey(box.name, 0));
}

/** Notes when a message of a box expires. */
export function watchExpiry(state: Mailboxes, box: Box, expiresAtMs: number): void {
  if (expiresAtMs >= box.expiryAtMs) return;
  box.expiryAtMs = expiresAtMs;
  state.batch.boxes.add(box);
  wakeBy(state, box, state.now.ms + waitFor(state, box));
}

/**
 * How long until something may expire. Never long: the clock on the wall may be set meanwhile. Nor
 * too short, as each time costs a walk.
 */
function waitFor({ now }: Mailboxes, { expiryAtMs }: Box): number {
  return Math.min(MAILBOX_EXPIRY_MS, Math.max(MAILBOX_EXPIRY_MS / 60, expiryAtMs - now.wallMs));
}

/** Looks for what has expired, if it is time. Returns when to look again. */
export function tickExpiry(state: Mailboxes, box: Box): number {
  if (!Number.isFinite(box.expiryAtMs)) return Number.POSITIVE_INFINITY;
  if (box.expiryAtMs <= state.now.wallMs) {
    startWalk(state, box, 'expire');
    return state.now.ms + MAILBOX_EXPIRY_MS;
  }
  return state.now.ms + waitFor(state, box);
}

function endWalk(state: Mailboxes, box: Box, walk: Walk, synced: number): void {
  box.walk = null;
  if (walk.kind === 'expire') {
    // What was on its way to the disk has not been seen: look again.
    if (box.tail > synced) walk.nextAtMs = Math.min(walk.nextAtMs, state.now.wallMs);
    box.expiryAtMs = Math.min(box.expiryAtMs, walk.nextAtMs);
    state.batch.boxes.add(box);
    if (Number.isFinite(box.expiryAtMs)) wakeBy(state, box, state.now.ms + waitFor(state, box));
  }
  if (walk.isAgain) startWalk(state, box, 'collect');
}

/** Buries what has expired of the messages that are left in a record. */
function buryAll(
  state: Mailboxes,
  box: Box,
  walk: Walk,
  { left, record }: { left: readonly Stored[]; record: number },
): void {
  for (const stored of left) {
    const { expiresAtMs } = stored.message;
    if (expiresAtMs === 0) continue;
    // What is with a receiver, or on its way, may still arrive.
    if (isExpired(state, stored.message) && !box.held.has(stored.position)) {
      buryExpired(state, box, { ...stored, record });
    } else walk.nextAtMs = Math.min(walk.nextAtMs, expiresAtMs);
  }
}

export function handleWalked(
  state: Mailboxes,
  { box, synced }: { box: Box; synced: number },
  page: RecordPage,
): void {
  const { walk } = box;
  if (walk === null) return;
  let last = 0;
  for (const record of page.records) {
    last = positionIn(record.key);
    if (last > synced) break;
    const messages = readRun(state, record) ?? [];
    const left = messages.filter(({ position }) => isLive(box, position));
    if (left.length === 0 && messages.length > 0) {
      box.records.delete(last);
      state.batch.writes.set(record.key, null);
    } else if (walk.kind === 'expire') {
      const isLoaded = box.records.has(last);
      box.records.set(last, left.length);
      buryAll(state, box, walk, { left, record: last });
      if (!isLoaded) box.records.delete(last);
    }
  }
  if (page.isEnd || last > synced || page.records.length === 0) endWalk(state, box, walk, synced);
  else askOn(state, box, messagesKey(box.name, last + 1));
  serveLater(state, box);
}
