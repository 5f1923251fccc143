/**
 * Durable messages between a program and its node: what a message holds, and how a node hands it
 * over: several in a row at a time, their length in four bytes, then a list in MessagePack.
 */
import { toText } from '../base/text.ts';
import { type Address, BUILTIN_SERVICE, parseAddress, parseBroadcast } from './address.ts';
import { DagentError } from './errors.ts';
import { FRAME_BYTES_MAX } from './limits.ts';
import { pack, unpack, unpackMap } from './pack.ts';
import { createPieceSplitter, encodePiece } from './pieces.ts';

/** The channel on which deliveries come. */
export const DELIVERY_CHANNEL = 1;

/** What the sender of a durable message says; no node looks into it. */
export interface DurableContent {
  readonly command: string;
  readonly params: Readonly<Record<string, string>>;
  readonly data: Buffer;
}

/** The id of a durable message: see PROTOCOL.md, 14.1. */
export interface DurableId {
  /** 16 hexadecimal digits. */
  readonly sender: string;
  /** From 1. */
  readonly sequence: number;
}

/** A message that a node hands to a receiver. */
export interface DurableDelivery extends DurableId {
  /** With the store of the node it names the message for acks. */
  readonly position: number;
  /** From 1. */
  readonly attempt: number;
  /** Somebody may have had it before. */
  readonly isRepeated: boolean;
  /** `node:service` of the sender. */
  readonly from: string;
  /** When its first node took it, in milliseconds since the epoch. */
  readonly sentAtMs: number;
  readonly content: Buffer;
}

export function formatId({ sender, sequence }: DurableId): string {
  return `${sender}.${sequence}`;
}

/** A message as its node hands it over. */
interface SentDelivery extends Pick<DurableDelivery, 'position' | 'attempt' | 'isRepeated'> {
  readonly message: Pick<DurableDelivery, 'sequence' | 'sentAtMs' | 'content'>;
}

/** Whom a durable message is for. Throws E_ADDRESS_INVALID, E_BROADCAST, E_NO_MAILBOX. */
export function readDurableAddress(to: unknown): Address {
  const address = typeof to === 'string' ? parseAddress(to) : undefined;
  const named = String(to).slice(0, 200);
  if (address?.service === BUILTIN_SERVICE) throw new DagentError('E_NO_MAILBOX', { to: named });
  if (address !== undefined) return address;
  if (parseBroadcast(named) !== undefined) throw new DagentError('E_BROADCAST', { to: named });
  throw new DagentError('E_ADDRESS_INVALID', { address: named });
}

/** What can be a piece of a program's data, whatever its sender has packed. */
function toBuffer(value: unknown): Buffer {
  if (!(value instanceof Uint8Array)) return Buffer.alloc(0);
  return Buffer.from(value.buffer, value.byteOffset, value.length);
}

export function encodeContent({ command, params, data }: DurableContent): Buffer {
  return pack({ cmd: command, params, data });
}

/** What is in a message; what its sender has left out is empty. */
export function decodeContent(bytes: Buffer): DurableContent {
  const { cmd, params, data } = unpackMap(bytes);
  const entries = typeof params === 'object' && params !== null ? Object.entries(params) : [];
  const texts = entries.map(([name, value]) => [name, toText(value)] as const);
  return { command: toText(cmd), params: Object.fromEntries(texts), data: toBuffer(data) };
}

/** Deliveries as a piece of their stream; all of one sender, at one address. */
export function encodeDeliveries(
  { sender, from }: Pick<DurableDelivery, 'sender' | 'from'>,
  deliveries: readonly SentDelivery[],
): Buffer {
  const list = deliveries.map(({ position, attempt, isRepeated, message }) => [
    position,
    attempt,
    isRepeated,
    message.sequence,
    message.sentAtMs,
    message.content,
  ]);
  return encodePiece(pack([sender, from, list]));
}

function decodeDelivery(
  { sender, from }: Pick<DurableDelivery, 'sender' | 'from'>,
  fields: unknown,
): DurableDelivery | undefined {
  if (!Array.isArray(fields)) return undefined;
  const [position, attempt, isRepeated, sequence, sentAtMs, content] = fields as unknown[];
  const areCounts = Number.isSafeInteger(position) && Number.isSafeInteger(attempt);
  if (!areCounts || !Number.isSafeInteger(sequence) || !Number.isSafeInteger(sentAtMs)) {
    return undefined;
  }
  return {
    position: position as number,
    attempt: attempt as number,
    isRepeated: isRepeated === true,
    sender,
    sequence: sequence as number,
    from,
    sentAtMs: sentAtMs as number,
    content: toBuffer(content),
  };
}

function decodeDeliveries(body: Buffer, onDelivery: (delivery: DurableDelivery) => void): void {
  const fields = unpack(body);
  const [sender, from, list] = Array.isArray(fields) ? (fields as unknown[]) : [];
  if (typeof sender !== 'string' || !Array.isArray(list)) return;
  const source = { sender, from: toText(from) };
  for (const each of list) {
    const delivery = decodeDelivery(source, each);
    if (delivery !== undefined) onDelivery(delivery);
  }
}

/** Cuts a stream into deliveries; what is none is left out. */
export function createDeliverySplitter(
  onDelivery: (delivery: DurableDelivery) => void,
): (bytes: Buffer) => boolean {
  return createPieceSplitter((body) => decodeDeliveries(body, onDelivery), FRAME_BYTES_MAX);
}
