/**
 * The frame: unit of a link. A fixed prefix, a head (MessagePack), a body (opaque bytes).
 *
 *      0        4      5       6           7         8
 *     +--------+------+-------+-----------+---------+----------------------+
 *     | length | kind | flags | hop limit | channel | destination node key |
 *     | u32    | u8   | u8    | u8        | u8      | u64                  |
 *     +--------+------+-------+-----------+---------+----------------------+
 *     16                      20                    24                     32
 *     +-----------------------+---------------------+----------------------+
 *     | destination service   | source service      | source node key      |
 *     | u32                   | u32                 | u64                  |
 *     +-----------------------+---------------------+----------------------+
 *     32         36           40            42         44
 *     +----------+------------+-------------+----------+------ - - -
 *     | id: seed | id: number | head length | timeout  | head, body
 *     | u32      | u32        | u16         | u16      |
 *     +----------+------------+-------------+----------+------ - - -
 *
 * Big-endian; `length` counts what follows it; `timeout` is what a request may take, in tenths of a
 * second (0: the default; the largest value: the longest time there is). A node that only forwards
 * reads the destination, decrements the hop limit, and writes the very bytes that it received.
 */
import { viewOf } from '../base/view.ts';
import type { NodeKey, ServiceKey } from './address.ts';
import {
  HELD_MS_DEFAULT,
  HELD_MS_MAX,
  HELD_MS_MIN,
  HOPS_MAX,
  REQUEST_MS_DEFAULT,
  REQUEST_MS_MAX,
} from './limits.ts';

export const PREFIX_BYTES = 44;
/**
 * First bytes on a connection, from the side that dialled: not text, not TLS, and the version of
 * the preface.
 */
export const MAGIC = Buffer.from([0xda, 0x9e, 0x47, 0x01]);

/**
 * Kinds of frames. The numbers are on the wire: never change or reuse one. Below 16: one link only.
 */
export const Kind = {
  HELLO: 1,
  WELCOME: 2,
  REFUSE: 3,
  /** Instead of WELCOME: ask one of these. */
  REDIRECT: 4,
  PING: 5,
  PONG: 6,
  GOODBYE: 7,
  ADVERT: 8,
  REGISTER: 9,
  REGISTERED: 10,
  UNREGISTER: 11,
  /** To the neighbour that a node was heard of by: let that node raise its sequence number. */
  REFRESH: 12,
  /** Parent to child: which topics are wanted elsewhere, and which are no longer. */
  INTEREST: 13,
  /** Program to its daemon: wants, or no longer wants, the events of a pattern of topics. */
  SUBSCRIBE: 14,
  UNSUBSCRIBE: 15,
  /** One way, at most once. */
  MESSAGE: 16,
  /** Opens an exchange that ends in exactly one REPLY or REJECT. */
  REQUEST: 17,
  REPLY: 18,
  REJECT: 19,
  /** A piece of a stream within an exchange, on one of its channels. */
  DATA: 20,
  /** So many bytes in all, beyond the window, may the other side send. */
  CREDIT: 21,
  /** No more DATA on this channel. */
  END: 22,
  CANCEL: 23,
  /** From the answering side: it is alive and at work. */
  PROGRESS: 24,
  /** From the top of the tree to a node: your name is known up here. */
  JOINED: 25,
  /** From the node that found a collision to the node that must go. */
  EVICTED: 26,
  /** One way, to all who subscribed to its topic. */
  EVENT: 27,
  /** From a node on the way of a traced frame to its sender. */
  TRACED: 28,
  /** From the node of an asker to that of an answerer: are you at work on these requests? */
  PROBE: 29,
  /** From the node that took a request to the nearest of a service: it is me. */
  TAKEN: 30,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** Kinds from here on are routed; below, they belong to one link. */
export const ROUTED_KIND_MIN = Kind.MESSAGE;

export const Flag = {
  /** The sender of a MESSAGE wants to know what became of it: REPLY or REJECT. */
  REPORT: 1,
  /** The frame goes from the answering side of an exchange to the asking side. */
  RESPONSE: 2,
  /** The frame goes to many; the channel says how far. See {@link Scope}. */
  BROADCAST: 4,
  /** A MESSAGE whose receiver is away is not kept for it. */
  NO_CACHE: 8,
  /** Every node on the way tells the sender. */
  TRACE: 16,
  /** A traced frame that is not delivered: only the way is of interest. */
  DRY: 32,
  /** A REQUEST to the nearest of a service into which a router wrote which node that is. */
  CHOSEN: 64,
} as const;

/**
 * In the hop byte: the frame went upwards by an explicit route, so no default route may follow. The
 * hop limit itself is smaller.
 */
export const EXPLICIT_MARK = 0x80;

/** How far a broadcast goes: in the channel field of a frame with BROADCAST. */
export const Scope = {
  /** `.`: the services of this node. */
  NODE: 1,
  /** `?`: those of all nodes of this realm. */
  REALM: 2,
  /** `*`: those of neighbouring realms as well. */
  EVERYWHERE: 3,
} as const;
export type Scope = (typeof Scope)[keyof typeof Scope];

/** In the channel field of a MESSAGE to one receiver: it was kept on its way. */
export const KEPT = 1;

/** Byte offsets of the prefix's fields, for those who read it in place. */
export const At = {
  KIND: 4,
  FLAGS: 5,
  HOPS: 6,
  CHANNEL: 7,
  TO_NODE: 8,
  TO_SERVICE: 16,
  FROM_SERVICE: 20,
  FROM_NODE: 24,
  SEED: 32,
  NUMBER: 36,
  HEAD_LENGTH: 40,
  TIMEOUT: 42,
  /**
   * In DATA, END, CREDIT and REPLY: how many pieces of streams its sender sent before, modulo
   * 65,536.
   */
  COUNT: 42,
} as const;

export interface FrameHeader {
  readonly kind: number;
  readonly flags: number;
  readonly hops: number;
  readonly channel: number;
  readonly toNode: NodeKey;
  readonly toService: ServiceKey;
  readonly fromNode: NodeKey;
  readonly fromService: ServiceKey;
  /** The two halves of the id: the sender's random seed, and its counter. */
  readonly seed: number;
  readonly number: number;
  /** What a request may take, in tenths of a second. */
  readonly timeout: number;
}

/** What the writer of a frame may leave out. */
export type FrameFields = Pick<FrameHeader, 'kind'> &
  Partial<FrameHeader> & {
    /** In DATA, END, CREDIT and REPLY: stands where a request has its timeout. */
    readonly count?: number;
  };

const EMPTY = Buffer.alloc(0);

/** Longest duration that a timeout field says exactly, to a tenth of a second. */
export const TIMEOUT_EXACT_MS_MAX = 0xfffe * 100;

/** The timeout field for a duration: rounded up, never 0. */
export function encodeTimeout(ms: number): number {
  return Math.max(1, Math.min(0xffff, Math.ceil(ms / 100)));
}

/**
 * How long a message may be kept for its receiver, by its timeout field, in milliseconds: what it
 * asks for within the bounds. The longest that the field can say is a day; then `ttl`, from the
 * head, is more exact.
 */
export function decodeHoldMs(tenths: number, ttl?: unknown): number {
  if (tenths === 0) return HELD_MS_DEFAULT;
  const isLong = tenths === 0xffff && typeof ttl === 'number' && ttl > TIMEOUT_EXACT_MS_MAX;
  return Math.max(HELD_MS_MIN, Math.min(HELD_MS_MAX, isLong ? ttl : decodeTimeoutMs(tenths)));
}

/** The duration in a timeout field, in milliseconds. */
export function decodeTimeoutMs(tenths: number): number {
  if (tenths === 0) return REQUEST_MS_DEFAULT;
  return tenths === 0xffff ? REQUEST_MS_MAX : tenths * 100;
}

/** Reads a 48-bit node key of the prefix, at the offset of its field. */
export function readNodeKey(view: DataView, offset: number): NodeKey {
  return view.getUint16(offset + 2) * 0x1_0000_0000 + view.getUint32(offset + 4);
}

/** Writes a node key into a prefix, at the offset of its field. */
export function writeNodeKey(view: DataView, key: NodeKey, offset: number): void {
  view.setUint32(offset, Math.floor(key / 0x1_0000_0000));
  view.setUint32(offset + 4, key % 0x1_0000_0000);
}

/** Writes a prefix at `offset` for a frame of `totalBytes`, its length field included. */
export function writePrefix(
  view: DataView,
  offset: number,
  fields: FrameFields,
  sizes: { totalBytes: number; headBytes: number },
): void {
  view.setUint32(offset, sizes.totalBytes - 4);
  view.setUint8(offset + At.KIND, fields.kind);
  view.setUint8(offset + At.FLAGS, fields.flags ?? 0);
  view.setUint8(offset + At.HOPS, fields.hops ?? HOPS_MAX);
  view.setUint8(offset + At.CHANNEL, fields.channel ?? 0);
  writeNodeKey(view, fields.toNode ?? 0, offset + At.TO_NODE);
  view.setUint32(offset + At.TO_SERVICE, fields.toService ?? 0);
  view.setUint32(offset + At.FROM_SERVICE, fields.fromService ?? 0);
  writeNodeKey(view, fields.fromNode ?? 0, offset + At.FROM_NODE);
  view.setUint32(offset + At.SEED, fields.seed ?? 0);
  view.setUint32(offset + At.NUMBER, fields.number ?? 0);
  view.setUint16(offset + At.HEAD_LENGTH, sizes.headBytes);
  view.setUint16(offset + At.TIMEOUT, fields.timeout ?? fields.count ?? 0);
}

/** A whole frame in a buffer of its own. The caller has checked the sizes of head and body. */
export function encodeFrame(
  fields: FrameFields,
  head: Buffer = EMPTY,
  body: Buffer = EMPTY,
): Buffer {
  const totalBytes = PREFIX_BYTES + head.length + body.length;
  const bytes = Buffer.allocUnsafe(totalBytes);
  writePrefix(viewOf(bytes), 0, fields, { totalBytes, headBytes: head.length });
  head.copy(bytes, PREFIX_BYTES);
  body.copy(bytes, PREFIX_BYTES + head.length);
  return bytes;
}

/** The prefix of the frame that begins at `offset` of what is viewed. */
export function readHeader(view: DataView, offset: number): FrameHeader {
  return {
    kind: view.getUint8(offset + At.KIND),
    flags: view.getUint8(offset + At.FLAGS),
    hops: view.getUint8(offset + At.HOPS),
    channel: view.getUint8(offset + At.CHANNEL),
    toNode: readNodeKey(view, offset + At.TO_NODE),
    toService: view.getUint32(offset + At.TO_SERVICE),
    fromService: view.getUint32(offset + At.FROM_SERVICE),
    fromNode: readNodeKey(view, offset + At.FROM_NODE),
    seed: view.getUint32(offset + At.SEED),
    number: view.getUint32(offset + At.NUMBER),
    timeout: view.getUint16(offset + At.TIMEOUT),
  };
}

/** The prefix of a whole frame. */
export function decodeHeader(frame: Buffer): FrameHeader {
  return readHeader(viewOf(frame), 0);
}

/** The head of a whole frame: a view into it. */
export function headOf(frame: Buffer): Buffer {
  return frame.subarray(PREFIX_BYTES, PREFIX_BYTES + frame.readUInt16BE(At.HEAD_LENGTH));
}

/** The body of a whole frame: a view into it. */
export function bodyOf(frame: Buffer): Buffer {
  return frame.subarray(PREFIX_BYTES + frame.readUInt16BE(At.HEAD_LENGTH));
}
