/**
 * The exit of an outbox: pieces go to the node of its address, a few at a time, and again from the
 * first one that is not known to be on disk there (go-back-N). Each piece says what is before it,
 * so that none is taken out of its order.
 */
import { nextRandom } from '../base/random.ts';
import { nextAbsent } from '../base/ranges.ts';
import type { ErrorData } from '../protocol/errors.ts';
import {
  MAILBOX_PIECE_BYTES,
  MAILBOX_PIECE_COUNT,
  MAILBOX_PIECES_IN_FLIGHT,
  MAILBOX_RETRY_MS_MAX,
  MAILBOX_RETRY_MS_MIN,
} from '../protocol/limits.ts';
import { rewind, settle } from './box.ts';
import type { MailboxInput } from './io.ts';
import { takeNext } from './letters.ts';
import { type Stored, sizeOf } from './message.ts';
import {
  type Box,
  emit,
  emitEvent,
  type Held,
  type Mailboxes,
  serveLater,
  wakeBy,
} from './state.ts';

type Input<Kind extends MailboxInput['kind']> = Extract<MailboxInput, { kind: Kind }>;

/** Whether a piece may be sent now. */
export function canSend(state: Mailboxes, { node, sending, barrier }: Box): boolean {
  const flightsMax = sending.failureCount > 0 ? 1 : MAILBOX_PIECES_IN_FLIGHT;
  const isFree = barrier === null && sending.retryAtMs <= state.now.ms;
  return node !== '' && isFree && sending.flightCount < flightsMax;
}

function takePiece(state: Mailboxes, box: Box): Stored[] {
  const countMax = box.sending.failureCount > 0 ? 1 : MAILBOX_PIECE_COUNT;
  const piece: Stored[] = [];
  for (let bytes = 0; piece.length < countMax && bytes < MAILBOX_PIECE_BYTES; ) {
    const ready = takeNext(state, box);
    if (ready === undefined) break;
    const { position, message, record } = ready;
    const size = sizeOf(message);
    const { sentAtMs } = message;
    const held: Held = { position, sentAtMs, size, record, state: { kind: 'sent' } };
    box.held.set(position, held);
    piece.push({ position, message });
    bytes += size;
  }
  return piece;
}

/** Sends what is in memory, as far as it may. */
export function sendOn(state: Mailboxes, box: Box): void {
  const { sending } = box;
  while (canSend(state, box)) {
    const messages = takePiece(state, box);
    if (messages.length === 0) return;
    const transfer = { box: box.name, origin: state.config.store, after: sending.last, messages };
    sending.last = messages.at(-1)!.position;
    sending.flightCount++;
    emit(state, { kind: 'transfer', node: box.node, epoch: sending.epoch, transfer });
  }
}

/** Begins anew with the first message that is not known to be taken. */
export function goBack(box: Box): void {
  const { sending } = box;
  sending.epoch++;
  sending.flightCount = 0;
  sending.last = 0;
  for (const [position, held] of box.held) {
    if (held.state.kind === 'sent') box.held.delete(position);
  }
  rewind(box, nextAbsent(box.gone, 1));
}

/** Lets go of what is on disk at the other node. */
function release(state: Mailboxes, box: Box, upTo: number): boolean {
  let isProgress = false;
  for (const held of box.held.values()) {
    if (held.position > upTo) break;
    if (held.state.kind !== 'sent') continue;
    settle(state, box, held);
    isProgress = true;
  }
  // Nothing before the next piece is missing there.
  if (box.held.size === 0) box.sending.last = 0;
  return isProgress;
}

function backOff(state: Mailboxes, box: Box, error: ErrorData): void {
  const { sending } = box;
  goBack(box);
  const exponent = Math.min(sending.failureCount++, 30);
  const ceilingMs = Math.min(MAILBOX_RETRY_MS_MAX, MAILBOX_RETRY_MS_MIN * 2 ** exponent);
  // At least half of it, unlike redials: nobody waits at the other end of a retry that is too soon.
  const retryMs = Math.round((ceilingMs * (1 + nextRandom(state.random))) / 2);
  sending.error = error;
  sending.retryAtMs = state.now.ms + retryMs;
  wakeBy(state, box, sending.retryAtMs);
  emitEvent(state, { kind: 'transferFailed', box: box.name, error, retryMs });
}

export function handleTransferred(state: Mailboxes, input: Input<'transferred'>): void {
  const box = state.boxes.get(input.box);
  if (box === undefined || box.isLocal) return;
  const { sending } = box;
  const isProgress = release(state, box, input.upTo);
  if (input.epoch === sending.epoch) {
    sending.flightCount--;
    if (isProgress) {
      sending.failureCount = 0;
      sending.error = null;
    }
    if (input.error !== null) backOff(state, box, input.error);
    else if (sending.flightCount === 0 && box.held.size > 0) {
      // All were heard, and not all were taken: one was lost on its way. Without progress it is
      // the other side that we wait for.
      if (isProgress) goBack(box);
      else backOff(state, box, { code: 'E_STREAM_BROKEN', values: { to: box.name } });
    }
  }
  serveLater(state, box);
}

export function handleTransferFailed(state: Mailboxes, input: Input<'transferFailed'>): void {
  const box = state.boxes.get(input.box);
  if (box === undefined || input.epoch !== box.sending.epoch) return;
  backOff(state, box, input.error);
}

/** A node is there: what waits for it goes on at once. */
export function handleReachable(state: Mailboxes, node: string): void {
  for (const box of state.boxes.values()) {
    if (box.node !== node || box.isLocal) continue;
    box.sending.retryAtMs = 0;
    serveLater(state, box);
  }
}
