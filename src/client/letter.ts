/** A durable message as a program has it, and how it wants them. */
import type { DurableContent } from '../protocol/durable.ts';

/** What a receiver may say about how it wants its messages. */
export interface ConsumeOptions {
  /** Messages that it has at a time, acked ones not counted: 1 to 1,024; 256 when absent. */
  readonly count?: number | undefined;
  /** After so long without a word it comes again: 1 s to a day; 30 s when absent. */
  readonly leaseMs?: number | undefined;
  /**
   * Whether what is done is remembered in a file, so that it is not handed out again although this
   * process is killed before its ack is stored. True when absent.
   */
  readonly window?: boolean | undefined;
  /**
   * Whether the program itself knows a message as done, from where it keeps what it did: it is
   * acked and not handed out.
   */
  isDone?(id: string): boolean;
  /**
   * Whether what is not durable is wanted too: it is read from `queue.plain`, and nothing brings it
   * again. Otherwise such messages are dropped, and requests refused.
   */
  readonly plain?: boolean | undefined;
  /** Ends it: the reader gets no more. */
  readonly signal?: AbortSignal | undefined;
}

/** A durable message. */
export interface Letter extends DurableContent {
  /** 16 hexadecimal digits, a dot and a count: the same however often it comes. */
  readonly id: string;
  readonly from: string;
  readonly sentAtMs: number;
  /** From 1. */
  readonly attempt: number;
  /** Somebody may have had it before. */
  readonly isRepeated: boolean;
  /**
   * It is done: it is not handed out again. Settles when it can never come again; throws when that
   * is not known, and E_CANNOT_WRITE when the window could not be written: nothing more is handed
   * out then.
   */
  ack(): Promise<void>;
  /** It could not be done: it comes again, after a while if wanted. */
  nack(more?: { readonly delayMs?: number; readonly reason?: string }): Promise<void>;
  /** It takes longer: the time of the lease begins anew. */
  extend(): Promise<void>;
}
