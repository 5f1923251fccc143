/** One node that a command line names, for a question to it alone. */

import type { Client } from '../client/client.ts';
import { isNodeName } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';

/** Throws E_USAGE for what is no name; `what` is where it stands. */
export function checkNodeName(what: string, name: string | undefined): void {
  if (name === undefined || isNodeName(name)) return;
  throw new DagentError('E_USAGE', { reason: `${what} is the name of one node, not ${name}` });
}

/** What asking a node comes to. Throws E_NO_TARGET when nobody has its name, and as `ask`. */
export async function askNamed<Answer>(
  client: Client,
  name: string | undefined,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    const isAway = error instanceof DagentError && error.code === 'E_UNREACHABLE';
    if (!isAway || name === undefined) throw error;
    const { explainUnreachable } = await import('../client/targets.ts');
    throw (await explainUnreachable(client, name)) ?? error;
  }
}
