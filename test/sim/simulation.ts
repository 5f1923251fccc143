/**
 * One simulation from one seed. First safety: faults and traffic, and nothing wrong may happen.
 * Then liveness: everything heals, and the tree must become whole, its tables right, and everyone
 * reachable, in bounded time.
 */
import { BACKOFF_MS_MAX, HANDSHAKE_MS_MAX, LOST_NODE_MS } from '../../src/protocol/limits.ts';
import {
  checkForgotten,
  checkTables,
  insideOf,
  objectToDistance,
  objectToSolitude,
} from './checkers.ts';
import { Cluster } from './cluster.ts';
import { demand } from './envelopes.ts';
import { checkFloods, checkInterest } from './flood-checkers.ts';
import { hasNews } from './news.ts';
import type { SimNode } from './node.ts';
import type { Plan } from './plan.ts';
import type { Outcome } from './program.ts';
import { computeConnected } from './reach.ts';
import { readTree, type Tree, topOf } from './tree.ts';

/** What tables must stand still for, so that nothing is on its way that could change them. */
const STILL_MS = 400;
/** How long that may take: who was refused tries again, backed off. */
const STILL_MS_MAX = 600_000;
/** How long the last requests of all may take. */
const REACH_MS = 3_000;
/** Dials of a node whose name is taken, in a minute: a round through its parents, backed off. */
const DIALS_PER_MINUTE_MAX = 40;

export interface Result {
  readonly eventCount: number;
  readonly faultCount: number;
  readonly sentCount: number;
  readonly deliveredCount: number;
  /** Broadcasts and events that programs heard. */
  readonly heardCount: number;
  readonly queuedBytesMost: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly digest: number;
}

/** Time for all that may still be under way when faults end: silence, a failed dial, backoff. */
function healMs(plan: Plan): number {
  return 2 * plan.holdMs + 2 * HANDSHAKE_MS_MAX + 2 * BACKOFF_MS_MAX;
}

function isAttached(node: SimNode): boolean {
  return node.plan.role === 'root' || node.router.uplink.phase === 'up';
}

/** Lets time pass until no table has changed for a while, and all who can have found a parent. */
function awaitStillness(cluster: Cluster): Tree {
  const { agenda, nodes } = cluster;
  const deadlineMs = agenda.nowMs + STILL_MS_MAX;
  const versions = (tree: Tree) =>
    insideOf(nodes, tree).map(({ label, router }) => `${label} ${router.tableVersion}`);
  for (;;) {
    const before = versions(readTree(nodes)).join();
    agenda.runUntil(agenda.nowMs + STILL_MS);
    const tree = readTree(nodes);
    const isSaid = !insideOf(nodes, tree).some(({ router }) => hasNews(router));
    const isStill = before === versions(tree).join() && isSaid;
    const objections = [
      ...tree.ghosts.map(({ label }) => `${label} has a parent that does not know of it`),
      ...nodes.flatMap((node) => objectToSolitude(nodes, tree, node) ?? []),
      ...nodes.flatMap((node) => objectToDistance(nodes, node) ?? []),
    ];
    if (isStill && objections.length === 0) return tree;
    demand(agenda.nowMs < deadlineMs, () => `the tree never stands still: ${objections}`);
  }
}

function nameOf(node: SimNode): string {
  return node.plan.name;
}

/** Every node of the trees is asked from each top and from each of their ends. */
function checkReachability(cluster: Cluster, tree: Tree): void {
  const { agenda, nodes } = cluster;
  const missing = new Set<string>();
  // Who waits for a name to become free passes by now and then, with all that is below it: what is
  // sent to that name meanwhile goes astray.
  const isInside = (node: SimNode) => topOf(tree, node).top.plan.role === 'root';
  const whole = nodes.filter(isInside);
  const contested = new Set(nodes.filter((node) => !isInside(node)).map(nameOf));
  for (const from of whole) {
    const isEnd = (tree.childrenOf.get(from) ?? []).length === 0;
    if (contested.has(nameOf(from)) || (!isEnd && from.plan.role !== 'root')) continue;
    const probe = from.addProgram([]);
    agenda.runUntil(agenda.nowMs + 20);
    const connected = computeConnected(tree, from);
    for (const to of whole) {
      if (contested.has(nameOf(to)) || !connected.has(to)) continue;
      const what = `${from.label} to ${to.label}`;
      missing.add(what);
      const onOutcome = (outcome: Outcome) => {
        demand(outcome === 'REPLY', () => `${what}: ${outcome}`);
        missing.delete(what);
      };
      probe.ask('request', { to: `${to.plan.name}:`, timeoutMs: REACH_MS, onOutcome });
    }
    agenda.after(REACH_MS, () => from.removeProgram(probe));
  }
  agenda.runUntil(agenda.nowMs + REACH_MS);
  demand(missing.size === 0, () => `unreachable: ${[...missing].join(', ')}`);
}

/** The twins that stay away do not hammer those that refuse them. */
function checkPace(cluster: Cluster): void {
  const { agenda, nodes } = cluster;
  const before = nodes.map(({ dialCount }) => dialCount);
  const isSettled = ({ router }: SimNode) =>
    router.diallers.every(({ phase }) => phase === 'up' || phase === 'none');
  const hasRoom = nodes.every(isAttached) && nodes.every(isSettled);
  agenda.runUntil(agenda.nowMs + 60_000);
  nodes.forEach((node, index) => {
    const count = node.dialCount - (before[index] ?? 0);
    const { parents, peers } = node.plan;
    const most = DIALS_PER_MINUTE_MAX * (parents.length + peers.length);
    demand(count <= most, () => `${node.label} dialled ${count} times in a minute`);
    if (hasRoom) demand(count === 0, () => `${node.label} has a home, but dials`);
  });
}

function checkLiveness(cluster: Cluster): void {
  const { agenda, nodes, plan } = cluster;
  agenda.runUntil(agenda.nowMs + healMs(plan));
  const tree = awaitStillness(cluster);
  checkTables(nodes, tree, agenda.nowMs);
  if (!plan.hasPeers) checkInterest(nodes, tree);
  if (nodes.every(isAttached)) {
    if (!plan.hasPeers) checkFloods(cluster, tree);
    checkReachability(cluster, tree);
    checkPace(cluster);
    agenda.runUntil(agenda.nowMs + LOST_NODE_MS);
    checkForgotten(nodes);
    return;
  }
  checkPace(cluster);
  checkReachability(cluster, awaitStillness(cluster));
}

function toResult(cluster: Cluster, outcomes: Record<Outcome, number>): Result {
  const { agenda, envelopes, faultCount, nodes, digest } = cluster;
  const { sentCount, deliveredCount } = envelopes;
  const queuedBytesMost = Math.max(...nodes.map((node) => node.queuedBytesMost));
  const { heardCount } = cluster.floods;
  const traffic = { sentCount, deliveredCount, heardCount };
  const counts = { eventCount: agenda.doneCount, faultCount, ...traffic };
  return { ...counts, queuedBytesMost, outcomes, digest };
}

/** Runs a simulation to its end. Throws a Violation, or whatever a router throws. */
export function simulate(plan: Plan): Result {
  const cluster = new Cluster(plan);
  cluster.start();
  cluster.agenda.runUntil(plan.ticks);
  cluster.heal();
  checkLiveness(cluster);
  return toResult(cluster, cluster.outcomes);
}
