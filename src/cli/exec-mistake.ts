/** What a new hand may have meant by a command line that could be read, and failed. */
import type { Client } from '../client/client.ts';
import { lookUpTargets } from '../client/targets.ts';
import { isNodeName } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import type { ExecSpec } from '../protocol/exec.ts';
import type { TargetResult } from './exec-summary.ts';

/** No such program. */
const STATUS = 127;

async function isNode(client: Client, name: string): Promise<boolean> {
  try {
    await lookUpTargets(client, { kind: 'names', names: [name] }, { isKnown: true });
    return true;
  } catch (error) {
    if (error instanceof DagentError) return false;
    throw error;
  }
}

/**
 * `exec web1 web2 uptime` runs web2 on web1. Where that is no program, but a node, it is said how
 * several targets are written; else undefined.
 */
export async function explainMistake(
  client: Client,
  { argv, script }: Pick<ExecSpec, 'argv' | 'script'>,
  result: TargetResult,
): Promise<string | undefined> {
  const [program = ''] = argv;
  const isMissing = result.verdict === 'not-started' && result.code === STATUS;
  if (!isMissing || script !== undefined || !isNodeName(program)) return undefined;
  if (!(await isNode(client, program))) return undefined;
  return `${program} is a node: several targets are one word: ${result.target},${program}`;
}
