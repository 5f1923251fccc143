/** What a simulation is about, all of it drawn from its seed. */
import type { Role } from '../../src/protocol/record.ts';
import { Chance } from './chance.ts';

export interface NodePlan {
  readonly index: number;
  readonly name: string;
  /** 16 hexadecimal digits, its own. */
  readonly id: string;
  readonly role: Role;
  /** Nodes of one network have one root. */
  readonly network: number;
  /** Of a root. */
  readonly realm: string | null;
  /** Indices of its parents: at least one is smaller than its own, in most plans all are. */
  readonly parents: readonly number[];
  /** Indices of those that it dials as its peers. */
  readonly peers: readonly number[];
  /** Services of each of its programs. */
  readonly programs: readonly (readonly string[])[];
}

export interface Plan {
  readonly seed: number;
  /** Virtual milliseconds in which things go wrong. */
  readonly ticks: number;
  readonly nodes: readonly NodePlan[];
  /** Whether some may choose a parent that is below them: loops must be found and undone. */
  readonly hasLoops: boolean;
  /** Whether some are peers: an envelope may then come by a node twice while ways change. */
  readonly hasPeers: boolean;
  /** Whether what is routed may get lost, come twice, or late, between two nodes. */
  readonly isJumbled: boolean;
  readonly holdMs: number;
  readonly delayMsMax: number;
  readonly spikeChance: number;
  readonly spikeMs: number;
  readonly cutChance: number;
  /** Mean time between two faults, and between two things that a program does. */
  readonly faultMs: number;
  readonly trafficMs: number;
  /** Queue of a link at which messages to it are dropped, and at which it is closed. */
  readonly queueDropBytes: number;
  readonly queueCloseBytes: number;
}

/**
 * More than the word about one node takes. A link that closes at less than the words about all
 * nodes together never stands for long: they are told at once, however slowly they arrive.
 */
const WORD_BYTES_MAX = 500;

/** Services that several nodes have. */
export const SHARED_SERVICES = ['mail', 'clock', 'print', 'store'] as const;

/** The nodes of one network that can be parents of what comes after them. */
function drawParents(chance: Chance, candidates: readonly number[]): number[] {
  const parents = new Set<number>();
  const count = Math.min(candidates.length, chance.integer(1, 3));
  while (parents.size < count) parents.add(chance.pick(candidates) ?? 0);
  return [...parents];
}

function drawPrograms(chance: Chance, index: number): string[][] {
  return Array.from({ length: chance.integer(0, 2) }, (_, number) => {
    const services = [`own-${index}-${number}`];
    const shared = chance.pick(SHARED_SERVICES);
    // One name once per node: a second program may well ask for it.
    if (shared !== undefined && chance.isHit(0.6)) services.push(shared);
    return services;
  });
}

/** Which networks there are, and whether nodes of one name: what else is drawn depends on it. */
function drawShape(chance: Chance, count: number) {
  const inner = Math.max(1, Math.round(count * chance.between(0.2, 0.7)));
  const reach = chance.isHit(0.5) ? inner : chance.integer(1, 6);
  const hasPeers = count > 2 && chance.isHit(0.5);
  const networks = hasPeers && chance.isHit(0.5) ? Math.min(inner, chance.integer(2, 3)) : 1;
  const hasLoops = networks === 1 && inner > 2 && chance.isHit(0.25);
  const twinChance = !hasLoops && !hasPeers && chance.isHit(0.6) ? 0.08 : 0;
  const isJumbled = !hasLoops && twinChance === 0 && chance.isHit(0.5);
  return { inner, reach, hasPeers, networks, hasLoops, twinChance, isJumbled };
}

function drawNodes(chance: Chance, count: number, shape: ReturnType<typeof drawShape>): NodePlan[] {
  const { inner, reach, networks, hasLoops, twinChance } = shape;
  const realms = Array.from({ length: networks }, (_, n) =>
    chance.isHit(0.3) ? 'sim' : `sim${n}`,
  );
  const nodes: NodePlan[] = [];
  for (let index = 0; index < count; index++) {
    const network = index < networks ? index : chance.integer(0, networks - 1);
    const isRoot = index < networks;
    const above = nodes.filter((each) => each.network === network && each.index < inner);
    const near = above.slice(-reach).map((each) => each.index);
    const parents = isRoot ? [] : drawParents(chance, near);
    const isLooping = hasLoops && parents.length > 0;
    const twin = index > 1 && chance.isHit(twinChance) ? chance.pick(nodes) : undefined;
    nodes.push({
      index,
      network,
      name: twin?.name ?? `n${index}`,
      id: (index + 1).toString(16).padStart(16, '0'),
      role: isRoot ? 'root' : index < inner ? 'agent' : 'leaf',
      realm: isRoot ? (realms[network] ?? 'sim') : null,
      parents: isLooping ? [chance.integer(1, inner - 1), ...parents] : parents,
      peers: [],
      programs: drawPrograms(chance, index),
    });
  }
  return nodes;
}

/** Pairs of nodes that are to be peers: roots, brothers, gateways, and any others. */
function drawPairs(chance: Chance, nodes: readonly NodePlan[]): [NodePlan, NodePlan][] {
  const pairs: [NodePlan, NodePlan][] = [];
  const pair = (a: NodePlan | undefined, b: NodePlan | undefined): void => {
    if (a !== undefined && b !== undefined && a !== b) pairs.push([a, b]);
  };
  const roots = nodes.filter(({ role }) => role === 'root');
  for (const root of roots) if (chance.isHit(0.7)) pair(root, chance.pick(roots));
  for (const root of roots) {
    if (chance.isHit(0.4)) continue;
    const outside = nodes.filter(({ network }) => network !== root.network);
    const inside = nodes.filter(({ network }) => network === root.network);
    pair(chance.pick(inside), chance.pick(outside));
  }
  for (let n = chance.integer(0, nodes.length / 3); n > 0; n--) {
    const one = chance.pick(nodes);
    const brothers = nodes.filter(({ parents }) => parents[0] === one?.parents[0]);
    pair(one, chance.pick(chance.isHit(0.5) ? brothers : nodes));
  }
  return pairs;
}

/** Says who dials whom. */
function linkPeers(chance: Chance, nodes: readonly NodePlan[]): NodePlan[] {
  const peers = nodes.map(() => new Set<number>());
  for (const [a, b] of drawPairs(chance, nodes)) {
    if (chance.isHit(0.6)) peers[a.index]?.add(b.index);
    else peers[b.index]?.add(a.index);
    if (chance.isHit(0.1)) peers[b.index]?.add(a.index);
  }
  return nodes.map((node) => ({ ...node, peers: [...(peers[node.index] ?? [])] }));
}

/** Draws a simulation of `count` nodes. */
export function drawPlan(seed: number, count: number, ticks: number): Plan {
  const chance = new Chance(seed);
  const shape = drawShape(chance, count);
  const { hasLoops, hasPeers, isJumbled } = shape;
  const tree = drawNodes(chance, count, shape);
  const nodes = hasPeers ? linkPeers(chance, tree) : tree;
  const queueDropBytes = chance.integer(4_000, 60_000);
  return {
    seed,
    ticks,
    nodes,
    hasLoops,
    hasPeers,
    isJumbled,
    holdMs: Math.round(chance.between(600, 6_000)),
    delayMsMax: chance.between(0.2, 25),
    spikeChance: chance.isHit(0.5) ? chance.between(0, 0.02) : 0,
    spikeMs: chance.between(50, 3_000),
    cutChance: chance.between(0, 0.5),
    faultMs: chance.between(50, 2_000),
    trafficMs: chance.between(3, 40),
    queueDropBytes,
    queueCloseBytes: Math.max(WORD_BYTES_MAX * count, queueDropBytes * chance.integer(2, 10)),
  };
}
