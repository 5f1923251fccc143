/** `exec --pick N`: targets by their free places in the hub, held as long as the run lasts. */
import { escapeLine } from '../base/escape.ts';
import type { Client } from '../client/client.ts';
import { HubClient } from '../client/hub.ts';
import { DagentError } from '../protocol/errors.ts';
import { foldNames } from '../protocol/node-set.ts';

/** If we are killed, the places are free again after this long. */
const LEASE_MS = 60_000;
/** A renewal that is late or lost does not end the lease. */
const RENEW_MS = LEASE_MS / 4;

export interface Pick {
  /** The targets to choose from. */
  readonly names: readonly string[];
  readonly count: number;
  /** Whether nobody wants to be told who was picked. */
  readonly isQuiet: boolean;
}

function complain(what: string, error: unknown): void {
  if (!(error instanceof DagentError)) throw error;
  process.stderr.write(`dagent: --pick: ${escapeLine(`${what}: ${error.message}`)}\n`);
}

/**
 * Reserves a place at `count` of the nodes, runs `use` on them, and gives the places back. Throws
 * E_HUB_SHORT when fewer have one.
 */
export async function withPicked<T>(
  client: Client,
  { names, count, isQuiet }: Pick,
  use: (names: readonly string[]) => Promise<T>,
): Promise<T> {
  const hub = await HubClient.of(client);
  const wish = { count, among: names, isExact: true, leaseMs: LEASE_MS };
  const { lease, nodes } = await hub.request(wish);
  const wanted = new Set(nodes.map(({ address }) => address));
  const picked = names.filter((name) => wanted.has(name));
  if (!isQuiet) process.stderr.write(`picked: ${escapeLine(foldNames(picked))}\n`);
  const renewing = setInterval(() => {
    hub.renew(lease, LEASE_MS).catch((error) => complain(`lease ${lease}`, error));
  }, RENEW_MS);
  try {
    return await use(picked);
  } finally {
    clearInterval(renewing);
    await hub.release(lease).catch((error) => complain(`lease ${lease} ends by itself`, error));
  }
}
