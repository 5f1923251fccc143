/** What the commands about the hub share. */

import type { Client } from '../client/client.ts';
import type { HubClient, HubKey } from '../client/hub.ts';
import { DagentError } from '../protocol/errors.ts';
import { formatPlace, type HubPlace, type HubRecord, parsePlace } from '../protocol/hub.ts';
import { HUB_STATUS_MAX } from '../protocol/limits.ts';
import { chooseByFacts } from './target-flags.ts';
import { wordArg } from './words.ts';

export const keyArg = wordArg({
  required: true,
  description: 'Its id, or NODE, or ADDRESS:PORT',
});

/** The place in a word. Throws E_USAGE. */
export function readPlace(word: string): HubPlace {
  const place = parsePlace(word);
  if (place !== undefined) return place;
  const reason = `${word} is neither the name of a node nor ADDRESS:PORT`;
  throw new DagentError('E_USAGE', { reason });
}

/** The id in a word, or the place as text. Throws E_USAGE. */
export function readKey(word: string): HubKey {
  return /^\d{1,12}$/.test(word) ? Number(word) : formatPlace(readPlace(word));
}

/** How many connections somebody can take, in a word. Throws E_USAGE. */
export function readStatus(word: string): number {
  const status = Number(word);
  if (/^(-1|\d{1,9})$/.test(word) && status <= HUB_STATUS_MAX) return status;
  const reason = `a status is -1, 0, or how many connections are free (${HUB_STATUS_MAX} at most)`;
  throw new DagentError('E_USAGE', { reason: `${reason}, not ${word}` });
}

/**
 * Nodes of the tree in the hub that have a free place and facts as they should be, none when no
 * node has one; programs have no facts. Throws E_NO_TARGET, E_NOT_JUDGED, E_WHERE.
 */
export async function chooseByWhere(
  client: Client,
  hub: HubClient,
  where: string,
): Promise<readonly string[]> {
  const { parseFactExpression } = await import('../protocol/fact-expression.ts');
  parseFactExpression(where);
  const available = await hub.list({ isAvailable: true, port: 0 });
  if (available.length === 0) return [];
  const names = available.map(({ address }) => address);
  return chooseByFacts(client, names, { where, text: 'what is available in the hub' });
}

const HEAD = ['ID', 'NODE', 'FREE', 'LEASED', 'STATE'];

function stateOf({ status }: HubRecord): string {
  return status < 0 ? 'zombie' : status === 0 ? 'not available' : 'available';
}

/** Rows of a table of entries, with its heading. */
export function hubRows(records: readonly HubRecord[]): {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
} {
  const rows = records.map((record) => [
    String(record.id),
    formatPlace(record),
    String(record.status),
    String(record.leased),
    stateOf(record),
  ]);
  return { head: HEAD, rows };
}
