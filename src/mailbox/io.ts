/** What goes into the mailboxes of a node and what comes out: all of its contact with the world. */
import type { RecordPage, RecordRange, RecordWrite } from '../base/records.ts';
import type { ErrorData } from '../protocol/errors.ts';
import type { Message, ShownLetter, Stored } from './message.ts';

/** An instant on both clocks: one for spans here, the other for what outlives this process. */
export interface Instant {
  /** A monotonic clock: never goes back. */
  readonly ms: number;
  /** Milliseconds since the epoch; may jump. */
  readonly wallMs: number;
}

/** What the driver knows again: who is to hear of the outcome. */
export type Token = number;
/** A receiver as long as its connection stands; never used twice. */
export type ReceiverId = number;

/** A piece of an outbox on its way to the mailbox. */
export interface Transfer {
  /** Name of the box, the same on both nodes: `node:service`. */
  readonly box: string;
  /** Id of the store that it comes from: positions are its own. */
  readonly origin: string;
  /** Position of the last message before these that is not known to be taken; 0 for none. */
  readonly after: number;
  readonly messages: readonly Stored[];
}

/** A message that is handed to a receiver. */
export interface Delivery extends Stored {
  readonly receiver: ReceiverId;
  readonly box: string;
  /** Id of the store here; with the position it names the message for acks. */
  readonly store: string;
  /** From 1. */
  readonly attempt: number;
  /** Somebody may have had it before. */
  readonly isRepeated: boolean;
}

export type MailboxInput =
  /**
   * A program of this node leaves a message for `to`. For a service without a node, `via` is a node
   * that has it, if one is known. Ends with `stored` or `refused`.
   */
  | {
      readonly kind: 'deposit';
      readonly to: string;
      readonly via: string | null;
      readonly message: Message;
      readonly reply: Token;
    }
  /** Another node hands over. Ends with `taken`. */
  | { readonly kind: 'transfer'; readonly transfer: Transfer; readonly reply: Token }
  /** What became of a `transfer` output: how far the box is on disk there. */
  | {
      readonly kind: 'transferred';
      readonly box: string;
      readonly epoch: number;
      readonly upTo: number;
      readonly error: ErrorData | null;
    }
  /** It did not get there, or nothing came back in time. */
  | {
      readonly kind: 'transferFailed';
      readonly box: string;
      readonly epoch: number;
      readonly error: ErrorData;
    }
  /** A node can be reached from now on: try again at once. */
  | { readonly kind: 'reachable'; readonly node: string }
  /** A node has a service that messages without a node wait for. */
  | { readonly kind: 'resolved'; readonly service: string; readonly node: string }
  /** A receiver of a service of this node wants up to `leaseCount` messages at a time. */
  | {
      readonly kind: 'attach';
      readonly receiver: ReceiverId;
      readonly service: string;
      readonly leaseCount: number;
      readonly leaseMs: number;
    }
  /** It is gone: what it had comes back. */
  | { readonly kind: 'detach'; readonly receiver: ReceiverId }
  /** It is done with these, for good. Ends with `acked`. `store` is that of the delivery. */
  | {
      readonly kind: 'ack';
      readonly receiver: ReceiverId;
      readonly store: string;
      readonly positions: readonly number[];
      readonly reply: Token;
    }
  /** It could not do it; again after `delayMs`. */
  | {
      readonly kind: 'nack';
      readonly receiver: ReceiverId;
      readonly position: number;
      readonly delayMs: number;
      readonly reason: string;
    }
  /** It needs longer: the leases of these begin anew. */
  | {
      readonly kind: 'extend';
      readonly receiver: ReceiverId;
      readonly positions: readonly number[];
    }
  /** Some messages of a box, from a position on. Ends with `peeked`. */
  | {
      readonly kind: 'peek';
      readonly box: string;
      readonly what: 'waiting' | 'dead';
      readonly from: number;
      readonly countMax: number;
      readonly reply: Token;
    }
  /** Throws away what waits, or the dead letters. Ends with `done`. */
  | {
      readonly kind: 'purge';
      readonly box: string;
      readonly what: 'waiting' | 'dead';
      readonly reply: Token;
    }
  /** Dead letters wait again: those at these positions, or all. Ends with `done`. */
  | {
      readonly kind: 'redeliver';
      readonly box: string;
      readonly positions: readonly number[] | null;
      readonly reply: Token;
    }
  /** The last `write` output is synced. */
  | { readonly kind: 'written' }
  /** Nothing of it is written. */
  | { readonly kind: 'writeFailed'; readonly error: ErrorData }
  | { readonly kind: 'page'; readonly read: number; readonly page: RecordPage }
  /** All that came at once has been fed: what was gathered may go to the store. */
  | { readonly kind: 'flush' }
  /** Time has passed: at the latest at the instant of the last `wake`. */
  | { readonly kind: 'tick' };

export type MailboxOutput =
  /** The message is on disk here, or further. */
  | { readonly kind: 'stored'; readonly reply: Token }
  /** It is not, and will not be. */
  | { readonly kind: 'refused'; readonly reply: Token; readonly error: ErrorData }
  /** Send this to the built-in service of `node`; answer with `transferred` or `transferFailed`. */
  | {
      readonly kind: 'transfer';
      readonly node: string;
      readonly epoch: number;
      readonly transfer: Transfer;
    }
  /** Of what was handed over, all up to here is on disk. With an error, the rest was not taken. */
  | {
      readonly kind: 'taken';
      readonly reply: Token;
      readonly upTo: number;
      readonly error: ErrorData | null;
    }
  | { readonly kind: 'deliver'; readonly delivery: Delivery }
  /**
   * On disk: these are never handed out again. Those that are `unknown` are not out at the moment:
   * they were acked before, or died, or will come again and must then be acked once more.
   */
  | { readonly kind: 'acked'; readonly reply: Token; readonly unknown: readonly number[] }
  | { readonly kind: 'peeked'; readonly reply: Token; readonly letters: readonly ShownLetter[] }
  /** An order of an operator is carried out, for so many messages. */
  | { readonly kind: 'done'; readonly reply: Token; readonly count: number }
  /** Write and sync these together; answer with `written` or `writeFailed` before the next. */
  | { readonly kind: 'write'; readonly writes: readonly RecordWrite[] }
  /** Answer with a `page`. */
  | { readonly kind: 'read'; readonly read: number; readonly range: RecordRange }
  /** This record makes no sense: put it aside. */
  | { readonly kind: 'setAside'; readonly key: string; readonly reason: string }
  /** Step with a tick at this instant of the monotonic clock; replaces the former wish. */
  | { readonly kind: 'wake'; readonly atMs: number }
  | { readonly kind: 'event'; readonly event: MailboxEvent };

/** What an observer may want to know. */
export type MailboxEvent =
  | { readonly kind: 'dead'; readonly box: string; readonly position: number; reason: string }
  | { readonly kind: 'storeFailed'; readonly error: ErrorData }
  | { readonly kind: 'storeRecovered' }
  /** That many messages, from a position on, were in a record that is broken. */
  | {
      readonly kind: 'lost';
      readonly box: string;
      readonly position: number;
      readonly count: number;
    }
  /** Messages for a node do not get there for now. */
  | {
      readonly kind: 'transferFailed';
      readonly box: string;
      readonly error: ErrorData;
      readonly retryMs: number;
    };
