/** Which of several nodes meet a condition on their facts: each is asked, and judges itself. */
import { DagentError } from '../protocol/errors.ts';
import { type FactMatch, parseFactMatch } from '../protocol/fact-expression.ts';
import type { Client } from './client.ts';

/** Time that a node has to judge itself: a class of facts may take half of that. */
const MATCH_MS_MAX = 10_000;

/** Why some nodes could not be judged, or not by all of the condition. */
export interface Doubt {
  readonly reason: string;
  readonly names: readonly string[];
  /** Whether nothing at all was heard of them. */
  readonly isSilent: boolean;
}

export interface Judged {
  /** Those that meet it, in the order in which they were given. */
  readonly names: readonly string[];
  readonly doubts: readonly Doubt[];
}

type Heard = { readonly name: string; readonly match: FactMatch } | Silent;
type Silent = { readonly name: string; readonly error: DagentError };

async function askOne(client: Client, name: string, condition: string): Promise<Heard> {
  try {
    const options = { timeoutMs: MATCH_MS_MAX };
    const match = parseFactMatch(await client.call(`${name}:`, 'info.match', [condition], options));
    if (match !== undefined) return { name, match };
    const values = { service: `${name}:`, command: 'info.match' };
    return { name, error: new DagentError('E_NOT_UNDERSTOOD', values) };
  } catch (error) {
    if (error instanceof DagentError) return { name, error };
    throw error;
  }
}

function doubtsOf(heard: readonly Heard[]): Doubt[] {
  const named = heard.flatMap((each): { name: string; reason: string; isSilent: boolean }[] => {
    const { name } = each;
    if ('error' in each) {
      // The same sentence for all of them, so that they can be told together.
      const reason = each.error.message.replace(`${name}: `, '');
      return [{ name, reason, isSilent: true }];
    }
    return each.match.unknown.map(({ field, reason, similar }) => {
      const hint = similar.length === 0 ? '' : ` (did you mean ${similar.join(', ')}?)`;
      return { name, reason: `${field}: ${reason}${hint}`, isSilent: false };
    });
  });
  return [...Map.groupBy(named, ({ reason }) => reason)].map(([reason, group]) => ({
    reason,
    names: group.map(({ name }) => name),
    isSilent: group.some(({ isSilent }) => isSilent),
  }));
}

/** The nodes of `names` that meet a condition. A node that cannot be asked does not. */
export async function judgeByFacts(
  client: Client,
  names: readonly string[],
  condition: string,
): Promise<Judged> {
  const heard = await Promise.all(names.map((name) => askOne(client, name, condition)));
  const met = heard.filter((each) => 'match' in each && each.match.isMet);
  return { names: met.map(({ name }) => name), doubts: doubtsOf(heard) };
}
