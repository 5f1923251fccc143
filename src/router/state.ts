/** The state of a router: plain data, made once, changed only by `step`. */
import { createRandom, type Random } from '../base/random.ts';
import {
  BUILTIN_SERVICE,
  type NodeKey,
  nodeKeyOf,
  type ServiceKey,
  SNIFF_SERVICE,
  serviceKeyOf,
} from '../protocol/address.ts';
import { FRAME_BYTES_MAX } from '../protocol/limits.ts';
import type { NodeRecord, Role } from '../protocol/record.ts';
import { type Admission, createAdmission } from './admission.ts';
import { type Counters, createCounters } from './counters.ts';
import { createDialler, createUplink, type Dialler, type Uplink } from './dialler.ts';
import { createDuplicates, type Duplicates } from './duplicates.ts';
import type { Flap } from './flapping.ts';
import { createGateway, type Gateway } from './gateway.ts';
import { createHolding, type Holding } from './held.ts';
import type { Hint } from './hints.ts';
import { BUILTIN_LINK, type LinkId, type RouterOutput } from './io.ts';
import type { Unwelcomed } from './joining.ts';
import { createLink, type Link } from './link.ts';
import type { Havens } from './redirect.ts';
import type { Departed, Route, Want } from './route.ts';
import type { Tap } from './tap.ts';
import { createWanted, type Wanted } from './wanted.ts';

export interface RouterConfig {
  readonly name: string;
  readonly id: string;
  readonly role: Role;
  /** Null: take the parent's. A root has one. */
  readonly realm: string | null;
  readonly version: string;
  /** Larger than in any former run of this node, also when the clock of its host was set back. */
  readonly incarnation: number;
  /** URLs of parents, in order of preference. */
  readonly parents: readonly string[];
  /** URLs of peers, each of which is dialled. */
  readonly peers: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Where others can dial this node, as far as it is known before it listens. */
  readonly urls: readonly string[];
  readonly holdMs: number;
  /** More are sent to others. */
  readonly childrenMax: number;
  /** Seed of all chance in this router: jitter, ids. */
  readonly seed: number;
}

/** The nodes below that have a service. */
export interface Offer {
  readonly routes: Set<Route>;
  /** The nearest of them; null when it must be looked for anew. */
  nearest: Route | null;
}

/** When each of these must be looked after next; infinite when nothing is due. */
export interface Due {
  links: number;
  lostNodes: number;
  pending: number;
  probes: number;
  serving: number;
  diallers: number;
  adverts: number;
  refresh: number;
  interest: number;
  hints: number;
  holding: number;
}

export interface Router {
  readonly config: RouterConfig;
  readonly key: NodeKey;
  readonly random: Random;
  realm: string | null;
  seqno: number;
  /** The sequence number with which it dialled its parent last. */
  joinedSeqno: number;
  /** Raised with every change of the node's own record. */
  revision: number;
  /** Hops to the top, as the parent last said. */
  depth: number;
  /** Name of the node at the top, as far as a way leads there; null while this one is cut off. */
  top: string | null;
  isLeaving: boolean;
  /** Where others can dial this node. */
  urls: readonly string[];
  readonly admission: Admission;
  /** Whom a full node names, as of a moment ago, and how often it has. */
  havens: Havens | null;
  redirectTurn: number;
  readonly links: Map<LinkId, Link>;
  /** Of those: the ones that have not said yet who they are. */
  readonly opening: Set<Link>;
  /** Of those: the children, by node. */
  readonly children: Map<NodeKey, Link>;
  /** Of those: the peers, by node. */
  readonly peers: Map<NodeKey, Link>;
  /** Of those: local programs, and the node itself. */
  readonly programs: Set<Link>;
  /** All nodes that are reached without the parent, or were; at a gateway, all others. */
  readonly nodes: Map<NodeKey, Route>;
  /** Which of them several neighbours speak of. */
  readonly contested: Set<Route>;
  /** Nodes that said goodbye, the earliest first: old words about them are not believed. */
  readonly departed: Map<NodeKey, Departed>;
  /** Sequence numbers that are asked for, so that a way can be taken. */
  readonly wants: Map<NodeKey, Want>;
  /** How many of the nodes that are up are not below this one, as the ways to them tell. */
  besideCount: number;
  /** When a way last led over peers, or a link to a peer stood, if none does now. */
  besideAtMs: number;
  /** Nodes that dialled their parent anew, or are reached by another way. */
  readonly rejoined: Set<NodeKey>;
  /** Nodes that are to hear that they are known. */
  readonly unwelcomed: Map<NodeKey, Unwelcomed>;
  /** Neighbours that came back lately. */
  readonly flaps: Map<NodeKey, Flap>;
  /** Which of them are lost, the longest lost first. */
  readonly lost: Set<Route>;
  /** Which of them have a service. */
  readonly anycast: Map<ServiceKey, Offer>;
  /** Who answered lately for services of which only those above know. */
  readonly hints: Map<ServiceKey, Hint>;
  /** Messages whose receivers are away. */
  readonly holding: Holding;
  /** Which broadcasts and events were here before. */
  readonly duplicates: Duplicates;
  /** Which envelopes of other nodes programs of this one have had. */
  readonly received: Duplicates;
  /** Which links want which events. */
  readonly wanted: Wanted;
  /** Services of this node. */
  readonly endpoints: Map<ServiceKey, Link>;
  /** Of the diallers: the one of the parents. */
  readonly uplink: Uplink;
  readonly gateway: Gateway;
  /** By their ids. */
  readonly diallers: readonly Dialler[];
  /** Nodes whose news the neighbours have not heard yet, and of which sort: see News. */
  readonly dirty: Map<NodeKey, number>;
  /** Whether the way to a node leads elsewhere: others may have to follow it. */
  hasTurned: boolean;
  /** Raised by every change of links, routes or services: what was remembered of them is void. */
  tableVersion: number;
  /** Links of which a way broke in this step: requests that went by them may have been lost. */
  readonly doubtful: Set<Link>;
  /** Frames that this router made in this step and that are still to be routed. */
  readonly notices: Buffer[];
  readonly due: Due;
  /** When the router wants to be stepped again at the latest; infinite when nothing is due. */
  wakeAtMs: number;
  endpointNumber: number;
  readonly counters: Counters;
  outputs: RouterOutput[];
  /** Set while somebody looks at what passes. */
  tap: Tap | null;
}

function createBuiltinLink(router: Router): Link {
  const link = createLink(BUILTIN_LINK, 0, 'open');
  link.role = 'builtin';
  link.splitter.frameBytesMax = FRAME_BYTES_MAX;
  for (const service of [SNIFF_SERVICE, BUILTIN_SERVICE]) {
    link.services.set(serviceKeyOf(service), service);
    router.endpoints.set(serviceKeyOf(service), link);
  }
  router.programs.add(link);
  return link;
}

const NOTHING_DUE: Due = {
  links: Number.POSITIVE_INFINITY,
  lostNodes: Number.POSITIVE_INFINITY,
  pending: Number.POSITIVE_INFINITY,
  probes: Number.POSITIVE_INFINITY,
  serving: Number.POSITIVE_INFINITY,
  diallers: Number.POSITIVE_INFINITY,
  adverts: Number.POSITIVE_INFINITY,
  refresh: Number.POSITIVE_INFINITY,
  interest: Number.POSITIVE_INFINITY,
  hints: Number.POSITIVE_INFINITY,
  holding: Number.POSITIVE_INFINITY,
};

/** A router that knows only itself. Its first tick begins to dial its parents and peers. */
export function createRouter(config: RouterConfig): Router {
  const uplink = createUplink(config.parents);
  const peers = config.peers.map((url, index) => createDialler(index + 1, 'peer', [url]));
  const router: Router = {
    config,
    key: nodeKeyOf(config.name),
    random: createRandom(config.seed),
    realm: config.realm,
    seqno: 0,
    joinedSeqno: 0,
    revision: 0,
    depth: 0,
    top: config.parents.length > 0 ? null : config.name,
    isLeaving: false,
    urls: config.urls,
    admission: createAdmission(),
    havens: null,
    redirectTurn: 0,
    links: new Map(),
    opening: new Set(),
    children: new Map(),
    peers: new Map(),
    programs: new Set(),
    nodes: new Map(),
    contested: new Set(),
    departed: new Map(),
    wants: new Map(),
    besideCount: 0,
    besideAtMs: Number.NEGATIVE_INFINITY,
    rejoined: new Set(),
    unwelcomed: new Map(),
    flaps: new Map(),
    lost: new Set(),
    anycast: new Map(),
    hints: new Map(),
    holding: createHolding(),
    duplicates: createDuplicates(),
    received: createDuplicates(),
    wanted: createWanted(),
    endpoints: new Map(),
    uplink,
    gateway: createGateway(),
    diallers: [uplink, ...peers],
    dirty: new Map(),
    hasTurned: false,
    tableVersion: 0,
    doubtful: new Set(),
    notices: [],
    due: { ...NOTHING_DUE, diallers: 0 },
    wakeAtMs: 0,
    endpointNumber: 0,
    counters: createCounters(),
    outputs: [],
    tap: null,
  };
  router.links.set(BUILTIN_LINK, createBuiltinLink(router));
  return router;
}

/** Makes the node's next word about itself newer than all before (RFC 8966, section 2.4). */
export function raiseSeqno(router: Router): void {
  router.seqno++;
  router.revision++;
}

/** Notes that a way by `link` broke: what went out by it may be lost. */
export function doubt(router: Router, link: Link | undefined): void {
  if (link !== undefined && link.carried.length > 0) router.doubtful.add(link);
}

/** Asks that `what` be looked after at `atMs` at the latest. */
export function wakeBy(router: Router, what: keyof Due, atMs: number): void {
  if (atMs < router.due[what]) router.due[what] = atMs;
}

/**
 * The node's own record, as its neighbours should know it now. That it has `dagent` goes without
 * saying.
 */
export function selfRecord(router: Router): NodeRecord {
  const services: string[] = [];
  for (const [key, link] of router.endpoints) {
    const name = link.services.get(key) ?? '';
    if (link.role === 'client' && !name.startsWith('~')) services.push(name);
  }
  const { name, id, role, incarnation, labels, version } = router.config;
  return {
    name,
    id,
    role,
    parent: parentLink(router)?.peer?.name ?? null,
    services: services.sort(),
    incarnation,
    seqno: router.seqno,
    joinedSeqno: router.joinedSeqno,
    revision: router.revision,
    realm: router.realm,
    labels,
    urls: router.urls,
    topics: [...router.wanted.own.keys()].sort(),
    version,
  };
}

/** The link to the parent, when it stands. */
export function parentLink(router: Router): Link | undefined {
  const { link, phase } = router.uplink;
  return phase === 'up' && link !== null ? router.links.get(link) : undefined;
}
