/** A link as this router sees it: plain data, and what hangs on it. */
import { NumberTable } from '../base/number-table.ts';
import type { NodeKey, ServiceKey } from '../protocol/address.ts';
import { HANDSHAKE_BYTES_MAX } from '../protocol/limits.ts';
import type { NodeRecord } from '../protocol/record.ts';
import { createSplitter, type Splitter } from '../protocol/splitter.ts';
import type { LinkId } from './io.ts';

/**
 * Phases of a link. Accepted: magic, hello, open. Dialled: welcome, open. A link that the router
 * has given up is forgotten at once: nothing that still comes by it is read.
 */
export type LinkPhase = 'magic' | 'hello' | 'welcome' | 'open';
export type LinkRole = 'unknown' | 'parent' | 'child' | 'peer' | 'client' | 'builtin';

/** A request, or reported message, of a local program that has no outcome yet. */
export interface Pending {
  /** The link of the program, and the number that it gave. */
  readonly from: Link;
  readonly number: number;
  /** Whom it is with; 0 while only somebody further up knows. */
  toNode: NodeKey;
  /** Whether it was meant for the nearest of its service. */
  readonly isNearest: boolean;
  /** Whether it is a message whose sender wants to know. */
  readonly isReport: boolean;
  readonly toService: ServiceKey;
  readonly fromService: ServiceKey;
  readonly seed: number;
  /** The link by which it went out, and its place among what went out by that. */
  via: Link;
  place: number;
  /** Epoch of the route to the node; null where only somebody further up knows it. */
  epoch: number | null;
  readonly sentAtMs: number;
  readonly deadlineAtMs: number;
  readonly timeoutMs: number;
}

/** Who waits for an answer from a local service, and until when at the latest. */
export interface Caller {
  readonly node: NodeKey;
  readonly service: ServiceKey;
  readonly askedService: ServiceKey;
  readonly seed: number;
  readonly number: number;
  readonly untilMs: number;
}

/** Words of a prefix from its destination to its source, both included. */
export const MEMO_WORDS = 6;

/** What was found out about a plain message. */
export interface Finding {
  /** Whom it reached, where that had to be found out for a frame to the nearest; else 0. */
  nearest: NodeKey;
  link: Link | null;
  /** Whether it came with, and leaves with, the mark of an explicit route: see EXPLICIT_MARK. */
  markIn: number;
  markOut: number;
}

/** The same, remembered for those like it: memo.ts. */
export interface Memo extends Finding {
  /** Destination and source as they came, word by word. */
  readonly words: Int32Array;
  tableVersion: number;
}

function createMemo(): Memo {
  const words = new Int32Array(MEMO_WORDS);
  return { words, nearest: 0, link: null, markIn: 0, markOut: 0, tableVersion: -1 };
}

export interface Link {
  readonly id: LinkId;
  phase: LinkPhase;
  role: LinkRole;
  readonly openedAtMs: number;
  /** Whether this side dialled. */
  isDialled: boolean;
  readonly splitter: Splitter;
  /** The node at the other end; null for programs. */
  peer: NodeRecord | null;
  /** Of the protocol: the highest that both sides speak. */
  version: number;
  holdMs: number;
  heardAtMs: number;
  pingAtMs: number;
  /** Last round trip; null before the first. */
  rttMs: number | null;
  isCongested: boolean;
  /** Where the last plain message from it went. */
  readonly memo: Memo;
  /** Keys of the nodes that the neighbour says it reaches. */
  readonly reached: Set<NodeKey>;
  /** Whether it has begun to hear of what we reach. From then on what changes is untold. */
  isTold: boolean;
  /** Nodes of which the neighbour is still to hear, and what: the flags of adverts. */
  readonly untold: Map<NodeKey, number>;
  /** Before which instant nobody is told what is reached by it: it comes and goes. */
  quietUntilMs: number;
  /** Of a child that wants to hear of all nodes: the number of that wish; 0 when it does not. */
  allNumber: number;
  /** Of a peer: its realm, and the node at the top of its tree, as it last said. */
  realm: string | null;
  top: string | null;
  /** Of a peer: whether it is in another network, so that all we reach is news there. */
  isForeign: boolean;
  /** Patterns of topics that the program, or the parent, at the other end wants. */
  readonly topics: Set<string>;
  /** Services of a local program or of the node itself, by key. */
  readonly services: Map<ServiceKey, string>;
  /** Seed of the ids that a local program was told to use. */
  seed: number;
  /** What a local program has asked, by number. */
  readonly pending: NumberTable<Pending>;
  /** What programs have asked, of that what went out by this link; in no order. */
  readonly carried: Pending[];
  /** What its services are working on. */
  readonly serving: Serving;
}

/** Callers of one link's services: by asker, then by number. */
export interface Serving {
  readonly callers: Map<number, NumberTable<Caller>>;
  count: number;
}

export function createLink(id: LinkId, nowMs: number, phase: LinkPhase): Link {
  return {
    id,
    phase,
    role: 'unknown',
    openedAtMs: nowMs,
    isDialled: false,
    splitter: createSplitter(HANDSHAKE_BYTES_MAX),
    peer: null,
    version: 0,
    holdMs: 0,
    heardAtMs: nowMs,
    pingAtMs: nowMs,
    rttMs: null,
    isCongested: false,
    memo: createMemo(),
    reached: new Set(),
    isTold: false,
    untold: new Map(),
    quietUntilMs: 0,
    allNumber: 0,
    realm: null,
    top: null,
    isForeign: false,
    topics: new Set(),
    services: new Map(),
    seed: 0,
    pending: new NumberTable(),
    carried: [],
    serving: { callers: new Map(), count: 0 },
  };
}

/** Whether a link ends on this host: at a program, or at the node's own service. */
export function isLocal(link: Link): boolean {
  return link.role === 'client' || link.role === 'builtin';
}
