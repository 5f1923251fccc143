/** The mailboxes of a node as data: boxes, what is loaded of them, and what is to be written. */
import type { FreshMap } from '../base/fresh-map.ts';
import type { NumberTable } from '../base/number-table.ts';
import type { Random } from '../base/random.ts';
import type { Ranges } from '../base/ranges.ts';
import type { ErrorData } from '../protocol/errors.ts';
import type { Instant, MailboxEvent, MailboxOutput, ReceiverId, Token } from './io.ts';
import type { Stored, Tries } from './message.ts';

export interface MailboxConfig {
  /** Name of this node: boxes of its services end here, others are on their way. */
  readonly node: string;
  /** Id of the store. */
  readonly store: string;
  /** Messages and bytes that one box holds; dead letters count. More: E_MAILBOX_FULL. */
  readonly quotaCount: number;
  readonly quotaBytes: number;
  /** Failed attempts after which a message is a dead letter. */
  readonly tryCountMax: number;
  readonly seed: number;
}

/** What has come from one sender to one box: its sequences are taken once. */
export interface Window {
  /** Name of the box. */
  readonly box: string;
  readonly sender: string;
  readonly key: string;
  readonly seen: Ranges;
  /** Sequences that are not synced yet, and the batch that has them. */
  readonly pending: NumberTable<Batch>;
  usedAtMs: number;
}

/** How far a box of another node has been taken over here. */
export interface Stream {
  readonly key: string;
  taken: number;
  /** The same on disk. */
  synced: number;
}

/** A message that has left the disk's queue: it is with a receiver, on its way, or to wait. */
export interface Held {
  readonly position: number;
  readonly sentAtMs: number;
  readonly size: number;
  /** Last position of the record that has it. */
  readonly record: number;
  state:
    | { readonly kind: 'leased'; readonly receiver: ReceiverId; expiresAtMs: number }
    | { readonly kind: 'delayed'; readonly dueAtMs: number }
    | { readonly kind: 'sent' }
    /** It is read once more, to become a dead letter. */
    | { readonly kind: 'dying' };
}

/** A message in memory that may go out. */
export interface Ready extends Stored {
  readonly record: number;
}

/** The way of an outbox to its node. */
export interface Sending {
  /** Counts the beginnings anew: what belongs to former ones is ignored. */
  epoch: number;
  /** Pieces that are on their way. */
  flightCount: number;
  /** Last position that is on its way; 0 for none. */
  last: number;
  /** Failures in a row; more than none: one piece at a time. */
  failureCount: number;
  /** Nothing is sent before. */
  retryAtMs: number;
  error: ErrorData | null;
}

export interface Receiver {
  readonly id: ReceiverId;
  readonly box: Box;
  readonly leaseCount: number;
  readonly leaseMs: number;
  /** What it has, the lease that ends first at the beginning. */
  readonly leases: FreshMap<number, Held>;
  /** Size of all that it has. */
  leasedBytes: number;
}

/**
 * A queue on disk for one address. On the node of the address it is a mailbox, whose exit are
 * leases; on others an outbox, whose exit are transfers.
 */
export interface Box {
  readonly name: string;
  /** '' when the nearest node with the service is meant, and none is known. */
  readonly node: string;
  readonly service: string;
  readonly isLocal: boolean;
  /** Last position that was given, and the last one that is on disk. */
  tail: number;
  synced: number;
  /** Positions that are done with. */
  gone: Ranges;
  /** What waits, leases and flights included. */
  count: number;
  bytes: number;
  deadCount: number;
  deadBytes: number;
  /** When the oldest that was seen at the head was sent; 0 when that is not known. */
  headSentAtMs: number;
  /** No message expires before; wall clock. */
  expiryAtMs: number;
  /** Where loading goes on. */
  cursor: number;
  isReading: boolean;
  ready: Ready[];
  readyBytes: number;
  readonly held: FreshMap<number, Held>;
  /** Messages left in each record that is loaded, by its last position. */
  readonly records: FreshMap<number, number>;
  /**
   * Nothing goes out before this is synced: a message died that others would otherwise overtake.
   * It would be alive again after a crash when the clock on the wall was set back.
   */
  barrier: Batch | null;
  readonly tries: Map<number, Tries>;
  /** Up to here, somebody may have had a message before. */
  handedUpTo: number;
  readonly receivers: Receiver[];
  readonly sending: Sending;
  readonly streams: FreshMap<string, Stream>;
  /** Without a node: where what waits is to go, once that is known. */
  resolved: Box | null;
  /** A walk over its records is under way. */
  walk: Walk | null;
}

/**
 * A walk over the records of a box, page by page: `collect` removes those that have nothing left in
 * them, `expire` also buries what has expired.
 */
export interface Walk {
  readonly kind: 'collect' | 'expire';
  /** When the next one of those that were passed expires. */
  nextAtMs: number;
  /** Something was asked for that may lie behind. */
  isAgain: boolean;
}

/** A message that has just come, on its way to the disk. */
export interface Arrival extends Stored {
  readonly window: Window | null;
  /** It cannot be refused any more: it was here before, at another place. */
  readonly isOwed: boolean;
}

/** What is said once a batch is synced. */
export type Answer =
  | { readonly kind: 'stored'; readonly reply: Token }
  | {
      readonly kind: 'taken';
      readonly reply: Token;
      readonly stream: Stream;
      readonly error: ErrorData | null;
    }
  | { readonly kind: 'acked'; readonly reply: Token; readonly unknown: readonly number[] }
  | { readonly kind: 'done'; readonly reply: Token; readonly count: number }
  /** Records below the tail may be empty now. */
  | { readonly kind: 'collect'; readonly box: Box }
  /** There may be more to move. */
  | { readonly kind: 'move'; readonly box: Box };

/** A record that is about to be written, and what is in it. */
export interface Run {
  readonly box: Box;
  readonly messages: readonly Stored[];
}

/** What goes to the store together. */
export interface Batch {
  readonly arrivals: Map<Box, Arrival[]>;
  readonly boxes: Set<Box>;
  readonly windows: Set<Window>;
  /** With how far they are taken by this batch. */
  readonly streams: Map<Stream, number>;
  /** Other records: null removes. */
  readonly writes: Map<string, Buffer | null>;
  readonly answers: Answer[];
  runs: readonly Run[];
}

/** What a page is for. */
export type Reading =
  /** `from` is where the cursor stood: when it has moved since, the page is of no use. */
  | { readonly kind: 'load'; readonly box: Box; readonly from: number; readonly synced: number }
  | { readonly kind: 'bury'; readonly box: Box; readonly position: number }
  | { readonly kind: 'walk'; readonly box: Box; readonly synced: number }
  | {
      readonly kind: 'peekWaiting' | 'peekDead';
      readonly box: Box;
      readonly from: number;
      readonly countMax: number;
      readonly reply: Token;
    }
  | {
      readonly kind: 'purgeDead' | 'redeliver';
      readonly box: Box;
      readonly positions: ReadonlySet<number> | null;
      readonly reply: Token;
      readonly count: number;
    }
  | { readonly kind: 'move'; readonly box: Box; readonly to: Box; readonly synced: number };

/** The disk refuses to write. */
export interface StoreFailure {
  readonly error: ErrorData;
  /** When it did so last. */
  readonly triedAtMs: number;
  /** When it is tried again, or sooner when something new comes. */
  retryAtMs: number;
  readonly count: number;
}

export interface Mailboxes {
  readonly config: MailboxConfig;
  readonly boxes: Map<string, Box>;
  /** The one that was used last is the last one. */
  readonly windows: FreshMap<string, Window>;
  /** That one, if any was used since the start. */
  newest: Window | null;
  readonly receivers: Map<ReceiverId, Receiver>;
  batch: Batch;
  /** What the store is busy with. */
  writing: Batch | null;
  failure: StoreFailure | null;
  readonly reads: Map<number, Reading>;
  readNumber: number;
  readonly random: Random;
  /** Boxes that something is to be looked after in, and when. */
  readonly timed: Set<Box>;
  dueAtMs: number;
  wakeAtMs: number;
  /** Messages whose records were broken. */
  lostCount: number;
  /** Boxes in which something may go out since something came. */
  readonly toServe: Set<Box>;
  outputs: MailboxOutput[];
  now: Instant;
}

export function createBatch(): Batch {
  return {
    arrivals: new Map(),
    boxes: new Set(),
    windows: new Set(),
    streams: new Map(),
    writes: new Map(),
    answers: [],
    runs: [],
  };
}

export function emit(state: Mailboxes, output: MailboxOutput): void {
  state.outputs.push(output);
}

export function emitEvent(state: Mailboxes, event: MailboxEvent): void {
  state.outputs.push({ kind: 'event', event });
}

/** Sees to it that a box is looked after at this instant of the monotonic clock. */
export function wakeBy(state: Mailboxes, box: Box, atMs: number): void {
  state.timed.add(box);
  if (atMs < state.dueAtMs) state.dueAtMs = atMs;
}

/** Sees to it that what can go out of a box does, when the input at hand is dealt with. */
export function serveLater(state: Mailboxes, box: Box): void {
  state.toServe.add(box);
}

/** Asks for records; what comes is for `reading`. */
export function askFor(
  state: Mailboxes,
  reading: Reading,
  range: { readonly from: string; readonly below: string },
  countMax: number,
): void {
  const read = ++state.readNumber;
  state.reads.set(read, reading);
  const bytesMax = READ_BYTES_MAX;
  emit(state, { kind: 'read', read, range: { ...range, countMax, bytesMax } });
}

/** Bytes of one page. */
const READ_BYTES_MAX = 262_144;
