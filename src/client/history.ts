/** The last hour of a node, as its parent remembers it. */
import { DagentError } from '../protocol/errors.ts';
import { type NodeHistory, parseHistory } from '../protocol/history.ts';
import type { Client } from './client.ts';
import { findTop } from './tree.ts';

/**
 * Asks the top, which knows who the parent is. Throws E_NO_HISTORY when nothing is remembered yet,
 * E_NOT_UNDERSTOOD, and as `Client.call`.
 */
export async function fetchHistory(client: Client, node: string): Promise<NodeHistory> {
  const top = await findTop(client);
  const history = parseHistory(await client.call(top, 'stats.history', [node]));
  if (history?.node === node) return history;
  throw new DagentError('E_NOT_UNDERSTOOD', { service: top, command: 'stats.history' });
}
