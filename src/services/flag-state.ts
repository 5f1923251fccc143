/**
 * The flags of one node as a state machine: what is raised and lowered, and when it stays up.
 *
 * A flag is up from its first `raise` on. Raised again it is the same flag: it counts, and its time
 * is renewed. `lower` takes it down; but one that was raised to be lowered by a person only is
 * `cleared` by a program, and waits: what was wrong for a moment is not overlooked.
 */
import { DagentError } from '../protocol/errors.ts';
import {
  FLAG_PRIORITY_DEFAULT,
  type FlagChange,
  type FlagKey,
  type FlagPriority,
  type FlagRecord,
  formatFlagKey,
  isOwnFlag,
} from '../protocol/flag.ts';
import { FLAGS_PER_NODE_MAX } from '../protocol/limits.ts';

/** Flags that are up, by their names. Never changed: a step makes another one. */
export interface FlagSet {
  readonly revision: number;
  readonly flags: ReadonlyMap<string, FlagRecord>;
}

/** What may be said of a flag that is raised; what is absent stays as it is. */
export interface FlagWish {
  readonly priority?: FlagPriority | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly message?: string | undefined;
  /** Only a person lowers it. What was raised so once stays so. */
  readonly isManual?: boolean | undefined;
}

export type FlagInput =
  | {
      readonly kind: 'raise';
      readonly key: FlagKey;
      readonly wish: FlagWish;
      /** `node:service` of who raises it. */
      readonly by: string;
    }
  /** `isByHand`: a person lowers it. */
  | { readonly kind: 'lower'; readonly key: FlagKey; readonly isByHand: boolean };

export interface FlagOutcome {
  readonly set: FlagSet;
  readonly change: FlagChange;
  /** The flag as it is now, or was; undefined when there is none. */
  readonly flag: FlagRecord | undefined;
}

export const NO_FLAGS: FlagSet = { revision: 0, flags: new Map() };

/** The set with another flag in the place of a name; undefined takes it out. */
function replace(set: FlagSet, name: string, flag: FlagRecord | undefined, nowMs: number): FlagSet {
  const flags = new Map(set.flags);
  if (flag === undefined) flags.delete(name);
  else flags.set(name, flag);
  // By the clock, so that it grows on also where the file of a former run was lost.
  return { revision: Math.max(set.revision + 1, nowMs), flags };
}

/** Flags of programs: the daemon always has room for its own. */
function countOthers({ flags }: FlagSet): number {
  let count = 0;
  for (const flag of flags.values()) if (!isOwnFlag(flag)) count++;
  return count;
}

function raise(
  set: FlagSet,
  { key, wish, by }: Extract<FlagInput, { kind: 'raise' }>,
  nowMs: number,
): FlagOutcome | DagentError {
  const name = formatFlagKey(key);
  const known = set.flags.get(name);
  if (known === undefined && !isOwnFlag(key) && countOthers(set) >= FLAGS_PER_NODE_MAX) {
    return new DagentError('E_TOO_MANY_FLAGS', { flag: name, max: FLAGS_PER_NODE_MAX });
  }
  const flag: FlagRecord = {
    ...key,
    state: 'raised',
    priority: wish.priority ?? known?.priority ?? FLAG_PRIORITY_DEFAULT,
    tags: wish.tags ?? known?.tags ?? [],
    message: wish.message ?? known?.message ?? '',
    isManual: wish.isManual === true || known?.isManual === true,
    count: (known?.count ?? 0) + 1,
    firstAtMs: known?.firstAtMs ?? nowMs,
    lastAtMs: nowMs,
    by,
  };
  const next = replace(set, name, flag, nowMs);
  if (known?.state !== 'raised') return { set: next, change: 'raised', flag };
  const change = known.priority === flag.priority ? 'renewed' : 'changed';
  return { set: next, change, flag };
}

function lower(
  set: FlagSet,
  { key, isByHand }: Extract<FlagInput, { kind: 'lower' }>,
  nowMs: number,
): FlagOutcome {
  const name = formatFlagKey(key);
  const flag = set.flags.get(name);
  if (flag === undefined) return { set, change: 'none', flag };
  if (!flag.isManual || isByHand) {
    return { set: replace(set, name, undefined, nowMs), change: 'lowered', flag };
  }
  if (flag.state === 'cleared') return { set, change: 'cleared', flag };
  const cleared: FlagRecord = { ...flag, state: 'cleared' };
  return { set: replace(set, name, cleared, nowMs), change: 'cleared', flag: cleared };
}

/** One step at `nowMs` since the epoch; an error changes nothing. */
export function step(set: FlagSet, input: FlagInput, nowMs: number): FlagOutcome | DagentError {
  return input.kind === 'raise' ? raise(set, input, nowMs) : lower(set, input, nowMs);
}
