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
  /** Those that could not be asked, and why. */
  readonly silent: ReadonlyMap<string, DagentError>;
  readonly doubts: readonly Doubt[];
}

export interface Question {
  readonly condition: string;
  /** How long a node may take to answer; MATCH_MS_MAX at most. */
  readonly timeoutMs?: number | undefined;
}

type Heard = { readonly name: string; readonly match: FactMatch } | Silent;
type Silent = { readonly name: string; readonly error: DagentError };

async function askOne(
  client: Client,
  name: string,
  { condition, timeoutMs }: Question,
): Promise<Heard> {
  try {
    const options = { timeoutMs: Math.min(MATCH_MS_MAX, timeoutMs ?? MATCH_MS_MAX) };
    const match = parseFactMatch(await client.call(`${name}:`, 'info.match', [condition], options));
    if (match !== undefined) return { name, match };
    const values = { service: `${name}:`, command: 'info.match' };
    return { name, error: new DagentError('E_NOT_UNDERSTOOD', values) };
  } catch (error) {
    if (error instanceof DagentError) return { name, error };
    throw error;
  }
}

/** The same sentence for all, so that they can be told together: it names none of them. */
function sayWithout(name: string, { message, code, values }: DagentError): string {
  if (code === 'E_DEADLINE') return `no reply within ${values.ms} ms`;
  return message.startsWith(`${name} `) ? message.slice(name.length + 1) : message;
}

function doubtsOf(heard: readonly Heard[]): Doubt[] {
  const named = heard.flatMap((each): { name: string; reason: string; isSilent: boolean }[] => {
    const { name } = each;
    if ('error' in each) {
      return [{ name, reason: sayWithout(name, each.error), isSilent: true }];
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

/** The nodes of `names` that meet a condition, and those of which that cannot be known. */
export async function judgeByFacts(
  client: Client,
  names: readonly string[],
  question: Question,
): Promise<Judged> {
  const heard = await Promise.all(names.map((name) => askOne(client, name, question)));
  const met = heard.filter((each) => 'match' in each && each.match.isMet);
  const unheard = heard.filter((each) => 'error' in each);
  return {
    names: met.map(({ name }) => name),
    silent: new Map(unheard.map(({ name, error }) => [name, error])),
    doubts: doubtsOf(heard),
  };
}
