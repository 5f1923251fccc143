/** Messages that are kept, and the records that hold them: several of one box, in one record. */
import { pack, unpack } from '../protocol/pack.ts';

/**
 * A durable message. Its id is `sender` and `sequence`: a sender is one stream of messages to one
 * address, has drawn its own name, and counts from 1.
 */
export interface Message {
  /** 16 hexadecimal digits. */
  readonly sender: string;
  readonly sequence: number;
  /** The sender's address, for the receiver and for people. */
  readonly from: string;
  /** When its first node took it, in milliseconds since the epoch. */
  readonly sentAtMs: number;
  /** When it becomes a dead letter, in milliseconds since the epoch; 0 for never. */
  readonly expiresAtMs: number;
  /** What the receiver gets; nothing here looks into it. */
  readonly content: Buffer;
}

/** A message at its place in a box. */
export interface Stored {
  /** Counts the messages of the box, from 1. */
  readonly position: number;
  readonly message: Message;
}

/** What a failed attempt leaves. */
export interface Failure {
  /** In milliseconds since the epoch. */
  readonly atMs: number;
  /** A code of an error, or what the receiver said. */
  readonly reason: string;
}

/** What has been tried with a message so far. */
export interface Tries {
  /** Attempts that count towards the last one. */
  readonly count: number;
  readonly failures: readonly Failure[];
  /** Nobody can have had it: it expired before anybody came, and waits again. */
  readonly isUntouched: boolean;
}

/** What is shown of a message that waits, or is dead. */
export interface ShownLetter extends Stored, Pick<Tries, 'failures'> {}

export interface DeadLetter extends ShownLetter, Pick<Tries, 'isUntouched'> {}

/** Room that a message takes besides its content: its id, its instants, its place. */
const MESSAGE_OVERHEAD_BYTES = 64;

/** What a message counts towards the quota, in bytes. */
export function sizeOf({ content }: Message): number {
  return content.length + MESSAGE_OVERHEAD_BYTES;
}

function toFields({ position, message }: Stored): unknown[] {
  const { sender, sequence, from, sentAtMs, expiresAtMs, content } = message;
  return [position, sender, sequence, from, sentAtMs, expiresAtMs, content];
}

/** Whether `text` can be what a sender or a store has drawn as its name. */
export function isDrawnId(text: unknown): text is string {
  return typeof text === 'string' && /^[0-9a-f]{16}$/.test(text);
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** A message that came in a record or over a link, or undefined for what is none. */
function parseStored(fields: unknown): Stored | undefined {
  if (!Array.isArray(fields)) return undefined;
  const [position, sender, sequence, from, sentAtMs, expiresAtMs, content] = fields as unknown[];
  const areTexts = isDrawnId(sender) && typeof from === 'string';
  const areCounts = isCount(position) && isCount(sequence) && isCount(expiresAtMs);
  if (!areTexts || !areCounts || !isCount(sentAtMs) || !(content instanceof Uint8Array)) {
    return undefined;
  }
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length);
  const message = { sender, sequence, from, sentAtMs, expiresAtMs, content: bytes };
  return { position, message };
}

/** The list that `parse` finds in a value, or undefined if one of it is none. */
function parseAll<T>(value: unknown, parse: (each: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const all = value.map(parse);
  return all.every((each) => each !== undefined) ? (all as T[]) : undefined;
}

export function encodeMessages(messages: readonly Stored[]): Buffer {
  return pack(messages.map(toFields));
}

/** Ascending by position, or undefined for what makes no sense. */
export function parseMessages(bytes: Buffer): Stored[] | undefined {
  const messages = parseAll(unpack(bytes), parseStored);
  const isOrdered = messages?.every(
    ({ position }, index) => index === 0 || messages[index - 1]!.position < position,
  );
  return isOrdered === true && messages!.length > 0 ? messages : undefined;
}

function parseFailure(value: unknown): Failure | undefined {
  if (!Array.isArray(value)) return undefined;
  const [atMs, reason] = value as unknown[];
  return isCount(atMs) && typeof reason === 'string' ? { atMs, reason } : undefined;
}

/** What a former version wrote has no mark: somebody may have had it. */
function encodeHistory({ failures, isUntouched }: Omit<Tries, 'count'>): unknown[] {
  return [failures.map(({ atMs, reason }) => [atMs, reason]), ...(isUntouched ? [true] : [])];
}

function parseHistory([list, mark]: readonly unknown[]): Omit<Tries, 'count'> | undefined {
  const failures = parseAll(list, parseFailure);
  return failures === undefined ? undefined : { failures, isUntouched: mark === true };
}

export function encodeTries(tries: Tries): Buffer {
  return pack([tries.count, ...encodeHistory(tries)]);
}

export function parseTries(bytes: Buffer): Tries | undefined {
  const value = unpack(bytes);
  if (!Array.isArray(value)) return undefined;
  const [count, ...rest] = value as unknown[];
  const history = parseHistory(rest);
  return isCount(count) && history !== undefined ? { count, ...history } : undefined;
}

export function encodeDead(dead: DeadLetter): Buffer {
  return pack([toFields(dead), ...encodeHistory(dead)]);
}

export function parseDead(bytes: Buffer): DeadLetter | undefined {
  const value = unpack(bytes);
  if (!Array.isArray(value)) return undefined;
  const [fields, ...rest] = value as unknown[];
  const [stored, history] = [parseStored(fields), parseHistory(rest)];
  return stored !== undefined && history !== undefined ? { ...stored, ...history } : undefined;
}
