/**
 * What must hold of the tables once everything has healed: who is connected to whom says which
 * nodes each one reaches without its parent, by which neighbours, and how far they are.
 */
import { nodeKeyOf } from '../../src/protocol/address.ts';
import { Reach, type Route } from '../../src/router/route.ts';
import { selfRecord } from '../../src/router/state.ts';
import { demand } from './envelopes.ts';
import type { SimNode } from './node.ts';
import { type Tree, topOf } from './tree.ts';

/** The other ends of a node's links to peers, as both ends agree. */
function peersOf(node: SimNode): SimNode[] {
  const peers: SimNode[] = [];
  for (const link of node.router.peers.values()) {
    const attached = node.links.get(link.id);
    const isHeard = attached?.wire.holders[attached.side === 0 ? 1 : 0] !== null;
    if (isHeard && attached?.peer?.router.peers.has(node.router.key) === true) {
      peers.push(attached.peer);
    }
  }
  return peers;
}

/** Neighbours that say what they reach: children, peers, and to a gateway its parent. */
function tellersOf(tree: Tree, node: SimNode): SimNode[] {
  const parent = node.router.gateway.isOn ? tree.parentOf.get(node) : undefined;
  const others = [...(tree.childrenOf.get(node) ?? []), ...peersOf(node)];
  return parent === undefined ? others : [parent, ...others];
}

/** Whether two nodes are in two networks. */
function areForeign(tree: Tree, a: SimNode, b: SimNode): boolean {
  return topOf(tree, a).top !== topOf(tree, b).top;
}

/** The nodes that a neighbour tells one of, and how far they are from that neighbour. */
function* wordsOf(tree: Tree, teller: SimNode, to: SimNode): Iterable<[string, number]> {
  yield [teller.plan.name, 0];
  const isPeer = tree.parentOf.get(teller) !== to && tree.parentOf.get(to) !== teller;
  const isReserved = isPeer && !areForeign(tree, teller, to);
  for (const route of teller.router.nodes.values()) {
    if (route.lostAtMs !== null || viaOf(teller, route) === to) continue;
    if (isReserved && route.reach === Reach.ABOVE) continue;
    yield [route.record.name, route.metric];
  }
}

/**
 * The nodes that one must know, by their names, and the fewest hops to each: as its neighbours have
 * it. As each hop is one more, and each node knows itself, what holds so at each node is right.
 */
function computeReach(tree: Tree, from: SimNode): Map<string, number> {
  const hops = new Map<string, number>();
  for (const teller of tellersOf(tree, from)) {
    for (const [name, count] of wordsOf(tree, teller, from)) {
      hops.set(name, Math.min(count + 1, hops.get(name) ?? Number.POSITIVE_INFINITY));
    }
  }
  hops.delete(from.plan.name);
  return hops;
}

/** All that are connected with a node, by whatever links. */
export function computeConnected(tree: Tree, from: SimNode): Set<SimNode> {
  const connected = new Set([from]);
  for (const node of connected) {
    const parent = tree.parentOf.get(node);
    if (parent !== undefined) connected.add(parent);
    for (const next of [...(tree.childrenOf.get(node) ?? []), ...peersOf(node)])
      connected.add(next);
  }
  return connected;
}

/** The nodes below one. */
function computeBelow(tree: Tree, from: SimNode): Set<SimNode> {
  const below = new Set([from]);
  for (const node of below) for (const child of tree.childrenOf.get(node) ?? []) below.add(child);
  return below;
}

function viaOf(node: SimNode, route: Route | undefined): SimNode | undefined {
  return node.links.get(route?.via ?? -1)?.peer ?? undefined;
}

function routeTo(from: SimNode, to: SimNode): Route | undefined {
  const route = from.router.nodes.get(nodeKeyOf(to.plan.name));
  return route?.lostAtMs === null ? route : undefined;
}

/** Hops from a neighbour, as its own table says: one that is there itself is none away. */
function hopsFrom(node: SimNode | undefined, to: SimNode): number | undefined {
  return node === to ? 0 : node && routeTo(node, to)?.metric;
}

/** The way is the shortest, and the neighbour sees it so too. */
function checkWay(from: SimNode, to: SimNode, least: number): void {
  const route = routeTo(from, to);
  const via = viaOf(from, route);
  const what = `${from.label} on ${to.label} by ${via?.label}`;
  const hops = (hopsFrom(via, to) ?? Number.NaN) + 1;
  demand(route?.metric === hops, () => `${what}: ${route?.metric} hops, but it is ${hops}`);
  demand(hops === least, () => `${what}: ${hops} hops, but ${least} would do`);
}

function checkRecord(from: SimNode, to: SimNode): void {
  const known = JSON.stringify(routeTo(from, to)?.record);
  const real = JSON.stringify(selfRecord(to.router));
  const what = `${from.label} on ${to.label}`;
  demand(known === real, () => `${what}: thinks ${known}, but it is ${real}`);
}

/** A node with a peer in another network is a gateway, and so are those above it. */
function checkGateway(tree: Tree, node: SimNode): void {
  const isAtRoot = (each: SimNode) => topOf(tree, each).top.plan.role === 'root';
  const links = [...computeBelow(tree, node)].flatMap((each) =>
    peersOf(each).map((peer) => [each, peer] as const),
  );
  // Whoever is cut off from its root says nothing of its network.
  if (!links.flat().every(isAtRoot)) return;
  const isExpected = links.some(([each, peer]) => areForeign(tree, each, peer));
  const { isOn } = node.router.gateway;
  demand(isOn === isExpected, () => `${node.label} is a gateway: ${isOn}, not ${isExpected}`);
}

/** Demands that the table of a node is right. */
export function checkReach(tree: Tree, node: SimNode, nodes: readonly SimNode[]): void {
  checkGateway(tree, node);
  const expected = computeReach(tree, node);
  const below = computeBelow(tree, node);
  const connected = computeConnected(tree, node);
  for (const [name, least] of expected) {
    const id = node.router.nodes.get(nodeKeyOf(name))?.record.id;
    const to = nodes.find((each) => each.plan.id === id && connected.has(each));
    demand(to !== undefined, () => `${node.label} hears of ${name}, which is not connected`);
    if (to === undefined) continue;
    demand(routeTo(node, to) !== undefined, () => `${node.label} does not know ${to.label}`);
    const twins = [...below].filter((each) => each.plan.name === name);
    demand(twins.length < 2, () => `two nodes named ${name} are below ${node.label}`);
    checkWay(node, to, least);
    checkRecord(node, to);
    const isBelow = routeTo(node, to)?.reach === Reach.BELOW;
    demand(!isBelow || below.has(to), () => `${node.label} thinks that ${to.label} is below it`);
  }
  for (const { record, lostAtMs } of node.router.nodes.values()) {
    const isFine = expected.has(record.name) || lostAtMs !== null;
    demand(isFine, () => `${node.label} knows ${record.name}, which it cannot reach`);
  }
}
