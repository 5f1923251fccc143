/** Dead letters: messages that nobody could be given, with what was tried. They wait for people. */

import type { RecordPage } from '../base/records.ts';
import { dropReady, peekReady, settle } from './box.ts';
import { deadKey, keysOf, messagesKey } from './keys.ts';
import { type DeadLetter, encodeDead, type Message, type Stored, sizeOf } from './message.ts';
import { readRun } from './records.ts';
import {
  askFor,
  type Box,
  emitEvent,
  type Held,
  type Mailboxes,
  type Ready,
  serveLater,
} from './state.ts';

export function isExpired({ now }: Mailboxes, { expiresAtMs }: Message): boolean {
  return expiresAtMs > 0 && expiresAtMs <= now.wallMs;
}

/** Makes a message a dead letter: of what failed before, or as nobody came for it in time. */
function bury(state: Mailboxes, box: Box, ready: Ready, expired: string | null): void {
  const { position, message, record } = ready;
  const tries = box.tries.get(position);
  const last = expired === null ? [] : [{ atMs: state.now.wallMs, reason: expired }];
  const failures = [...(tries?.failures ?? []), ...last];
  const wasOut = position <= box.handedUpTo || tries?.isUntouched === false;
  const dead: DeadLetter = { position, message, failures, isUntouched: !wasOut };
  const size = sizeOf(message);
  settle(state, box, { position, size, record, sentAtMs: message.sentAtMs });
  box.deadCount++;
  box.barrier = state.batch;
  box.deadBytes += size;
  state.batch.writes.set(deadKey(box.name, position), encodeDead(dead));
  const why = dead.failures.at(-1)?.reason ?? '';
  emitEvent(state, { kind: 'dead', box: box.name, position, reason: why });
}

/** Makes one that has expired a dead letter; what was in its way is told as well. */
export function buryExpired(state: Mailboxes, box: Box, ready: Ready): void {
  const { error } = box.sending;
  bury(state, box, ready, error === null ? 'expired' : `expired (${error.code})`);
}

/**
 * Takes the next message that may go out. What has expired is buried; what comes after it waits
 * until that is synced.
 */
export function takeNext(state: Mailboxes, box: Box): Ready | undefined {
  for (let next = peekReady(box); next !== undefined; next = peekReady(box)) {
    const isDead = isExpired(state, next.message);
    if (!isDead && box.barrier !== null) return undefined;
    dropReady(box);
    if (!isDead) return next;
    buryExpired(state, box, next);
  }
  return undefined;
}

/** Makes a message a dead letter that is not in memory any more: it is read once more. */
export function sendToDeath(state: Mailboxes, box: Box, held: Held): void {
  held.state = { kind: 'dying' };
  const { from, below } = {
    from: messagesKey(box.name, held.position),
    below: keysOf('m', box.name).below,
  };
  askFor(state, { kind: 'bury', box, position: held.position }, { from, below }, 1);
}

/** The record of a message that is to die. */
export function handleDying(
  state: Mailboxes,
  { box, position }: { box: Box; position: number },
  page: RecordPage,
): void {
  const held = box.held.get(position);
  if (held?.state.kind !== 'dying') return;
  const messages: readonly Stored[] = page.records.flatMap((each) => readRun(state, each) ?? []);
  const stored = messages.find((each) => each.position === position);
  // A record that is broken is set aside: there is nothing left to be buried.
  if (stored === undefined) {
    state.lostCount++;
    settle(state, box, held);
  } else bury(state, box, { ...stored, record: held.record }, null);
  serveLater(state, box);
}
