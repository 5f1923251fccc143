/**
 * What must hold at every instant, also while things go wrong: the ways that the tables name never
 * form a circle. From each node to the neighbour that its table names, and on from there, one comes
 * to an end.
 */
import { demand } from './envelopes.ts';
import type { SimNode } from './node.ts';

/** The node that another one sends to for a destination; undefined when nobody hears it. */
function successorOf(node: SimNode, key: number, id: string): SimNode | undefined {
  const route = node.router.nodes.get(key);
  if (route === undefined || route.lostAtMs !== null || route.record.id !== id) return undefined;
  const attached = node.links.get(route.via);
  if (attached === undefined) return undefined;
  const isHeard = attached.wire.holders[attached.side === 0 ? 1 : 0] !== null;
  return isHeard ? (attached.peer ?? undefined) : undefined;
}

function checkCourse(start: SimNode, key: number): void {
  const id = start.router.nodes.get(key)?.record.id ?? '';
  const path = [start];
  for (let at = successorOf(start, key, id); at !== undefined; at = successorOf(at, key, id)) {
    path.push(at);
    const name = () => start.router.nodes.get(key)?.record.name;
    const course = () => path.map(({ label }) => label).join(' > ');
    // Whoever closes a circle is part of it.
    demand(at !== start, () => `the way to ${name()} is a circle: ${course()}`);
    if (path.length > 100) return;
  }
}

/** Demands it of what has just changed at a node. */
export function checkCourses(node: SimNode): void {
  const { router } = node;
  for (const key of router.dirty.keys()) checkCourse(node, key);
  for (const { key } of router.contested) if (!router.dirty.has(key)) checkCourse(node, key);
}
