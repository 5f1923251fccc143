/** What is done to one box, whoever does it: places given and done with, counts, its records. */
import { FreshMap } from '../base/fresh-map.ts';
import { addRange, createRanges, hasNumber, nextAbsent } from '../base/ranges.ts';
import { NAME_LENGTH_MAX } from '../protocol/limits.ts';
import { messagesKey, triesKey } from './keys.ts';
import type { Box, Held, Mailboxes, Ready } from './state.ts';

/** Longest name of a box: a node, a colon, a service. */
const BOX_NAME_LENGTH_MAX = 2 * NAME_LENGTH_MAX + 1;

function createBox(name: string, ownNode: string): Box {
  const colon = name.indexOf(':');
  const node = name.slice(0, colon);
  return {
    name,
    node,
    service: name.slice(colon + 1),
    isLocal: node === ownNode,
    tail: 0,
    synced: 0,
    gone: createRanges(),
    count: 0,
    bytes: 0,
    deadCount: 0,
    deadBytes: 0,
    headSentAtMs: 0,
    expiryAtMs: Number.POSITIVE_INFINITY,
    cursor: 1,
    isReading: false,
    ready: [],
    readyBytes: 0,
    held: new FreshMap(),
    records: new FreshMap(),
    barrier: null,
    tries: new Map(),
    handedUpTo: 0,
    receivers: [],
    sending: {
      epoch: 0,
      flightCount: 0,
      last: 0,
      failureCount: 0,
      retryAtMs: 0,
      error: null,
    },
    streams: new FreshMap(),
    resolved: null,
    walk: null,
  };
}

/** Whether `name` can be a box's: `node:service`, or `:service` while no node is known. */
export function isBoxName(name: string): boolean {
  return name.length <= BOX_NAME_LENGTH_MAX && /^[\w.-]*:~?[\w.-]+$/.test(name);
}

/** The box of that name; it is made when there is none. */
export function openBox(state: Mailboxes, name: string): Box {
  const known = state.boxes.get(name);
  if (known !== undefined) return known;
  const box = createBox(name, state.config.node);
  state.boxes.set(name, box);
  return box;
}

/** Whether a position has a message that is not done with. */
export function isLive(box: Box, position: number): boolean {
  return position > 0 && position <= box.tail && !hasNumber(box.gone, position);
}

/** The first position that is neither done with nor held, from the cursor on. */
export function nextToLoad(box: Box, from = box.cursor): number {
  let at = nextAbsent(box.gone, from);
  while (box.held.has(at)) at = nextAbsent(box.gone, at + 1);
  return at;
}

function recount(box: Box): void {
  if (nextAbsent(box.gone, 1) <= box.tail) return;
  // Nothing waits: what broken records had been counted for goes with them.
  box.count = 0;
  box.bytes = 0;
  box.headSentAtMs = 0;
}

/** Gives up positions that have no message, of which `count` had been counted. */
export function giveUp(box: Box, first: number, last: number, count: number): void {
  addRange(box.gone, first, last);
  box.count = Math.max(0, box.count - count);
  recount(box);
}

/** A message is done with; its record goes when nothing else is in it. */
export function settle(state: Mailboxes, box: Box, held: Omit<Held, 'state'>): void {
  const { position, size, record, sentAtMs } = held;
  addRange(box.gone, position, position);
  box.held.delete(position);
  box.count = Math.max(0, box.count - 1);
  box.bytes = Math.max(0, box.bytes - size);
  box.headSentAtMs = Math.max(box.headSentAtMs, sentAtMs);
  recount(box);
  const { batch } = state;
  batch.boxes.add(box);
  if (box.tries.delete(position)) batch.writes.set(triesKey(box.name, position), null);
  const left = (box.records.get(record) ?? 0) - 1;
  if (left > 0) box.records.set(record, left);
  else if (box.records.delete(record)) batch.writes.set(messagesKey(box.name, record), null);
}

/** Puts into memory what may go out. */
export function makeReady(box: Box, ready: Ready): void {
  box.ready.push(ready);
  box.readyBytes += ready.message.content.length;
}

/** Takes the first of what is in memory. */
export function dropReady(box: Box): void {
  box.readyBytes -= box.ready.shift()?.message.content.length ?? 0;
}

/** The first of what is in memory, or undefined; what is done with meanwhile is dropped. */
export function peekReady(box: Box): Ready | undefined {
  for (let next = box.ready[0]; next !== undefined; next = box.ready[0]) {
    if (isLive(box, next.position) && !box.held.has(next.position)) return next;
    dropReady(box);
  }
  return undefined;
}

/** Goes back to a position: what is in memory from there on is read again. */
export function rewind(box: Box, position: number): void {
  box.cursor = Math.min(box.cursor, position, box.ready[0]?.position ?? position);
  box.ready = [];
  box.readyBytes = 0;
}
