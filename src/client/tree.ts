/** Asking for the tree: which nodes there are, and which of them a selector means. */
import { distance } from 'fastest-levenshtein';
import { isNodeName } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import { type NodeStatus, parseNodeStatus } from '../protocol/status.ts';
import type { Client } from './client.ts';

export interface Tree {
  readonly realm: string | null;
  readonly nodes: readonly NodeStatus[];
}

/** Address of the node at the top of the tree, which knows all others. */
export async function findTop(client: Client): Promise<string> {
  if (client.record.parent === null) return `${client.node}:`;
  const name = await client.call(`${client.node}:`, 'tree.top');
  if (typeof name === 'string' && isNodeName(name)) return `${name}:`;
  throw new DagentError('E_NOT_UNDERSTOOD', { service: `${client.node}:`, command: 'tree.top' });
}

/** All nodes of the tree. */
export async function fetchTree(client: Client): Promise<Tree> {
  const top = await findTop(client);
  const { realm, nodes } = ((await client.call(top, 'tree.nodes')) ?? {}) as Partial<
    Record<keyof Tree, unknown>
  >;
  if (!Array.isArray(nodes)) {
    throw new DagentError('E_NOT_UNDERSTOOD', { service: top, command: 'tree.nodes' });
  }
  return {
    realm: typeof realm === 'string' ? realm : null,
    nodes: nodes.map(parseNodeStatus).filter((node) => node !== undefined),
  };
}

const SUGGESTION_COUNT_MAX = 3;

/** Names close to what was typed, nearest first. */
export function findSimilar(wanted: string, names: readonly string[]): string[] {
  const distanceMax = Math.max(2, Math.floor(wanted.length / 2));
  return names
    .map((name) => ({ name, steps: distance(wanted.toLowerCase(), name.toLowerCase()) }))
    .filter(({ steps }) => steps <= distanceMax)
    .sort((a, b) => a.steps - b.steps || a.name.localeCompare(b.name))
    .slice(0, SUGGESTION_COUNT_MAX)
    .map(({ name }) => name);
}

/** The error for a selector that no node matches. */
export function noTarget(selector: string, names: readonly string[]): DagentError {
  const similar = findSimilar(selector, names);
  const hint = similar.length > 0 ? `did you mean: ${similar.join(', ')}` : 'see all: dagent tree';
  return new DagentError('E_NO_TARGET', { selector, similar: hint });
}

/** Whether a selector is one literal name. */
export function isLiteral(selector: string): boolean {
  return isNodeName(selector);
}

async function compileGlob(pattern: string): Promise<(name: string) => boolean> {
  const { default: picomatch } = await import('picomatch');
  return picomatch(pattern, { dot: true, nonegate: true });
}

/** A comma that separates parts of a selector; one within braces is the glob's. */
const SEPARATOR = /,(?![^{]*\})/;

/**
 * The names that a selector means: a name, a comma list, globs (`web*`, `db[1-3]`), in the order in
 * which they are named, each once. Throws E_NO_TARGET when a part of it matches nothing.
 */
export async function selectNodes(selector: string, names: readonly string[]): Promise<string[]> {
  const selected = new Set<string>();
  for (const part of selector.split(SEPARATOR).filter((each) => each !== '')) {
    const matches = isLiteral(part)
      ? names.filter((name) => name === part)
      : await matchGlob(part, names);
    if (matches.length === 0) throw noTarget(part, names);
    for (const name of matches) selected.add(name);
  }
  if (selected.size === 0) throw noTarget(selector, names);
  return [...selected];
}

async function matchGlob(pattern: string, names: readonly string[]): Promise<string[]> {
  const isMatch = await compileGlob(pattern);
  // One argument only: a second one, such as filter's index, makes a picomatch matcher return an
  // object, which is true for every name.
  return names.filter((name) => isMatch(name));
}
