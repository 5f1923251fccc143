/**
 * The bytes of a name map (docs/NAME-MAP.md): a head, then a hash table of records of one size. All
 * numbers are little-endian, as the programs of one host have them in memory.
 *
 * A record has one writer and any number of readers, which no lock connects (a seqlock): its
 * version is odd while it is being changed. Who has read a record and then finds the same even
 * version still there has read it whole. The checksum is for what no protocol keeps off.
 */
import { crc32 } from 'node:zlib';
import { assert } from '../base/assert.ts';
import { murmur3 } from '../base/hash.ts';
import { isNodeName, isServiceName } from '../protocol/address.ts';
import { MAP_NAMES_MAX, SOCKET_PATH_BYTES_MAX } from '../protocol/limits.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** Whether who has a name can be reached: `lost`: the way to its node broke. */
export const NAME_STATES = ['up', 'lost', 'down'] as const;
export type NameState = (typeof NAME_STATES)[number];

/** What a map says of one name. */
export interface NameEntry {
  readonly service: string;
  readonly node: string;
  /** Id of the node: 16 hexadecimal digits. */
  readonly nodeId: string;
  /**
   * Of this registration: 16 hexadecimal digits, a seed of the map's writer and a number. Who takes
   * the name anew has another one. No pid: those come again.
   */
  readonly id: string;
  readonly state: NameState;
  /** Since when it is in that state, milliseconds since the epoch. */
  readonly sinceMs: number;
  /** Path of a socket at which brothers connect to it directly; null: there is none. */
  readonly socket: string | null;
}

/** Whose a map is. */
export interface MapOwner extends ProcessIdentity {
  readonly node: string;
  readonly nodeId: string;
  /** The number of this run of the node. */
  readonly incarnation: number;
}

const MAGIC = Buffer.from('DAGENTNM', 'latin1');
const FORMAT_VERSION = 1;
export const RECORD_BYTES = 512;
/** Twice as many as there are names: a search then meets few others (Knuth, volume 3, 6.4). */
export const SLOT_COUNT = 2 * MAP_NAMES_MAX;
export const MAP_BYTES = (SLOT_COUNT + 1) * RECORD_BYTES;

/** Offsets in the head, which has the room of one record. */
export const Head = {
  VERSION: 8,
  RECORD_BYTES: 12,
  SLOT_COUNT: 16,
  PID: 20,
  START_TICKS: 24,
  INCARNATION: 32,
  NODE_ID: 40,
  /** Not 0 once the owner has left it in good order. */
  CLOSED: 48,
  /** Names of other nodes that found no room. */
  LEFT_OUT: 52,
  NODE_LENGTH: 56,
  NODE: 57,
} as const;

/** Offsets in a record. */
export const At = {
  VERSION: 0,
  CHECKSUM: 4,
  STATE: 8,
  SERVICE_LENGTH: 10,
  NODE_LENGTH: 11,
  SOCKET_LENGTH: 12,
  SINCE: 16,
  NODE_ID: 24,
  ID: 32,
  SERVICE: 40,
  NODE: 104,
  SOCKET: 168,
  END: 276,
} as const;

/** Where a record begins in the file. */
export function offsetOf(slot: number): number {
  return (slot + 1) * RECORD_BYTES;
}

/** The slot where the search for a name begins; it goes on to the next ones, up to a free one. */
export function slotOf(node: string, service: string): number {
  return murmur3(`${node}:${service}`, 0) % SLOT_COUNT;
}

function hexAt(bytes: Buffer, at: number): string {
  return bytes.toString('hex', at, at + 8);
}

/** The head of the map of `owner`. */
export function encodeHead(owner: MapOwner): Buffer {
  const head = Buffer.alloc(RECORD_BYTES);
  MAGIC.copy(head);
  head.writeUInt32LE(FORMAT_VERSION, Head.VERSION);
  head.writeUInt32LE(RECORD_BYTES, Head.RECORD_BYTES);
  head.writeUInt32LE(SLOT_COUNT, Head.SLOT_COUNT);
  head.writeUInt32LE(owner.pid, Head.PID);
  head.writeBigUInt64LE(BigInt(owner.startTicks), Head.START_TICKS);
  head.writeBigUInt64LE(BigInt(owner.incarnation), Head.INCARNATION);
  head.write(owner.nodeId, Head.NODE_ID, 'hex');
  head[Head.NODE_LENGTH] = head.write(owner.node, Head.NODE, 'latin1');
  return head;
}

/** Whose the map with this head is; undefined when it is none, or one of another form. */
export function decodeHead(head: Buffer): MapOwner | undefined {
  if (head.length < RECORD_BYTES || !head.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  if (head.readUInt32LE(Head.VERSION) !== FORMAT_VERSION) return undefined;
  if (head.readUInt32LE(Head.RECORD_BYTES) !== RECORD_BYTES) return undefined;
  if (head.readUInt32LE(Head.SLOT_COUNT) !== SLOT_COUNT) return undefined;
  const startTicks = head.readBigUInt64LE(Head.START_TICKS);
  const node = head.toString('latin1', Head.NODE, Head.NODE + (head[Head.NODE_LENGTH] ?? 0));
  if (!isNodeName(node)) return undefined;
  return {
    node,
    nodeId: hexAt(head, Head.NODE_ID),
    incarnation: Number(head.readBigUInt64LE(Head.INCARNATION)),
    pid: head.readUInt32LE(Head.PID),
    startTicks: startTicks === 0n ? '' : String(startTicks),
  };
}

/** The record of an entry; its version is for the writer to put in. */
export function encodeRecord(entry: NameEntry): Buffer {
  const socketBytes = Buffer.byteLength(entry.socket ?? '');
  assert(socketBytes <= SOCKET_PATH_BYTES_MAX, 'who gives a socket has looked at its length');
  const record = Buffer.alloc(At.END);
  record[At.STATE] = NAME_STATES.indexOf(entry.state) + 1;
  record.writeBigUInt64LE(BigInt(entry.sinceMs), At.SINCE);
  record.write(entry.nodeId, At.NODE_ID, 'hex');
  record.write(entry.id, At.ID, 'hex');
  record[At.SERVICE_LENGTH] = record.write(entry.service, At.SERVICE, 'latin1');
  record[At.NODE_LENGTH] = record.write(entry.node, At.NODE, 'latin1');
  record[At.SOCKET_LENGTH] = record.write(entry.socket ?? '', At.SOCKET, 'utf8');
  record.writeUInt32LE(crc32(record.subarray(At.STATE)), At.CHECKSUM);
  return record;
}

/** The entry in a record that was read whole; undefined when its bytes are not those written. */
export function decodeRecord(record: Buffer): NameEntry | undefined {
  const checksum = crc32(record.subarray(At.STATE, At.END));
  const state = NAME_STATES[(record[At.STATE] ?? 0) - 1];
  if (checksum !== record.readUInt32LE(At.CHECKSUM) || state === undefined) return undefined;
  const text = (at: number, length: number, encoding: 'latin1' | 'utf8' = 'latin1') =>
    record.toString(encoding, at, at + (record[length] ?? 0));
  const service = text(At.SERVICE, At.SERVICE_LENGTH);
  const node = text(At.NODE, At.NODE_LENGTH);
  if (!isServiceName(service) || !isNodeName(node)) return undefined;
  return {
    service,
    node,
    nodeId: hexAt(record, At.NODE_ID),
    id: hexAt(record, At.ID),
    state,
    sinceMs: Number(record.readBigUInt64LE(At.SINCE)),
    socket: text(At.SOCKET, At.SOCKET_LENGTH, 'utf8') || null,
  };
}
