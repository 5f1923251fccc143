/** By which nodes each target is reached from the daemon that we talk to: for --dry-run. */
import type { Client } from '../client/client.ts';
import type { Targets } from '../client/targets.ts';
import { fetchNodes } from '../client/tree.ts';
import { HOPS_MAX } from '../protocol/limits.ts';
import { foldNames } from '../protocol/node-set.ts';

/** Names with the names of their parents; null at the top. */
export type Parents = ReadonlyMap<string, string | null>;

/** Targets that are reached in the same way. */
export interface Way {
  /** Nodes on the way: the daemon that we talk to first, the one before the targets last. */
  readonly path: readonly string[];
  /** The targets, in their short form. */
  readonly names: string;
}

/** Who is above each of the targets, and above `from`, up to the top. Asks level by level. */
export async function fetchParents(
  client: Client,
  { nodes }: Pick<Targets, 'nodes'>,
): Promise<Parents> {
  const { record } = client;
  const parents = new Map([[client.node, record.parent]]);
  for (const { name, parent } of nodes.values()) parents.set(name, parent);
  for (let level = 0; level < HOPS_MAX; level++) {
    const above = new Set(parents.values());
    const names = [...above].filter((name) => name !== null && !parents.has(name)) as string[];
    if (names.length === 0) break;
    const found = await fetchNodes(client, { kind: 'names', names });
    for (const name of names) parents.set(name, null);
    for (const { name, parent } of found.nodes) parents.set(name, parent);
  }
  return parents;
}

/** The node, its parent, and so on. */
function chainOf(name: string, parents: Parents): string[] {
  const chain: string[] = [];
  for (let at: string | null = name; at !== null; at = parents.get(at) ?? null) {
    if (chain.includes(at)) break;
    chain.push(at);
  }
  return chain;
}

/** The nodes from one to the other, both included: up to the first that is above both, and down. */
export function pathBetween(from: string, to: string, parents: Parents): string[] {
  const up = chainOf(from, parents);
  const down = chainOf(to, parents);
  const top = up.findIndex((name) => down.includes(name));
  // Of another network: what is between them is known there.
  if (top < 0) return [from, to];
  return [...up.slice(0, top + 1), ...down.slice(0, down.indexOf(up[top] ?? '')).reverse()];
}

/** The ways to those targets that are up, those with one way together. */
export function findWays(from: string, { names, nodes }: Targets, parents: Parents): Way[] {
  const up = names.filter((name) => nodes.get(name)?.state === 'up');
  const groups = Map.groupBy(up, (name) => pathBetween(from, name, parents).slice(0, -1).join(' '));
  return [...groups].map(([path, each]) => ({
    path: path === '' ? [] : path.split(' '),
    names: foldNames(each),
  }));
}
