/** Nodes that a command shows: who nobody knows cannot be shown. */
import type { Client } from '../client/client.ts';
import type { Targets } from '../client/targets.ts';
import { lookUpWanted, type Wanted } from './target-flags.ts';

/** Exit status when a name means nothing. */
const EXIT_NO_TARGET = 3;

/**
 * The targets that are known. Names that nobody has are told on stderr, and make the exit status.
 * Throws E_NO_TARGET when nothing is left, E_NOT_JUDGED.
 */
export async function lookUpListed(client: Client, wanted: Wanted): Promise<Targets> {
  const targets = await lookUpWanted(client, { ...wanted, isKnown: true });
  if (targets.unknown.length > 0) process.exitCode = EXIT_NO_TARGET;
  return targets;
}
