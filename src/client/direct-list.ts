/** Who talks to a service past the daemon: asked of the library of the program that has it. */
import { BUILTIN_SERVICE, parseAddress } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import { pack, unpackMap } from '../protocol/pack.ts';
import type { Client } from './client.ts';

/** What a library is asked. */
export const DIRECT_LIST = '~direct.list';

/** A program that is not of this library may say nothing at all: nobody waits longer for it. */
const LIST_MS_MAX = 1_000;

/** A direct connection, as its receiver knows it. */
export interface DirectTalker {
  /** The address in whose name it was opened. */
  readonly from: string;
  /** Messages and requests that came by it. */
  readonly messages: number;
  /** For how long it has stood, in milliseconds. */
  readonly sinceMs: number;
}

/** The body of the answer. */
export function packTalkers(talkers: readonly DirectTalker[]): Buffer {
  return pack({ talkers });
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parseTalker(value: unknown): DirectTalker[] {
  const { from, messages, sinceMs } = (value ?? {}) as Record<keyof DirectTalker, unknown>;
  const isFrom = typeof from === 'string' && parseAddress(from) !== undefined;
  return isFrom && isCount(messages) && isCount(sinceMs) ? [{ from, messages, sinceMs }] : [];
}

/** What the answer says, or null when it says nothing of them. */
export function parseTalkers(body: Buffer): readonly DirectTalker[] | null {
  const { talkers } = unpackMap(body);
  return Array.isArray(talkers) ? talkers.flatMap(parseTalker) : null;
}

/**
 * Who has a direct connection to the service `to`; null when nobody can say: it is the daemon's
 * own, or its program has none, or does not answer within a second.
 */
export async function listTalkers(
  client: Pick<Client, 'request'>,
  to: string,
): Promise<readonly DirectTalker[] | null> {
  if (parseAddress(to)?.service === BUILTIN_SERVICE) return null;
  try {
    const { data } = await client.request(to, DIRECT_LIST, { timeoutMs: LIST_MS_MAX });
    return parseTalkers(data);
  } catch (error) {
    if (error instanceof DagentError) return null;
    throw error;
  }
}
