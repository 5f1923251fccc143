/** What comes in: from programs of this node, and from other nodes. Each message is taken once. */

import { NumberTable } from '../base/number-table.ts';
import { addRange, createRanges, hasNumber } from '../base/ranges.ts';
import type { ErrorData } from '../protocol/errors.ts';
import {
  MAILBOX_SENDER_RANGES_MAX,
  MAILBOX_SENDERS_MAX,
  MAILBOX_STREAMS_MAX,
  MAILBOXES_MAX,
} from '../protocol/limits.ts';
import { isBoxName, openBox } from './box.ts';
import type { MailboxInput, Token } from './io.ts';
import { streamKey, windowKey } from './keys.ts';
import { type Message, sizeOf } from './message.ts';
import { findRefusal } from './refusal.ts';
import { type Batch, type Box, emit, type Mailboxes, type Stream, type Window } from './state.ts';
import { watchExpiry } from './walking.ts';

type Deposit = Extract<MailboxInput, { kind: 'deposit' }>;
type Handover = Extract<MailboxInput, { kind: 'transfer' }>;

/** The box of a name, or why there can be none. */
function findBox(state: Mailboxes, name: string): Box | ErrorData {
  const known = state.boxes.get(name);
  if (known !== undefined) return known;
  if (!isBoxName(name)) return { code: 'E_ADDRESS_INVALID', values: { address: name } };
  if (state.boxes.size < MAILBOXES_MAX) return openBox(state, name);
  const values = { node: state.config.node, max: MAILBOXES_MAX };
  return { code: 'E_TOO_MANY_MAILBOXES', values };
}

function isError(found: Box | ErrorData): found is ErrorData {
  return 'code' in found;
}

/** Forgets the sender that was heard longest ago. */
function forgetSender(state: Mailboxes): void {
  for (const window of state.windows.values()) {
    if (window.pending.size > 0) continue;
    state.windows.delete(window.key);
    state.batch.windows.delete(window);
    state.batch.writes.set(window.key, null);
    return;
  }
}

/** What has come from a sender to a box. */
function openWindow(state: Mailboxes, box: Box, sender: string): Window {
  const { newest } = state;
  // Mostly it is that of the message before: it is the last one then.
  if (newest?.box === box.name && newest.sender === sender) {
    newest.usedAtMs = state.now.wallMs;
    return newest;
  }
  const key = windowKey(box.name, sender);
  let window = state.windows.get(key);
  if (window === undefined) {
    if (state.windows.size >= MAILBOX_SENDERS_MAX) forgetSender(state);
    const place = { box: box.name, sender, key };
    window = { ...place, seen: createRanges(), pending: new NumberTable<Batch>(), usedAtMs: 0 };
    // One that was forgotten in this very batch is known again.
    state.batch.writes.delete(key);
  } else state.windows.delete(key);
  state.windows.set(key, window);
  state.newest = window;
  window.usedAtMs = state.now.wallMs;
  return window;
}

/** Why a box takes no more; undefined when it does. */
export function objectTo(state: Mailboxes, box: Box, message: Message): ErrorData | undefined {
  const { quotaCount, quotaBytes, node } = state.config;
  const count = box.count + box.deadCount;
  const bytes = box.bytes + box.deadBytes;
  if (count < quotaCount && bytes + sizeOf(message) <= quotaBytes) return undefined;
  const max = count >= quotaCount ? `${quotaCount} messages` : `${quotaBytes} bytes`;
  return { code: 'E_MAILBOX_FULL', values: { box: box.name, node, count, bytes, max } };
}

/** What the mailbox at the other end said when it was asked last, and some still wait for it. */
function objectThere({ count, sending: { error } }: Box): ErrorData | undefined {
  return count > 0 && error?.code === 'E_MAILBOX_FULL' ? error : undefined;
}

/** Puts a message at the end of a box. `window` is where it is noted as seen. */
export function append(
  state: Mailboxes,
  box: Box,
  message: Message,
  { window = null, isOwed = false }: { window?: Window | null; isOwed?: boolean },
): number {
  const { batch } = state;
  const position = ++box.tail;
  box.count++;
  box.bytes += sizeOf(message);
  batch.boxes.add(box);
  const arrivals = batch.arrivals.get(box);
  const arrival = { position, message, window, isOwed };
  if (arrivals === undefined) batch.arrivals.set(box, [arrival]);
  else arrivals.push(arrival);
  if (window !== null) {
    addRange(window.seen, message.sequence, message.sequence);
    // A gap is a message that went another way, or died on its way. With too many of them the
    // lowest are not known any more: rather may one come twice than be taken for seen.
    if (window.seen.bounds.length > 2 * MAILBOX_SENDER_RANGES_MAX) window.seen.bounds.splice(0, 2);
    window.pending.set(message.sequence, batch);
    batch.windows.add(window);
  }
  if (message.expiresAtMs > 0) watchExpiry(state, box, message.expiresAtMs);
  return position;
}

function refuse(state: Mailboxes, reply: Token, error: ErrorData): void {
  emit(state, { kind: 'refused', reply, error });
}

/** A message that came before: its sender did not hear of it, and does so when it is synced. */
function confirmAgain(state: Mailboxes, window: Window, sequence: number, reply: Token): void {
  const batch = window.pending.get(sequence);
  if (batch === undefined) emit(state, { kind: 'stored', reply });
  else batch.answers.push({ kind: 'stored', reply });
}

export function handleDeposit(state: Mailboxes, { to, via, message, reply }: Deposit): void {
  const named = findBox(state, to);
  if (isError(named)) return refuse(state, reply, named);
  const window = openWindow(state, named, message.sender);
  if (hasNumber(window.seen, message.sequence)) {
    return confirmAgain(state, window, message.sequence, reply);
  }
  // What waits for a node to be known goes first.
  const box = via === null || named.count > 0 ? named : findBox(state, `${via}:${named.service}`);
  if (isError(box)) return refuse(state, reply, box);
  const objection = findRefusal(state) ?? objectThere(box) ?? objectTo(state, box, message);
  if (objection !== undefined) return refuse(state, reply, objection);
  append(state, box, message, { window });
  state.batch.answers.push({ kind: 'stored', reply });
}

function openStream(box: Box, origin: string): Stream {
  const known = box.streams.get(origin);
  if (known === undefined && box.streams.size >= MAILBOX_STREAMS_MAX) {
    for (const oldest of box.streams.keys()) {
      box.streams.delete(oldest);
      break;
    }
  }
  const stream = known ?? { key: streamKey(box.name, origin), taken: 0, synced: 0 };
  // The one that was used last is the last one.
  if (known !== undefined) box.streams.delete(origin);
  box.streams.set(origin, stream);
  return stream;
}

/** Takes one message of another node over; what came before is passed over. */
function takeOver(state: Mailboxes, box: Box, message: Message): ErrorData | undefined {
  const window = openWindow(state, box, message.sender);
  if (hasNumber(window.seen, message.sequence)) return undefined;
  const objection = objectTo(state, box, message);
  if (objection === undefined) append(state, box, message, { window });
  return objection;
}

/**
 * A piece of another node's outbox. It is taken in its order and from where the last one ended: a
 * piece that comes too early is left, and the answer says how far we are.
 */
export function handleTransfer(state: Mailboxes, { transfer, reply }: Handover): void {
  const { origin, after, messages } = transfer;
  const found = findBox(state, transfer.box);
  const { node } = state.config;
  if (isError(found) || !found.isLocal) {
    const values = { to: transfer.box, node, reason: 'is not where it is' };
    const error = isError(found) ? found : ({ code: 'E_UNREACHABLE', values } as const);
    return emit(state, { kind: 'taken', reply, upTo: 0, error });
  }
  const stream = openStream(found, origin);
  let error: ErrorData | null = findRefusal(state) ?? null;
  if (after <= stream.taken && error === null) {
    for (const { position, message } of messages) {
      if (position <= stream.taken) continue;
      error = takeOver(state, found, message) ?? null;
      if (error !== null) break;
      stream.taken = position;
      state.batch.streams.set(stream, position);
    }
  }
  state.batch.answers.push({ kind: 'taken', reply, stream, error });
}
