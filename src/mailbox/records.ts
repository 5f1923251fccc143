/** Records of messages as they come from the store. What makes no sense is put aside. */
import type { StoredRecord } from '../base/records.ts';
import { MAILBOX_RUN_COUNT_MAX } from '../protocol/limits.ts';
import { splitKey } from './keys.ts';
import { type DeadLetter, parseDead, parseMessages, type Stored } from './message.ts';
import { emit, type Mailboxes } from './state.ts';

/** How many messages a record can have had: Infinity when its key does not tell. */
export function messageCountMax(key: string): number {
  if (/^[btwsp]\//.test(key)) return 0;
  if (key.startsWith('d/')) return 1;
  return key.startsWith('m/') ? MAILBOX_RUN_COUNT_MAX : Number.POSITIVE_INFINITY;
}

/** The position that a key ends with. */
export function positionIn(key: string): number {
  return Number(splitKey(key).rest);
}

export function putAside(state: Mailboxes, key: string): void {
  emit(state, { kind: 'setAside', key, reason: 'it makes no sense' });
}

/** The messages of a record, or undefined when they are none. */
export function readRun(state: Mailboxes, { key, value }: StoredRecord): Stored[] | undefined {
  const messages = parseMessages(value);
  if (messages?.at(-1)?.position === positionIn(key)) return messages;
  putAside(state, key);
  return undefined;
}

export function readDead(state: Mailboxes, { key, value }: StoredRecord): DeadLetter | undefined {
  const dead = parseDead(value);
  if (dead?.position === positionIn(key)) return dead;
  putAside(state, key);
  return undefined;
}
