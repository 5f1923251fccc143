/** Arguments of the methods of mailboxes, and answers to them, as they came: anything. */
import { isCount, isDrawnId } from '../mailbox/message.ts';
import { readDurableAddress } from '../protocol/durable.ts';
import { DagentError, type ErrorData, errorFromData } from '../protocol/errors.ts';
import {
  MAILBOX_CONTENT_BYTES_MAX,
  MAILBOX_LEASE_COUNT_MAX,
  MAILBOX_LEASE_MS_DEFAULT,
  MAILBOX_LEASE_MS_MAX,
  MAILBOX_LEASE_MS_MIN,
  MAILBOX_PEEK_COUNT_MAX,
  MAILBOX_PIECE_COUNT,
} from '../protocol/limits.ts';
import type { Taken } from './mailbox-driver.ts';

/** What a receiver gets that does not say how much, and for how long. */
const LEASE_COUNT_DEFAULT = 256;
const PEEK_COUNT_DEFAULT = 10;

export function invalid(method: string, reason: string): DagentError {
  return new DagentError('E_ARGUMENT_INVALID', { method: `mailbox.${method}`, reason });
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** A number within bounds, or its default when it is absent. Throws E_ARGUMENT_INVALID. */
function readWithin(
  value: unknown,
  { what, min, max, usual }: { what: string; min: number; max: number; usual: number },
): number {
  if (value === undefined || value === null) return usual;
  if (typeof value === 'number' && value >= min && value <= max) return Math.floor(value);
  const [method = '', name = ''] = what.split(' ');
  throw invalid(method, `${name} is ${String(value)}; it must be within ${min} and ${max}`);
}

/** Messages that a program leaves, all of one sender, numbered one by one. */
export interface DepositArgs {
  /** Name of the box: `node:service`, or `:service`. */
  readonly box: string;
  readonly service: string;
  readonly sender: string;
  /** That of the first. */
  readonly sequence: number;
  readonly ttlMs: number;
  readonly contents: readonly Buffer[];
}

function isAllBytes(value: unknown): value is readonly Uint8Array[] {
  return Array.isArray(value) && value.every((each) => each instanceof Uint8Array);
}

/**
 * How many messages are in each run of a call. Throws E_ARGUMENT_INVALID when one has none, or all
 * together have more than go with one call.
 */
export function countDeposits(runs: readonly unknown[]): number[] {
  const counts = runs.map((run) => {
    const { contents } = fieldsOf(run);
    if (isAllBytes(contents) && contents.length > 0) return contents.length;
    throw invalid('deposit', 'contents must be a list of bytes');
  });
  const sum = counts.reduce((total, count) => total + count, 0);
  if (sum <= MAILBOX_PIECE_COUNT) return counts;
  throw invalid('deposit', `there are ${sum} messages; ${MAILBOX_PIECE_COUNT} go with one call`);
}

/** A copy: what came is a view of what was read, and this waits for the disk. */
function copyContent(content: Uint8Array): Buffer {
  const { length: bytes } = content;
  if (bytes <= MAILBOX_CONTENT_BYTES_MAX) return Buffer.from(content);
  const values = { what: 'the message', bytes, max: MAILBOX_CONTENT_BYTES_MAX };
  throw new DagentError('E_TOO_LARGE', values);
}

/**
 * Messages that a program leaves. Throws as {@link readDurableAddress}, and E_ARGUMENT_INVALID,
 * E_TOO_LARGE.
 */
export function readDeposit(value: unknown): DepositArgs {
  const { to, sender, sequence, ttlMs, contents } = fieldsOf(value);
  const { node, service } = readDurableAddress(to);
  const box = `${node}:${service}`;
  if (!isDrawnId(sender)) throw invalid('deposit', 'sender must be 16 hexadecimal digits');
  if (!isAllBytes(contents)) throw invalid('deposit', 'contents must be a list of bytes');
  if (!isCount(sequence) || sequence === 0 || !isCount(sequence + contents.length))
    throw invalid('deposit', 'sequence counts from 1');
  const bounds = { what: 'deposit ttlMs', min: 1, max: Number.MAX_SAFE_INTEGER / 2, usual: 0 };
  const ttl = ttlMs === 0 ? 0 : readWithin(ttlMs, bounds);
  return { box, service, sender, sequence, ttlMs: ttl, contents: contents.map(copyContent) };
}

export function readLease(args: readonly unknown[]) {
  const [service, wish] = args;
  const { count, leaseMs } = fieldsOf(wish);
  if (typeof service !== 'string') throw invalid('lease', 'the service must be a text');
  const counts = { min: 1, max: MAILBOX_LEASE_COUNT_MAX, usual: LEASE_COUNT_DEFAULT };
  const times = {
    min: MAILBOX_LEASE_MS_MIN,
    max: MAILBOX_LEASE_MS_MAX,
    usual: MAILBOX_LEASE_MS_DEFAULT,
  };
  return {
    service,
    leaseCount: readWithin(count, { what: 'lease count', ...counts }),
    leaseMs: readWithin(leaseMs, { what: 'lease leaseMs', ...times }),
  };
}

/** Positions in a mailbox. */
export function readPositions(value: unknown, method: string): number[] {
  if (Array.isArray(value) && value.every(isCount)) return value;
  throw invalid(method, 'positions must be a list of numbers');
}

export function readNumber(value: unknown, method: string): number {
  if (isCount(value)) return value;
  throw invalid(method, `${String(value)} is no number`);
}

export function readBoxName(value: unknown, method: string): string {
  if (typeof value === 'string') return value;
  throw invalid(method, 'the mailbox must be a text: NODE:SERVICE');
}

export function readPeek(args: readonly unknown[]) {
  const [box, wish] = args;
  const { what, from, count } = fieldsOf(wish);
  const max = MAILBOX_PEEK_COUNT_MAX;
  const bounds = { what: 'peek count', min: 1, max, usual: PEEK_COUNT_DEFAULT };
  return {
    box: readBoxName(box, 'peek'),
    what: what === 'dead' ? ('dead' as const) : ('waiting' as const),
    from: isCount(from) ? from : 0,
    countMax: readWithin(count, bounds),
  };
}

/** What is in the way of a message, for its sender. Throws what is a fault of ours. */
export function readError(thrown: unknown): ErrorData {
  if (thrown instanceof DagentError) return thrown.toData();
  throw thrown;
}

/** What a node answered to a piece. Throws E_NOT_UNDERSTOOD. */
export function parseTaken(value: unknown): Taken {
  const [upTo, error] = Array.isArray(value) ? (value as unknown[]) : [];
  if (!Number.isSafeInteger(upTo) || (upTo as number) < 0) {
    const values = { service: 'the other node', command: 'mailbox.transfer' };
    throw new DagentError('E_NOT_UNDERSTOOD', values);
  }
  const data = error === null || error === undefined ? null : errorFromData(error).toData();
  return { upTo: upTo as number, error: data };
}
