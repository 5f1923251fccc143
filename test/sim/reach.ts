/**
 * What must hold of the tables once everything has healed: who is connected to whom says which
 * nodes each one reaches without its parent, by which neighbours, and how far they are.
 */
import { nodeKeyOf } from '../../src/protocol/address.ts';
import { Reach, type Route } from '../../src/router/route.ts';
import { selfRecord } from '../../src/router/state.ts';
import type { Tree } from './checkers.ts';
import { demand } from './envelopes.ts';
import type { SimNode } from './node.ts';

/** The other ends of a node's links to peers, as both ends agree. */
export function peersOf(node: SimNode): SimNode[] {
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

/** Neighbours that say what they reach: children, and peers. */
function nextTo(tree: Tree, node: SimNode): SimNode[] {
  return [...(tree.childrenOf.get(node) ?? []), ...peersOf(node)];
}

/** The nodes that one reaches without its parent, and the fewest hops to each. */
export function computeReach(tree: Tree, from: SimNode): Map<SimNode, number> {
  const hops = new Map([[from, 0]]);
  for (const [node, count] of hops) {
    for (const next of nextTo(tree, node)) if (!hops.has(next)) hops.set(next, count + 1);
  }
  hops.delete(from);
  return hops;
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

/** Demands that the table of a node is right. */
export function checkReach(tree: Tree, node: SimNode): void {
  const expected = computeReach(tree, node);
  const below = computeBelow(tree, node);
  const names = new Set<string>();
  for (const [to, least] of expected) {
    const { name } = to.plan;
    demand(!names.has(name), () => `two nodes named ${name} are reached by ${node.label}`);
    names.add(name);
    demand(routeTo(node, to) !== undefined, () => `${node.label} does not know ${to.label}`);
    checkWay(node, to, least);
    checkRecord(node, to);
    const isBelow = routeTo(node, to)?.reach === Reach.BELOW;
    demand(!isBelow || below.has(to), () => `${node.label} thinks that ${to.label} is below it`);
  }
  for (const { record, lostAtMs } of node.router.nodes.values()) {
    const isFine = names.has(record.name) || lostAtMs !== null;
    demand(isFine, () => `${node.label} knows ${record.name}, which it cannot reach`);
  }
}
