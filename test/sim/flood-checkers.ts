/**
 * What must hold of broadcasts and events once everything has healed: everybody knows what is
 * wanted elsewhere, all who should hear one do, and nobody else.
 */
import { Scope } from '../../src/protocol/frame.ts';
import { matchesTopic } from '../../src/protocol/topic.ts';
import type { Cluster } from './cluster.ts';
import { demand } from './envelopes.ts';
import { PATTERNS, TOPICS } from './floods.ts';
import type { SimNode } from './node.ts';
import type { Program } from './program.ts';
import { type Tree, topOf } from './tree.ts';

/** What the news of so many programs may take through the tree, and what a flood may. */
const SPREAD_MS = 3_000;
/** Nodes that send: one at each depth is as good as all. */
const SENDERS_MAX = 6;

function below(tree: Tree, node: SimNode): SimNode[] {
  return [node, ...(tree.childrenOf.get(node) ?? []).flatMap((child) => below(tree, child))];
}

function patternsOf(nodes: readonly SimNode[]): Set<string> {
  return new Set(nodes.flatMap(({ router }) => [...router.wanted.own.keys()]));
}

function demandSame(what: string, known: Iterable<string>, real: Iterable<string>): void {
  const [a, b] = [[...known].sort().join(' '), [...real].sort().join(' ')];
  demand(a === b, () => `${what}: knows of ${a}, but wanted is ${b}`);
}

/** Each node of a tree knows what is wanted by each of its links. */
export function checkInterest(nodes: readonly SimNode[], tree: Tree): void {
  const whole = nodes.filter((node) => topOf(tree, node).top.plan.role === 'root');
  for (const node of whole) {
    const { router, label } = node;
    const inside = new Set(below(tree, node));
    const outside = whole.filter((each) => !inside.has(each));
    if (tree.parentOf.has(node)) {
      const up = router.links.get(router.uplink.link ?? -1);
      demandSame(`${label} above`, up?.topics ?? [], patternsOf(outside));
    }
    for (const child of tree.childrenOf.get(node) ?? []) {
      const [link] = [...node.links].find(([, { peer }]) => peer === child) ?? [];
      const known = [...router.wanted.links].flatMap(([pattern, links]) =>
        link !== undefined && links.has(link) ? [pattern] : [],
      );
      demandSame(`${label} below ${child.label}`, known, patternsOf(below(tree, child)));
    }
  }
}

interface Probe {
  readonly node: SimNode;
  readonly program: Program;
  readonly pattern: string | undefined;
}

function addProbes(cluster: Cluster, whole: readonly SimNode[]): Probe[] {
  const { agenda, chance } = cluster;
  const probes = whole.map((node) => {
    const pattern = chance.isHit(0.4) ? chance.pick(PATTERNS) : undefined;
    return { node, program: node.addProgram(['probe']), pattern };
  });
  agenda.runUntil(agenda.nowMs + 20);
  for (const { program, pattern } of probes) {
    if (pattern !== undefined) program.subscribe(pattern);
  }
  agenda.runUntil(agenda.nowMs + SPREAD_MS);
  return probes;
}

/** In a whole tree, a broadcast and an event from here and there come to all that they should. */
export function checkFloods(cluster: Cluster, tree: Tree): void {
  const { agenda, chance, floods, nodes } = cluster;
  const whole = nodes.filter((node) => topOf(tree, node).top.plan.role === 'root');
  const probes = addProbes(cluster, whole);
  checkInterest(nodes, tree);
  for (const { node, program: from } of chance.shuffle(probes).slice(0, SENDERS_MAX)) {
    const topic = chance.pick(TOPICS) ?? 'a';
    const [broadcast, event] = [
      floods.broadcast(from, Scope.REALM, 'probe'),
      floods.publish(from, topic),
    ];
    agenda.runUntil(agenda.nowMs + SPREAD_MS);
    for (const { node: at, program, pattern } of probes) {
      if (program === from) continue;
      const way = `from ${node.label} to ${at.label}`;
      demand(floods.hearersOf(broadcast).has(program), () => `a broadcast ${way} is lost`);
      const isWanted = pattern !== undefined && matchesTopic(pattern, topic);
      const isHeard = floods.hearersOf(event).has(program);
      demand(isHeard === isWanted, () => `the event ${topic} ${way}: ${isHeard}, not ${isWanted}`);
    }
  }
  for (const { node, program } of probes) node.removeProgram(program);
}
