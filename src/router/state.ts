/** The state of a router: plain data, made once, changed only by `step`. */
import { createRandom, type Random } from '../base/random.ts';
import {
  BUILTIN_SERVICE,
  type NodeKey,
  nodeKeyOf,
  type ServiceKey,
  serviceKeyOf,
} from '../protocol/address.ts';
import type { ErrorData } from '../protocol/errors.ts';
import { HANDSHAKE_BYTES_MAX } from '../protocol/limits.ts';
import type { NodeRecord, Role } from '../protocol/record.ts';
import { createSplitter, type Splitter } from '../protocol/splitter.ts';
import { BUILTIN_LINK, type LinkId, type RouterOutput } from './io.ts';

export interface RouterConfig {
  readonly name: string;
  readonly id: string;
  readonly role: Role;
  /** Null: take the parent's. A root has one. */
  readonly realm: string | null;
  readonly version: string;
  readonly incarnation: number;
  /** URLs of parents, in order of preference. */
  readonly parents: readonly string[];
  readonly holdMs: number;
  /** Seed of all chance in this router: jitter, ids. */
  readonly seed: number;
}

/**
 * Phases of a link. Accepted: magic, hello, open. Dialled: welcome, open. Either way: closing, when the
 * router has given it up and waits for the connection to end; nothing that comes is read any more.
 */
export type LinkPhase = 'magic' | 'hello' | 'welcome' | 'open' | 'closing';
export type LinkRole = 'unknown' | 'parent' | 'child' | 'client' | 'builtin';

/** A request that a local service or program has asked and that has no outcome yet. */
export interface Pending {
  readonly toNode: NodeKey;
  readonly toService: ServiceKey;
  readonly fromService: ServiceKey;
  readonly via: LinkId;
  readonly deadlineAtMs: number;
  readonly timeoutMs: number;
}

/** Who waits for an answer from a local service. */
export interface Caller {
  readonly node: NodeKey;
  readonly service: ServiceKey;
}

/** A remembered answer of the tables: frames to one destination come in bursts. */
export interface Memo {
  toNode: NodeKey;
  toService: ServiceKey;
  link: Link | null;
  tableVersion: number;
}

export interface Link {
  readonly id: LinkId;
  phase: LinkPhase;
  role: LinkRole;
  readonly openedAtMs: number;
  readonly splitter: Splitter;
  /** The node at the other end; null for programs. */
  peer: NodeRecord | null;
  holdMs: number;
  heardAtMs: number;
  pingAtMs: number;
  /** Last round trip; null before the first. */
  rttMs: number | null;
  isCongested: boolean;
  /** Where the last frame from it went, while the tables stay as they are. */
  memo: Memo;
  /** Services of a local program or of the node itself, by key. */
  readonly services: Map<ServiceKey, string>;
  /** Seed of the ids that a local program gives. */
  seed: number;
  readonly pending: Map<number, Pending>;
  /** Requests that its services are working on: seed, then number. */
  readonly serving: Map<number, Map<number, Caller>>;
}

export interface Route {
  record: NodeRecord;
  readonly key: NodeKey;
  via: LinkId;
  metric: number;
  /** When it was lost; null while it is up. */
  lostAtMs: number | null;
}

export type UplinkPhase = 'none' | 'dialling' | 'handshaking' | 'up' | 'waiting';

export interface Uplink {
  phase: UplinkPhase;
  /** Index of the URL that is, or will be, tried. */
  index: number;
  /** Rounds through all URLs that failed since the last success. */
  attempt: number;
  retryAtMs: number;
  link: LinkId | null;
  lastError: ErrorData | null;
  isJoined: boolean;
}

/** How envelopes ended here, other than delivered: everything is counted. */
export interface Counters {
  framesForwarded: number;
  framesDelivered: number;
  rejected: number;
  expired: number;
  droppedSlowPeer: number;
  droppedLate: number;
  droppedUnreachable: number;
}

export interface Router {
  readonly config: RouterConfig;
  readonly key: NodeKey;
  readonly random: Random;
  realm: string | null;
  seqno: number;
  depth: number;
  isLeaving: boolean;
  readonly links: Map<LinkId, Link>;
  /** All nodes below this one; never the node itself. */
  readonly nodes: Map<NodeKey, Route>;
  /** Which of them have a service, nearest first. */
  readonly anycast: Map<ServiceKey, Route[]>;
  /** Services of this node. */
  readonly endpoints: Map<ServiceKey, Link>;
  readonly uplink: Uplink;
  /** Nodes whose news the parent has not heard yet. */
  readonly dirty: Set<NodeKey>;
  advertAtMs: number | null;
  /** Raised by every change of links, routes or services: what was remembered of them is void. */
  tableVersion: number;
  /** When the router wants to be stepped again at the latest; infinite when nothing is due. */
  wakeAtMs: number;
  endpointNumber: number;
  readonly counters: Counters;
  outputs: RouterOutput[];
}

export function createLink(id: LinkId, nowMs: number, phase: LinkPhase): Link {
  return {
    id,
    phase,
    role: 'unknown',
    openedAtMs: nowMs,
    splitter: createSplitter(HANDSHAKE_BYTES_MAX),
    peer: null,
    holdMs: 0,
    heardAtMs: nowMs,
    pingAtMs: nowMs,
    rttMs: null,
    isCongested: false,
    memo: { toNode: 0, toService: 0, link: null, tableVersion: -1 },
    services: new Map(),
    seed: 0,
    pending: new Map(),
    serving: new Map(),
  };
}

function createBuiltinLink(router: Router): Link {
  const link = createLink(BUILTIN_LINK, 0, 'open');
  link.role = 'builtin';
  link.services.set(serviceKeyOf(BUILTIN_SERVICE), BUILTIN_SERVICE);
  router.endpoints.set(serviceKeyOf(BUILTIN_SERVICE), link);
  return link;
}

/** A router that knows only itself. Its first tick begins to dial the parents. */
export function createRouter(config: RouterConfig): Router {
  const router: Router = {
    config,
    key: nodeKeyOf(config.name),
    random: createRandom(config.seed),
    realm: config.realm,
    seqno: 0,
    depth: 0,
    isLeaving: false,
    links: new Map(),
    nodes: new Map(),
    anycast: new Map(),
    endpoints: new Map(),
    uplink: {
      phase: config.parents.length > 0 ? 'waiting' : 'none',
      index: 0,
      attempt: 0,
      retryAtMs: 0,
      link: null,
      lastError: null,
      isJoined: false,
    },
    dirty: new Set(),
    advertAtMs: null,
    tableVersion: 0,
    wakeAtMs: 0,
    endpointNumber: 0,
    counters: {
      framesForwarded: 0,
      framesDelivered: 0,
      rejected: 0,
      expired: 0,
      droppedSlowPeer: 0,
      droppedLate: 0,
      droppedUnreachable: 0,
    },
    outputs: [],
  };
  router.links.set(BUILTIN_LINK, createBuiltinLink(router));
  return router;
}

/** Asks to be stepped at `atMs` at the latest. */
export function wakeBy(router: Router, atMs: number): void {
  if (atMs < router.wakeAtMs) router.wakeAtMs = atMs;
}

/** The node's own record, as its neighbours should know it now. That it has `dagent` goes without saying. */
export function selfRecord(router: Router): NodeRecord {
  const services: string[] = [];
  for (const [key, link] of router.endpoints) {
    const name = link.services.get(key) ?? '';
    if (link.role === 'client' && !name.startsWith('~')) services.push(name);
  }
  const { name, id, role, incarnation, version } = router.config;
  return {
    name,
    id,
    role,
    parent: parentLink(router)?.peer?.name ?? null,
    services: services.sort(),
    incarnation,
    seqno: router.seqno,
    version,
  };
}

/** The link to the parent, when it stands. */
export function parentLink(router: Router): Link | undefined {
  const { link, phase } = router.uplink;
  return phase === 'up' && link !== null ? router.links.get(link) : undefined;
}
