/**
 * What must hold once everything has healed: each node's tables follow from who is connected to
 * whom.
 */
import { serviceKeyOf } from '../../src/protocol/address.ts';
import { isHeld } from '../../src/router/holding.ts';
import type { Link } from '../../src/router/link.ts';
import { waysOf } from '../../src/router/route.ts';
import { askerOf, isServed } from '../../src/router/serving.ts';
import type { Router } from '../../src/router/state.ts';
import { demand } from './envelopes.ts';
import { hasNews } from './news.ts';
import type { SimNode } from './node.ts';
import { checkReach } from './reach.ts';
import { type Tree, topOf } from './tree.ts';

/** How long after its deadline a caller may still be remembered. */
const CALLER_MS_MAX = 2_100;

function checkAnycast(router: Router, label: string): void {
  const offers = new Map<number, Set<number>>();
  for (const { record, key, lostAtMs } of router.nodes.values()) {
    for (const service of lostAtMs === null ? record.services : []) {
      const nodes = offers.get(serviceKeyOf(service)) ?? new Set();
      offers.set(serviceKeyOf(service), nodes.add(key));
    }
  }
  demand(offers.size === router.anycast.size, () => `${label} offers services that nobody has`);
  for (const [service, nodes] of offers) {
    const offer = router.anycast.get(service);
    demand(offer?.routes.size === nodes.size, () => `${label} knows not all who offer a service`);
    const least = Math.min(...[...(offer?.routes ?? [])].map(({ metric }) => metric));
    const { nearest } = offer ?? { nearest: null };
    demand(nearest === null || nearest.metric === least, () => `${label}: not the nearest`);
  }
}

/** The sets that a router keeps for speed say the same as its tables. */
function checkSets(router: Router, label: string): void {
  const links = [...router.links.values()];
  const routes = [...router.nodes.values()].filter(({ lostAtMs }) => lostAtMs === null);
  const same = (set: Iterable<Link>, role: (link: Link) => boolean, what: string) => {
    const [a, b] = [
      [...set].map(({ id }) => id).sort(),
      links
        .filter(role)
        .map(({ id }) => id)
        .sort(),
    ];
    demand(a.join() === b.join(), () => `${label}: ${what} are ${a}, but should be ${b}`);
  };
  same(router.children.values(), ({ role }) => role === 'child', 'children');
  same(router.programs, ({ role }) => role === 'client' || role === 'builtin', 'programs');
  same(router.opening, ({ phase }) => phase !== 'open', 'opening');
  for (const link of links) {
    const known = [...router.nodes.values()];
    const via = known.filter((route) => waysOf(route).includes(link.id));
    const rival = known.filter(({ rivals }) => rivals?.has(link.id));
    const count = via.length + rival.length;
    demand(link.reached.size === count, () => `${label}: ${link.reached.size} reached of ${count}`);
  }
  const contested = [...router.nodes.values()].filter(({ others }) => others !== null).length;
  const { size } = router.contested;
  demand(size === contested, () => `${label} counts ${size} contested nodes, not ${contested}`);
  const lostCount = router.nodes.size - routes.length;
  demand(router.lost.size === lostCount, () => `${label} counts ${router.lost.size} lost nodes`);
  demand(!hasNews(router) || router.uplink.phase !== 'up', () => `${label} has news`);
}

function checkUplink(tree: Tree, node: SimNode): void {
  const { router, label } = node;
  const { top, depth } = topOf(tree, node);
  // Below a node that was sent away, the last word from the true top stands.
  if (top === node || top.plan.role !== 'root') return;
  demand(router.uplink.isJoined, () => `${label} was not told that it is known`);
  demand(router.depth === depth, () => `${label} thinks it is ${router.depth} down, not ${depth}`);
  demand(router.realm === top.router.realm, () => `${label} does not know its realm`);
}

/**
 * What programs wait for is worked on somewhere: a request that is lost, or its outcome, has ended
 * by now. And nobody is remembered as a caller whose deadline has passed.
 */
function checkRequests(nodes: readonly SimNode[], nowMs: number): void {
  const names = nodes.map(({ plan }) => plan.name);
  const isTwin = (name: string) => names.indexOf(name) !== names.lastIndexOf(name);
  for (const { router, label, plan } of nodes) {
    // While one of its name passes by, its answers may go astray: there only the deadline helps.
    if (isTwin(plan.name)) continue;
    for (const link of router.programs) {
      for (const [number, pending] of link.pending) {
        const { seed, toService, via, place } = pending;
        const isFound = via.carried[place] === pending;
        demand(isFound, () => `${label} would not lose ${number} with the link it went by`);
        const asker = askerOf(seed, router.key);
        const isKnown = nodes.some(
          (each) =>
            isServed(each.router, toService, asker, number) || isHeld(each.router, asker, number),
        );
        demand(isKnown, () => `${label} waits for ${number}, on which nobody works`);
      }
      for (const callers of link.serving.callers.values()) {
        for (const { number, untilMs } of callers.values()) {
          const isDue = untilMs + CALLER_MS_MAX >= nowMs;
          demand(isDue, () => `${label} remembers who asked ${number}, but waits no more`);
        }
      }
    }
  }
}

/** The nodes that are below a root. Below one that is sent away they look for other parents. */
export function insideOf(nodes: readonly SimNode[], tree: Tree): SimNode[] {
  return nodes.filter((node) => topOf(tree, node).top.plan.role === 'root');
}

/** Demands that all tables are right. */
export function checkTables(nodes: readonly SimNode[], tree: Tree, nowMs: number): void {
  checkRequests(nodes, nowMs);
  for (const node of insideOf(nodes, tree)) {
    checkReach(tree, node, nodes);
    checkAnycast(node.router, node.label);
    checkSets(node.router, node.label);
    checkUplink(tree, node);
  }
}

/**
 * Why a node that is on its own should not be; undefined when it must: another one has its name, or
 * all its parents are below it.
 */
export function objectToSolitude(
  nodes: readonly SimNode[],
  tree: Tree,
  node: SimNode,
): string | undefined {
  const { name, parents, role } = node.plan;
  if (tree.parentOf.has(node) || role === 'root') return undefined;
  // Its parents are below one that was sent away: none of them is a way to the top.
  const isInside = (parent: number) => topOf(tree, nodes[parent]!).top.plan.role === 'root';
  if (!parents.some(isInside)) return undefined;
  const { phase, lastError } = node.router.uplink;
  if (phase !== 'waiting') return `${node.label} is about to find a parent (${phase})`;
  const isTold = lastError?.code === 'E_NAME_TAKEN' || lastError?.code === 'E_LOOP';
  if (!isTold) return `${node.label} is on its own because of ${lastError?.code}`;
  const isOwner = (other: SimNode) =>
    other !== node &&
    other.plan.name === name &&
    (tree.parentOf.has(other) || other.plan.role === 'root');
  const isBelow = (parent: number) => topOf(tree, nodes[parent]!).top === node;
  if (nodes.some(isOwner) || parents.every(isBelow)) return undefined;
  return `${node.label} is on its own, though a parent would take it`;
}

/** Why a link to a peer that is missing should not be; undefined when it must: they are kin. */
export function objectToDistance(nodes: readonly SimNode[], node: SimNode): string | undefined {
  for (const dialler of node.router.diallers.slice(1)) {
    if (dialler.phase === 'up') continue;
    const isKin = dialler.lastError?.code === 'E_PEER_IS_KIN' && dialler.phase === 'waiting';
    const peer = nodes[node.plan.peers[dialler.id - 1] ?? 0];
    if (!isKin) return `${node.label} has no link to its peer ${peer?.label}`;
  }
  return undefined;
}

/** Demands that nodes which were lost are forgotten by now. */
export function checkForgotten(nodes: readonly SimNode[]): void {
  for (const { router, label } of nodes) {
    demand(router.lost.size === 0, () => `${label} still remembers lost nodes`);
  }
}
