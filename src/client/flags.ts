/**
 * Flags as a program raises, lowers and lists them.
 *
 * @example
 * const wish = { priority: 'error', message: 'refused' } as const;
 * await client.flags.raise('orders', 'db', 'unreachable', wish);
 * await client.flags.lower('orders', 'db', 'unreachable');
 */
import { DagentError } from '../protocol/errors.ts';
import {
  type FlagChange,
  type FlagPriority,
  type FlagRecord,
  type ListedFlag,
  parseFlag,
  parseListedFlag,
} from '../protocol/flag.ts';
import type { Client } from './client.ts';
import { openRecordStream } from './record-stream.ts';
import { findTop, nodeOf } from './tree.ts';

/** What may go along with a flag that is raised; what is absent stays as it was, or is usual. */
export interface RaiseOptions {
  /** `warning` when it is raised first. */
  readonly priority?: FlagPriority | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly message?: string | undefined;
  /** Only a person lowers it: {@link FlagClient.lower} of a program marks it as cleared. */
  readonly isManual?: boolean | undefined;
  /** The node whose flag it is; the program's own when absent. */
  readonly node?: string | undefined;
}

export interface LowerOptions {
  /** A person lowers it: also one that waits for that. */
  readonly isByHand?: boolean | undefined;
  readonly node?: string | undefined;
}

/** Which flags are listed: of that priority or more, with that tag. All without any. */
export interface FlagFilter {
  readonly priority?: FlagPriority | undefined;
  readonly tag?: string | undefined;
}

/** What became of a flag, and the flag as it is now; null when it is not up. */
export interface FlagAnswer {
  readonly node: string;
  readonly change: FlagChange;
  readonly flag: FlagRecord | null;
}

/** The flags of the tree, and how many are missing, because some node had no room for them. */
export interface FlagList {
  readonly flags: readonly ListedFlag[];
  readonly omitted: number;
  /** The node that was asked as the top, when its parent is away: only what is below it is seen. */
  readonly cutOffAt?: string | undefined;
}

const CHANGES = ['raised', 'changed', 'renewed', 'cleared', 'lowered', 'none'];

function parseAnswer(value: unknown): FlagAnswer | undefined {
  const { node, change, flag } = (value ?? {}) as Readonly<Record<keyof FlagAnswer, unknown>>;
  const known = flag === null ? null : parseFlag(flag);
  if (typeof node !== 'string' || known === undefined) return undefined;
  return CHANGES.includes(change as string)
    ? { node, change: change as FlagChange, flag: known }
    : undefined;
}

export class FlagClient {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async #ask(node: string | undefined, method: string, args: readonly unknown[]) {
    const to = `${node ?? this.#client.node}:`;
    const answer = parseAnswer(await this.#client.call(to, method, args));
    if (answer !== undefined) return answer;
    throw new DagentError('E_NOT_UNDERSTOOD', { service: to, command: method });
  }

  /**
   * Raises a flag; raised again it is the same one, and counts. It is on disk when this settles.
   * Throws E_TOO_MANY_FLAGS, E_CANNOT_WRITE, E_ARGUMENT_INVALID.
   */
  raise(
    service: string,
    section: string,
    flag: string,
    { node, ...wish }: RaiseOptions = {},
  ): Promise<FlagAnswer> {
    return this.#ask(node, 'flag.raise', [service, section, flag, wish]);
  }

  /** Lowers a flag; one that is not up is no error. Throws as {@link raise}. */
  lower(
    service: string,
    section: string,
    flag: string,
    { node, ...wish }: LowerOptions = {},
  ): Promise<FlagAnswer> {
    return this.#ask(node, 'flag.lower', [service, section, flag, wish]);
  }

  /** The flags of all nodes, as the top of the tree knows them. */
  async list(filter: FlagFilter = {}): Promise<FlagList> {
    return this.#list(await findTop(this.#client), filter);
  }

  /** The flags of one node, as it knows them itself. */
  async listOf(node: string): Promise<readonly ListedFlag[]> {
    const { flags } = await this.#list(`${node}:`, {});
    return flags.filter((flag) => flag.node === node);
  }

  async #list(to: string, filter: FlagFilter): Promise<FlagList> {
    const flags: ListedFlag[] = [];
    const call = { method: 'flag.list', args: [filter] };
    const stream = openRecordStream(this.#client, to, call, {
      onRecord: (record) => {
        const flag = parseListedFlag(record);
        if (flag !== undefined) flags.push(flag);
      },
      drained: () => undefined,
    });
    const answer = ((await stream.over) ?? {}) as Readonly<Record<string, unknown>>;
    const { count, omitted, isCutOff } = answer;
    // A flag that is left out is one that nobody sees: then none of the answer is believed.
    if (count !== flags.length || typeof omitted !== 'number') {
      throw new DagentError('E_NOT_UNDERSTOOD', { service: to, command: 'flag.list' });
    }
    return { flags, omitted, ...(isCutOff === true && { cutOffAt: nodeOf(to) }) };
  }
}
