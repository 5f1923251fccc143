/**
 * The exit of a mailbox: receivers lease messages, and say what became of them. What nobody says
 * anything about comes back.
 */
import { FreshMap } from '../base/fresh-map.ts';
import { MAILBOX_HELD_MAX, MAILBOX_LEASE_BYTES } from '../protocol/limits.ts';
import { openBox, rewind, settle } from './box.ts';
import type { MailboxInput, ReceiverId } from './io.ts';
import { triesKey } from './keys.ts';
import { sendToDeath, takeNext } from './letters.ts';
import { encodeTries, sizeOf } from './message.ts';
import {
  type Box,
  emit,
  type Held,
  type Mailboxes,
  type Ready,
  type Receiver,
  serveLater,
  wakeBy,
} from './state.ts';

/** Failures of a message that are kept, the last ones. */
const FAILURES_MAX = 20;

type Input<Kind extends MailboxInput['kind']> = Extract<MailboxInput, { kind: Kind }>;

function hasRoom({ leases, leaseCount, leasedBytes }: Receiver): boolean {
  return leases.size < leaseCount && leasedBytes < MAILBOX_LEASE_BYTES;
}

/** A receiver has a message no more. */
function release(receiver: Receiver | undefined, { position, size }: Held): void {
  if (receiver?.leases.delete(position) === true) receiver.leasedBytes -= size;
}

/** Whether a receiver waits for messages of this box. */
export function wantsMore(box: Box): boolean {
  return box.held.size < MAILBOX_HELD_MAX && box.receivers.some(hasRoom);
}

/** Who gets the next message: each in turn. */
function nextReceiver(box: Box): Receiver | undefined {
  const at = box.receivers.findIndex(hasRoom);
  if (at < 0) return undefined;
  const [receiver] = box.receivers.splice(at, 1);
  box.receivers.push(receiver!);
  return receiver;
}

function lease(state: Mailboxes, receiver: Receiver, ready: Ready): void {
  const { box } = receiver;
  const { position, message, record } = ready;
  const expiresAtMs = state.now.ms + receiver.leaseMs;
  const held: Held = {
    position,
    sentAtMs: message.sentAtMs,
    size: sizeOf(message),
    record,
    state: { kind: 'leased', receiver: receiver.id, expiresAtMs },
  };
  box.held.set(position, held);
  receiver.leases.set(position, held);
  receiver.leasedBytes += held.size;
  if (receiver.leases.size === 1) wakeBy(state, box, expiresAtMs);
  // One that was dead, and waits again, has a place of its own.
  const isRepeated = position <= box.handedUpTo || box.tries.get(position)?.isUntouched === false;
  box.handedUpTo = Math.max(box.handedUpTo, position);
  const attempt = (box.tries.get(position)?.count ?? 0) + 1;
  const place = { receiver: receiver.id, box: box.name, store: state.config.store };
  const delivery = { ...place, position, message, attempt, isRepeated };
  emit(state, { kind: 'deliver', delivery });
}

/** Hands out what is in memory, as far as there are takers. */
export function handOut(state: Mailboxes, box: Box): void {
  while (wantsMore(box)) {
    const ready = takeNext(state, box);
    if (ready === undefined) return;
    lease(state, nextReceiver(box)!, ready);
  }
}

/** Notes a failed attempt, and says how many there were. */
function noteFailure(state: Mailboxes, box: Box, position: number, reason: string): number {
  const before = box.tries.get(position);
  const failure = { atMs: state.now.wallMs, reason };
  const failures = [...(before?.failures ?? []), failure].slice(-FAILURES_MAX);
  const tries = { count: (before?.count ?? 0) + 1, failures, isUntouched: false };
  box.tries.set(position, tries);
  state.batch.writes.set(triesKey(box.name, position), encodeTries(tries));
  return tries.count;
}

/** A message comes back: to be handed out again, after a while, or never more. */
function giveBack(
  state: Mailboxes,
  box: Box,
  held: Held,
  { reason, delayMs = 0 }: { reason: string | null; delayMs?: number },
): void {
  const { position } = held;
  const count = reason === null ? 0 : noteFailure(state, box, position, reason);
  if (count >= state.config.tryCountMax) return sendToDeath(state, box, held);
  if (delayMs > 0) {
    const dueAtMs = state.now.ms + delayMs;
    held.state = { kind: 'delayed', dueAtMs };
    return wakeBy(state, box, dueAtMs);
  }
  box.held.delete(position);
  rewind(box, position);
}

export function handleAttach(state: Mailboxes, input: Input<'attach'>): void {
  const { receiver: id, service, leaseCount, leaseMs } = input;
  const box = openBox(state, `${state.config.node}:${service}`);
  const receiver = {
    id,
    box,
    leaseCount,
    leaseMs,
    leases: new FreshMap<number, Held>(),
    leasedBytes: 0,
  };
  state.receivers.set(id, receiver);
  box.receivers.push(receiver);
  serveLater(state, box);
}

/**
 * A receiver is gone. What it had is not done. It counts as a failed attempt for the message that
 * it had longest: that is the one which it was at, and which may have been its end.
 */
export function handleDetach(state: Mailboxes, id: ReceiverId): void {
  const receiver = state.receivers.get(id);
  if (receiver === undefined) return;
  const { box, leases } = receiver;
  state.receivers.delete(id);
  box.receivers.splice(box.receivers.indexOf(receiver), 1);
  const oldest = Math.min(...leases.keys());
  for (const held of leases.values()) {
    giveBack(state, box, held, { reason: held.position === oldest ? 'receiver lost' : null });
  }
  serveLater(state, box);
}

/** What a receiver has leased at a position. */
function leaseOf(state: Mailboxes, id: ReceiverId, position: number): Held | undefined {
  return state.receivers.get(id)?.leases.get(position);
}

export function handleAck(state: Mailboxes, input: Input<'ack'>): void {
  const { receiver: id, store, positions, reply } = input;
  const receiver = state.receivers.get(id);
  const unknown: number[] = [];
  for (const position of positions) {
    // A position of a store that was lost is another message here.
    const box = store === state.config.store ? receiver?.box : undefined;
    const held = box?.held.get(position);
    if (box === undefined || held === undefined) {
      unknown.push(position);
      continue;
    }
    if (held.state.kind === 'leased') {
      // Its lease may have ended, and somebody else have it now: it is done all the same.
      release(state.receivers.get(held.state.receiver), held);
    }
    settle(state, box, held);
  }
  state.batch.answers.push({ kind: 'acked', reply, unknown });
  if (receiver !== undefined) serveLater(state, receiver.box);
}

export function handleNack(state: Mailboxes, input: Input<'nack'>): void {
  const { receiver: id, position, delayMs, reason } = input;
  const held = leaseOf(state, id, position);
  const receiver = state.receivers.get(id);
  if (held === undefined || receiver === undefined) return;
  release(receiver, held);
  giveBack(state, receiver.box, held, { reason, delayMs });
  serveLater(state, receiver.box);
}

export function handleExtend(state: Mailboxes, input: Input<'extend'>): void {
  const receiver = state.receivers.get(input.receiver);
  for (const position of input.positions) {
    const held = receiver?.leases.get(position);
    if (receiver === undefined || held?.state.kind !== 'leased') continue;
    // To the end: the lease that ends first stays the first.
    receiver.leases.delete(position);
    receiver.leases.set(position, held);
    held.state.expiresAtMs = state.now.ms + receiver.leaseMs;
  }
}

/** Takes back what was leased for too long. Returns when the next lease ends. */
function expireLeases(state: Mailboxes, receiver: Receiver): number {
  for (const held of receiver.leases.values()) {
    const { state: leased } = held;
    if (leased.kind !== 'leased') continue;
    if (leased.expiresAtMs > state.now.ms) return leased.expiresAtMs;
    release(receiver, held);
    giveBack(state, receiver.box, held, { reason: 'lease expired' });
  }
  return Number.POSITIVE_INFINITY;
}

/** What is due in a mailbox: ends of leases, ends of delays. Returns when something is next. */
export function tickLeases(state: Mailboxes, box: Box): number {
  let nextAtMs = Number.POSITIVE_INFINITY;
  for (const receiver of box.receivers) {
    nextAtMs = Math.min(nextAtMs, expireLeases(state, receiver));
  }
  for (const held of box.held.values()) {
    if (held.state.kind !== 'delayed') continue;
    if (held.state.dueAtMs > state.now.ms) nextAtMs = Math.min(nextAtMs, held.state.dueAtMs);
    else giveBack(state, box, held, { reason: null });
  }
  serveLater(state, box);
  for (const { leases } of box.receivers) {
    for (const { state: leased } of leases.values()) {
      if (leased.kind === 'leased') nextAtMs = Math.min(nextAtMs, leased.expiresAtMs);
      break;
    }
  }
  return nextAtMs;
}

/** Takes all leases of a box back without a word: what was leased is thrown away. */
export function dropLeases(box: Box): void {
  for (const receiver of box.receivers) {
    receiver.leases.clear();
    receiver.leasedBytes = 0;
  }
  box.held.clear();
}
