/** What goes out of a box: to receivers on the node of its address, on other nodes towards it. */

import { hasNumber } from '../base/ranges.ts';
import {
  MAILBOX_READ_RECORDS,
  MAILBOX_READY_BYTES,
  MAILBOX_READY_COUNT,
} from '../protocol/limits.ts';
import { giveUp, makeReady, nextToLoad, openBox } from './box.ts';
import type { MailboxInput } from './io.ts';
import { keysOf, messagesKey } from './keys.ts';
import { handOut, wantsMore } from './leasing.ts';
import { moveOn } from './orders.ts';
import { readRun } from './records.ts';
import { canSend, sendOn } from './sending.ts';
import { askFor, type Box, emitEvent, type Mailboxes, type Reading } from './state.ts';

type Load = Extract<Reading, { kind: 'load' }>;
type Page = Extract<MailboxInput, { kind: 'page' }>['page'];

/** Whether messages of this box could go out now, and there is room for them in memory. */
export function hasDemand(state: Mailboxes, box: Box): boolean {
  if (box.ready.length >= MAILBOX_READY_COUNT || box.readyBytes >= MAILBOX_READY_BYTES)
    return false;
  return box.isLocal ? wantsMore(box) : canSend(state, box);
}

/** Asks for what comes next, if it is on disk. */
function load(state: Mailboxes, box: Box): void {
  if (box.isReading || box.ready.length > 0 || !hasDemand(state, box)) return;
  const from = nextToLoad(box);
  box.cursor = from;
  if (from > box.synced) return;
  box.isReading = true;
  const range = { from: messagesKey(box.name, from), below: keysOf('m', box.name).below };
  askFor(state, { kind: 'load', box, from, synced: box.synced }, range, MAILBOX_READ_RECORDS);
}

/** Lets go out what can. */
export function serve(state: Mailboxes, box: Box): void {
  if (box.node === '') return moveOn(state, box);
  if (box.isLocal) handOut(state, box);
  else sendOn(state, box);
  load(state, box);
}

/** Positions that should be on disk and are not: their records were broken. */
function missing(state: Mailboxes, box: Box, last: number): void {
  for (let first = nextToLoad(box); first <= last; first = nextToLoad(box)) {
    let end = first;
    while (end < last && !hasNumber(box.gone, end + 1) && !box.held.has(end + 1)) end++;
    const count = end - first + 1;
    state.lostCount += count;
    emitEvent(state, { kind: 'lost', box: box.name, position: first, count });
    giveUp(box, first, end, count);
    state.batch.boxes.add(box);
    box.cursor = end + 1;
  }
}

/** What was read of a box becomes ready. */
export function handleLoaded(state: Mailboxes, { box, from, synced }: Load, page: Page): void {
  box.isReading = false;
  if (openBox(state, box.name) !== box) return;
  if (box.cursor === from) {
    for (const record of page.records) {
      const messages = readRun(state, record);
      if (messages === undefined) continue;
      const last = messages.at(-1)!.position;
      // What is not known to be synced is not there yet.
      if (last > synced) break;
      const left = messages.filter(({ position }) => !hasNumber(box.gone, position));
      if (left.length > 0) box.records.set(last, left.length);
      else state.batch.writes.set(record.key, null);
      for (const stored of left) {
        if (stored.position < box.cursor || box.held.has(stored.position)) continue;
        missing(state, box, stored.position - 1);
        makeReady(box, { ...stored, record: last });
        box.cursor = stored.position + 1;
      }
      missing(state, box, last);
      box.cursor = Math.max(box.cursor, last + 1);
    }
    if (page.isEnd) missing(state, box, synced);
  }
  serve(state, box);
}
