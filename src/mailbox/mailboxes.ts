/**
 * The durable mailboxes of a node: `step(state, input, now) -> outputs`. No disk, clock or chance
 * of its own; the daemon drives it with a store and a router, the simulator (test/sim) with faults.
 * What it promises is in docs/adr/0012-durable-delivery.md.
 */
import { assertNever } from '../base/assert.ts';
import type { RecordPage } from '../base/records.ts';
import { handleDeposit, handleTransfer } from './arrivals.ts';
import { flush, handleWriteFailed, handleWritten } from './batch.ts';
import type { Instant, MailboxInput, MailboxOutput } from './io.ts';
import {
  handleAck,
  handleAttach,
  handleDetach,
  handleExtend,
  handleNack,
  tickLeases,
} from './leasing.ts';
import { handleDying } from './letters.ts';
import {
  handleDeadPage,
  handleMoved,
  handlePeek,
  handlePeeked,
  handlePurge,
  handleRedeliver,
  handleResolved,
} from './orders.ts';
import { handleReachable, handleTransferFailed, handleTransferred } from './sending.ts';
import { handleLoaded, serve } from './serving.ts';
import { type Box, type Mailboxes, wakeBy } from './state.ts';
import { handleWalked, tickExpiry } from './walking.ts';

function handlePage(state: Mailboxes, read: number, page: RecordPage): void {
  const reading = state.reads.get(read);
  if (reading === undefined) return;
  state.reads.delete(read);
  switch (reading.kind) {
    case 'load':
      return handleLoaded(state, reading, page);
    case 'bury':
      return handleDying(state, reading, page);
    case 'walk':
      return handleWalked(state, reading, page);
    case 'peekWaiting':
    case 'peekDead':
      return handlePeeked(state, reading, page);
    case 'purgeDead':
    case 'redeliver':
      return handleDeadPage(state, reading, page);
    case 'move':
      return handleMoved(state, reading, page);
    default:
      return assertNever(reading);
  }
}

function handleInput(state: Mailboxes, input: MailboxInput): void {
  switch (input.kind) {
    case 'deposit':
      return handleDeposit(state, input);
    case 'transfer':
      return handleTransfer(state, input);
    case 'transferred':
      return handleTransferred(state, input);
    case 'transferFailed':
      return handleTransferFailed(state, input);
    case 'reachable':
      return handleReachable(state, input.node);
    case 'resolved':
      return handleResolved(state, input);
    case 'attach':
      return handleAttach(state, input);
    case 'detach':
      return handleDetach(state, input.receiver);
    case 'ack':
      return handleAck(state, input);
    case 'nack':
      return handleNack(state, input);
    case 'extend':
      return handleExtend(state, input);
    case 'peek':
      return handlePeek(state, input);
    case 'purge':
      return handlePurge(state, input);
    case 'redeliver':
      return handleRedeliver(state, input);
    case 'written':
      handleWritten(state);
      return flush(state);
    case 'writeFailed':
      return handleWriteFailed(state, input.error);
    case 'page':
      return handlePage(state, input.read, input.page);
    case 'flush':
      return flush(state);
    case 'tick':
      return;
    default:
      return assertNever(input);
  }
}

/** What is due in a box. Returns when something is next. */
function tickBox(state: Mailboxes, box: Box): number {
  const expiryAtMs = tickExpiry(state, box);
  if (box.isLocal) return Math.min(expiryAtMs, tickLeases(state, box));
  serve(state, box);
  const { retryAtMs } = box.sending;
  return retryAtMs > state.now.ms ? Math.min(expiryAtMs, retryAtMs) : expiryAtMs;
}

function handleDue(state: Mailboxes): void {
  state.dueAtMs = Number.POSITIVE_INFINITY;
  if (state.failure !== null) {
    flush(state);
    if (state.writing === null) state.dueAtMs = state.failure.retryAtMs;
  }
  const boxes = [...state.timed];
  state.timed.clear();
  for (const box of boxes) {
    const nextAtMs = tickBox(state, box);
    if (Number.isFinite(nextAtMs)) wakeBy(state, box, nextAtMs);
  }
}

/** Feeds one input. The outputs are in the order in which they must be carried out. */
export function step(state: Mailboxes, input: MailboxInput, now: Instant): MailboxOutput[] {
  state.now = now;
  handleInput(state, input);
  if (state.dueAtMs <= now.ms) handleDue(state);
  for (const box of state.toServe) {
    state.toServe.delete(box);
    serve(state, box);
  }
  if (state.dueAtMs !== state.wakeAtMs) {
    state.wakeAtMs = state.dueAtMs;
    state.outputs.push({ kind: 'wake', atMs: state.dueAtMs });
  }
  const { outputs } = state;
  state.outputs = [];
  return outputs;
}
