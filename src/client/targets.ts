/**
 * From a selector to names: one literal name costs no question, all else is looked up at the top.
 */
import { DagentError } from '../protocol/errors.ts';
import type { Client } from './client.ts';
import { fetchTree, isLiteral, noTarget, selectNodes } from './tree.ts';

/**
 * The nodes that a selector means. Those that were lost lately are among them: who asks for all
 * must hear of the one that does not answer. Throws E_NO_TARGET.
 */
export async function resolveTargets(client: Client, selector: string): Promise<string[]> {
  if (isLiteral(selector)) return [selector];
  const { nodes } = await fetchTree(client);
  const names = nodes.map((node) => node.name);
  return selectNodes(selector, names);
}

/**
 * What to say of a node that could not be reached: when nobody knows its name, E_NO_TARGET with the
 * nearest names; else undefined.
 */
export async function explainUnreachable(
  client: Client,
  name: string,
): Promise<DagentError | undefined> {
  try {
    const { nodes } = await fetchTree(client);
    const names = nodes.map((node) => node.name);
    return names.includes(name) ? undefined : noTarget(name, names);
  } catch (error) {
    // The top cannot be asked: then the first error is all that is known.
    if (error instanceof DagentError) return undefined;
    throw error;
  }
}
