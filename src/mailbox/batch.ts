/**
 * Group commit: what comes while the store is busy is gathered, and goes to it together. Nobody
 * hears that anything is stored, taken or acked before it is synced.
 */

import { hasNumber, removeNumber } from '../base/ranges.ts';
import type { RecordWrite } from '../base/records.ts';
import type { ErrorData } from '../protocol/errors.ts';
import {
  MAILBOX_PROBE_MS,
  MAILBOX_RUN_BYTES_MAX,
  MAILBOX_RUN_COUNT_MAX,
} from '../protocol/limits.ts';
import { pack } from '../protocol/pack.ts';
import { giveUp, makeReady, nextToLoad } from './box.ts';
import { boxKey, messagesKey, PROBE_KEY } from './keys.ts';
import { encodeMessages, type Stored, sizeOf } from './message.ts';
import { hasDemand } from './serving.ts';
import {
  type Answer,
  type Arrival,
  type Batch,
  type Box,
  createBatch,
  emit,
  emitEvent,
  type Mailboxes,
  type Run,
  serveLater,
  type Window,
} from './state.ts';
import { startWalk } from './walking.ts';

/** Longest wait between two attempts of a store that fails, as a multiple of the first. */
const PROBE_FACTOR_MAX = 64;

/** Arrivals of a box as records, none of them too large; what was thrown away since is left out. */
function cutRuns(box: Box, arrivals: readonly Arrival[]): Run[] {
  const runs: Run[] = [];
  let messages: Stored[] = [];
  let bytes = 0;
  for (const { position, message } of arrivals) {
    if (hasNumber(box.gone, position)) continue;
    messages.push({ position, message });
    bytes += sizeOf(message);
    if (messages.length < MAILBOX_RUN_COUNT_MAX && bytes < MAILBOX_RUN_BYTES_MAX) continue;
    runs.push({ box, messages });
    messages = [];
    bytes = 0;
  }
  return messages.length > 0 ? [...runs, { box, messages }] : runs;
}

function encodeBox(box: Box): Buffer {
  const { tail, gone, count, bytes, deadCount, deadBytes, expiryAtMs, headSentAtMs } = box;
  const known = Number.isFinite(expiryAtMs) ? expiryAtMs : 0;
  // A crash during a walk begins it anew.
  const expiry = box.walk?.kind === 'expire' ? 1 : known;
  return pack([tail, gone.bounds, count, bytes, deadCount, deadBytes, expiry, headSentAtMs]);
}

function encodeWindow({ seen, usedAtMs }: Window): Buffer {
  return pack([seen.bounds, usedAtMs]);
}

/** All that the batch has to say to the disk. */
function encodeBatch(batch: Batch): RecordWrite[] {
  const writes: RecordWrite[] = [];
  const put = (key: string, value: Buffer) => writes.push({ kind: 'put', key, value });
  for (const [key, value] of batch.writes) {
    if (value === null) writes.push({ kind: 'remove', key });
    else put(key, value);
  }
  batch.runs = [...batch.arrivals].flatMap(([box, arrivals]) => cutRuns(box, arrivals));
  for (const { box, messages } of batch.runs) {
    put(messagesKey(box.name, messages.at(-1)!.position), encodeMessages(messages));
  }
  for (const box of batch.boxes) put(boxKey(box.name), encodeBox(box));
  for (const window of batch.windows) put(window.key, encodeWindow(window));
  for (const stream of batch.streams.keys()) {
    batch.streams.set(stream, stream.taken);
    put(stream.key, pack([stream.taken]));
  }
  return writes;
}

function answerTo(state: Mailboxes, answer: Answer): void {
  switch (answer.kind) {
    case 'taken': {
      const { reply, stream, error } = answer;
      return emit(state, { kind: 'taken', reply, upTo: stream.synced, error });
    }
    case 'collect':
      return startWalk(state, answer.box, 'collect');
    case 'move':
      return serveLater(state, answer.box);
    default:
      return emit(state, answer);
  }
}

function hasSomething({ arrivals, boxes, windows, streams, writes }: Batch): boolean {
  return arrivals.size + boxes.size + windows.size + streams.size + writes.size > 0;
}

/** Sends to the store what was gathered, unless it is busy or about to be tried again later. */
export function flush(state: Mailboxes): void {
  const { batch, failure, now } = state;
  if (state.writing !== null) return;
  if (failure !== null) {
    if (now.ms < failure.retryAtMs) return;
    if (!hasSomething(batch)) batch.writes.set(PROBE_KEY, Buffer.alloc(1));
  }
  if (!hasSomething(batch)) {
    if (batch.answers.length === 0) return;
    state.batch = createBatch();
    for (const answer of batch.answers) answerTo(state, answer);
    return;
  }
  state.batch = createBatch();
  state.writing = batch;
  emit(state, { kind: 'write', writes: encodeBatch(batch) });
}

/** What is on disk now goes on at once when somebody waits for just that. */
function offer(state: Mailboxes, { box, messages }: Run): void {
  const last = messages.at(-1)!.position;
  box.synced = Math.max(box.synced, last);
  const isNext = !box.isReading && nextToLoad(box) >= messages[0]!.position && box.cursor <= last;
  if (!isNext || !hasDemand(state, box)) return;
  const left = messages.filter(({ position }) => !hasNumber(box.gone, position));
  box.cursor = last + 1;
  if (left.length === 0) return;
  box.records.set(last, left.length);
  for (const stored of left) makeReady(box, { ...stored, record: last });
}

export function handleWritten(state: Mailboxes): void {
  const batch = state.writing;
  if (batch === null) return;
  state.writing = null;
  if (state.failure !== null) {
    state.failure = null;
    emitEvent(state, { kind: 'storeRecovered' });
  }
  for (const [stream, taken] of batch.streams) stream.synced = taken;
  for (const run of batch.runs) offer(state, run);
  for (const [box, arrivals] of batch.arrivals) {
    box.synced = Math.max(box.synced, arrivals.at(-1)!.position);
    for (const { window, message } of arrivals) {
      if (window?.pending.get(message.sequence) === batch) window.pending.delete(message.sequence);
    }
  }
  for (const box of batch.boxes) {
    if (box.barrier !== batch) continue;
    box.barrier = null;
    serveLater(state, box);
  }
  for (const answer of batch.answers) answerTo(state, answer);
  for (const box of batch.arrivals.keys()) serveLater(state, box);
}

/** What came and could not be written is as if it had never come. */
function undo(box: Box, { position, message, window }: Arrival): void {
  if (!hasNumber(box.gone, position)) {
    box.bytes = Math.max(0, box.bytes - sizeOf(message));
    giveUp(box, position, position, 1);
  }
  if (window === null) return;
  removeNumber(window.seen, message.sequence);
  window.pending.delete(message.sequence);
}

/** Whether there is anything to say of a box, when all that was just refused is left out. */
function isInUse({ synced, count, deadCount }: Box): boolean {
  return synced > 0 || count > 0 || deadCount > 0;
}

/**
 * Takes over into `batch` what must still be written of one that was not. What was refused leaves
 * no record: a disk that is full could not take one, and what makes room would wait with it.
 */
function carryOver(batch: Batch, failed: Batch, error: ErrorData): Answer[] {
  const refused: Answer[] = [];
  for (const [box, arrivals] of failed.arrivals) {
    const owed = arrivals.filter(({ isOwed }) => isOwed);
    if (owed.length > 0) batch.arrivals.set(box, [...(batch.arrivals.get(box) ?? []), ...owed]);
    for (const arrival of arrivals) if (!arrival.isOwed) undo(box, arrival);
  }
  for (const box of failed.boxes) {
    if (isInUse(box)) batch.boxes.add(box);
    if (box.barrier === failed) box.barrier = batch;
  }
  for (const window of failed.windows) {
    if (window.seen.bounds.length > 0) batch.windows.add(window);
  }
  // How far it is known to be taken the disk knows.
  for (const stream of failed.streams.keys()) stream.taken = stream.synced;
  for (const [key, value] of failed.writes) batch.writes.set(key, value);
  for (const answer of failed.answers) {
    if (answer.kind === 'stored') refused.push(answer);
    else batch.answers.push(answer.kind === 'taken' ? { ...answer, error } : answer);
  }
  return refused;
}

/**
 * The disk refuses. What is new is refused with it; what was here before and has only changed (it
 * is done with, it died) is kept, and tried again later, together with what is gathered then.
 */
export function handleWriteFailed(state: Mailboxes, error: ErrorData): void {
  const failed = state.writing;
  if (failed === null) return;
  const gathered = state.batch;
  const batch = createBatch();
  state.writing = null;
  state.batch = batch;
  const refused = [...carryOver(batch, failed, error), ...carryOver(batch, gathered, error)];
  const count = (state.failure?.count ?? 0) + 1;
  const waitMs = MAILBOX_PROBE_MS * Math.min(PROBE_FACTOR_MAX, 2 ** (count - 1));
  const { ms } = state.now;
  state.failure = { error, count, triedAtMs: ms, retryAtMs: ms + waitMs };
  state.dueAtMs = Math.min(state.dueAtMs, state.failure.retryAtMs);
  if (count === 1) emitEvent(state, { kind: 'storeFailed', error });
  for (const answer of refused) {
    if (answer.kind === 'stored') emit(state, { kind: 'refused', reply: answer.reply, error });
  }
  // Who handed over hears at once, and keeps it.
  const taken = batch.answers.filter(({ kind }) => kind === 'taken');
  batch.answers.splice(0, batch.answers.length, ...batch.answers.filter((a) => a.kind !== 'taken'));
  for (const answer of taken) answerTo(state, answer);
}
