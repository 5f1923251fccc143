/** What operators ask for: to look into a box, to throw away, to try dead letters once more. */

import { hasNumber } from '../base/ranges.ts';
import type { RecordPage } from '../base/records.ts';
import { MAILBOX_MOVE_MS } from '../protocol/limits.ts';
import { append, objectTo } from './arrivals.ts';
import { giveUp, openBox } from './box.ts';
import type { MailboxInput } from './io.ts';
import { deadKey, keysOf, messagesKey, triesKey } from './keys.ts';
import { dropLeases } from './leasing.ts';
import { encodeTries, sizeOf } from './message.ts';
import { readDead, readRun } from './records.ts';
import { goBack } from './sending.ts';
import {
  askFor,
  type Box,
  emit,
  type Mailboxes,
  type Reading,
  serveLater,
  wakeBy,
} from './state.ts';

type Input<Kind extends MailboxInput['kind']> = Extract<MailboxInput, { kind: Kind }>;
type Of<Kind extends Reading['kind']> = Extract<Reading, { kind: Kind }>;

/** Records of one page of dead letters. */
const LETTERS_PER_PAGE = 64;

export function handlePeek(state: Mailboxes, input: Input<'peek'>): void {
  const { what, from, countMax, reply } = input;
  const box = state.boxes.get(input.box);
  if (box === undefined) return emit(state, { kind: 'peeked', reply, letters: [] });
  const isDead = what === 'dead';
  const begin = isDead ? deadKey(box.name, from) : messagesKey(box.name, from);
  const range = { from: begin, below: keysOf(isDead ? 'd' : 'm', box.name).below };
  const kind = isDead ? 'peekDead' : 'peekWaiting';
  askFor(state, { kind, box, from, countMax, reply }, range, countMax);
}

export function handlePeeked(
  state: Mailboxes,
  reading: Of<'peekWaiting' | 'peekDead'>,
  page: RecordPage,
): void {
  const { kind, box, from, countMax, reply } = reading;
  const waiting = () =>
    page.records
      .flatMap((record) => readRun(state, record) ?? [])
      .filter(({ position }) => position >= from && !hasNumber(box.gone, position))
      .map((stored) => ({ ...stored, failures: box.tries.get(stored.position)?.failures ?? [] }));
  const dead = () => page.records.flatMap((record) => readDead(state, record) ?? []);
  const letters = (kind === 'peekDead' ? dead() : waiting()).slice(0, countMax);
  emit(state, { kind: 'peeked', reply, letters });
}

function purgeWaiting(state: Mailboxes, box: Box): number {
  const { batch } = state;
  const { count } = box;
  for (const position of box.tries.keys()) batch.writes.set(triesKey(box.name, position), null);
  box.tries.clear();
  box.records.clear();
  box.ready = [];
  box.readyBytes = 0;
  if (box.tail > 0) giveUp(box, 1, box.tail, count);
  if (box.isLocal) dropLeases(box);
  else goBack(box);
  batch.boxes.add(box);
  // Their records go when nothing more of them can come from what is being written now.
  batch.answers.push({ kind: 'collect', box });
  return count;
}

function askDead(state: Mailboxes, reading: Of<'purgeDead' | 'redeliver'>, from: number): void {
  const { name } = reading.box;
  const range = { from: deadKey(name, from), below: keysOf('d', name).below };
  askFor(state, reading, range, LETTERS_PER_PAGE);
}

export function handlePurge(state: Mailboxes, { box: name, what, reply }: Input<'purge'>): void {
  const box = state.boxes.get(name);
  if (box === undefined) return emit(state, { kind: 'done', reply, count: 0 });
  if (what === 'waiting') {
    const count = purgeWaiting(state, box);
    state.batch.answers.push({ kind: 'done', reply, count });
    return;
  }
  askDead(state, { kind: 'purgeDead', box, positions: null, reply, count: 0 }, 0);
}

export function handleRedeliver(state: Mailboxes, input: Input<'redeliver'>): void {
  const { box: name, reply } = input;
  const box = state.boxes.get(name);
  if (box === undefined) return emit(state, { kind: 'done', reply, count: 0 });
  const positions = input.positions === null ? null : new Set(input.positions);
  askDead(state, { kind: 'redeliver', box, positions, reply, count: 0 }, 0);
}

/** Dead letters that go: away, or to the end of their box. */
export function handleDeadPage(
  state: Mailboxes,
  reading: Of<'purgeDead' | 'redeliver'>,
  page: RecordPage,
): void {
  const { kind, box, positions, reply } = reading;
  const { batch } = state;
  let { count } = reading;
  let last = 0;
  for (const record of page.records) {
    const dead = readDead(state, record);
    if (dead === undefined) continue;
    last = dead.position;
    // A page may have been read before what another order has done is on disk.
    const isWanted = positions === null || positions.has(last);
    if (!isWanted || batch.writes.get(record.key) === null) continue;
    if (state.writing?.writes.get(record.key) === null) continue;
    box.deadCount = Math.max(0, box.deadCount - 1);
    box.deadBytes = Math.max(0, box.deadBytes - sizeOf(dead.message));
    batch.writes.set(record.key, null);
    batch.boxes.add(box);
    count++;
    if (kind === 'purgeDead') continue;
    const message = { ...dead.message, expiresAtMs: 0 };
    const position = append(state, box, message, { isOwed: true });
    const { failures, isUntouched } = dead;
    const tries = { count: 0, failures, isUntouched };
    box.tries.set(position, tries);
    batch.writes.set(triesKey(box.name, position), encodeTries(tries));
  }
  if (page.isEnd || last === 0) batch.answers.push({ kind: 'done', reply, count });
  else askDead(state, { ...reading, count }, last + 1);
}

/** A node has a service that messages wait for: they are addressed to that node from now on. */
export function handleResolved(state: Mailboxes, { service, node }: Input<'resolved'>): void {
  const box = state.boxes.get(`:${service}`);
  if (box === undefined) return;
  box.resolved = openBox(state, `${node}:${service}`);
  serveLater(state, box);
}

/** Asks for what is to be moved next, if something is on disk. */
export function moveOn(state: Mailboxes, box: Box): void {
  if (box.resolved === null || box.isReading || box.count === 0 || box.synced === 0) return;
  box.isReading = true;
  const range = { from: messagesKey(box.name, 0), below: keysOf('m', box.name).below };
  askFor(state, { kind: 'move', box, to: box.resolved, synced: box.synced }, range, 1);
}

export function handleMoved(
  state: Mailboxes,
  { box, to, synced }: Of<'move'>,
  { records }: RecordPage,
): void {
  const { batch } = state;
  box.isReading = false;
  const record = records[0];
  const messages = record === undefined ? undefined : readRun(state, record);
  const last = messages?.at(-1)?.position ?? 0;
  if (record === undefined || last > synced) {
    // What should be there was broken.
    if (box.tail === synced) giveUp(box, 1, synced, box.count);
    return;
  }
  const waiting = (messages ?? []).filter(({ position }) => !hasNumber(box.gone, position));
  for (const { position, message } of waiting) {
    if (objectTo(state, to, message) !== undefined) {
      return wakeBy(state, box, state.now.ms + MAILBOX_MOVE_MS);
    }
    append(state, to, message, { isOwed: true });
    box.bytes = Math.max(0, box.bytes - sizeOf(message));
    giveUp(box, position, position, 1);
    batch.boxes.add(box);
  }
  batch.writes.set(record.key, null);
  // The next one when this is written: what was moved cannot be read again then.
  batch.answers.push({ kind: 'move', box });
}
