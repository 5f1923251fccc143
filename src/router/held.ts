/** What a node keeps for receivers that are away: data only. See holding.ts. */
import type { FrameHeader } from '../protocol/frame.ts';
import { type Away, createAway } from './away.ts';

export interface Held {
  readonly frame: Buffer;
  readonly header: FrameHeader;
  readonly ttlMs: number;
  readonly untilMs: number;
  /** It came from above or beside: it does not go there again. */
  readonly isTurned: boolean;
}

/** What is kept for one receiver, in the order in which it came. */
export interface Queue {
  readonly all: Set<Held>;
  bytes: number;
}

/** All that is kept. */
export interface Holding {
  readonly receivers: Map<string, Queue>;
  /** All of them, the oldest first. */
  readonly all: Set<Held>;
  /** Those whose senders wait to hear. */
  readonly reported: Map<string, Held>;
  bytes: number;
  /** Who was here before. */
  readonly away: Away;
  /** Table as of which no way was found for what is kept. */
  tableVersion: number;
}

export function createHolding(): Holding {
  return {
    receivers: new Map(),
    all: new Set(),
    reported: new Map(),
    bytes: 0,
    away: createAway(),
    tableVersion: 0,
  };
}
