/**
 * Flags: conditions of a node that people should know of, until they are over. A flag is named by
 * the service that raises it, a section of that, and a word.
 */
import { BUILTIN_SERVICE, isNodeName } from './address.ts';
import {
  FLAG_MESSAGE_BYTES_MAX,
  FLAG_TAGS_MAX,
  FLAGS_OWN_MAX,
  FLAGS_PER_NODE_MAX,
} from './limits.ts';
import type { NodeState } from './status.ts';

/** From the least to the most urgent. */
export const FLAG_PRIORITIES = ['info', 'warning', 'error', 'critical'] as const;
export type FlagPriority = (typeof FLAG_PRIORITIES)[number];
export const FLAG_PRIORITY_DEFAULT: FlagPriority = 'warning';

export interface FlagKey {
  readonly service: string;
  readonly section: string;
  readonly flag: string;
}

/** `cleared`: what raised it says that it is over; it waits for a person to lower it. */
export type FlagState = 'raised' | 'cleared';

/** A flag that is up. */
export interface FlagRecord extends FlagKey {
  readonly state: FlagState;
  readonly priority: FlagPriority;
  readonly tags: readonly string[];
  readonly message: string;
  /** Only a person lowers it. */
  readonly isManual: boolean;
  /** How often it was raised since it is up. */
  readonly count: number;
  /** When it was raised first and last since it is up, milliseconds since the epoch. */
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  /** `node:service` of who raised it last. */
  readonly by: string;
}

/** All flags of a node, as it or its parent tells of them. */
export interface NodeFlags {
  readonly node: string;
  /** Grows with every change: the newer word wins, also after a restart. */
  readonly revision: number;
  readonly flags: readonly FlagRecord[];
  /** Those that somebody on the way had no room for. */
  readonly omitted: number;
}

/** What became of a flag. `renewed`: it was up already. `none`: it was not up. */
export type FlagChange = 'raised' | 'changed' | 'renewed' | 'cleared' | 'lowered' | 'none';

/** A flag of a node, in a list of those of many. */
export interface ListedFlag extends FlagRecord {
  readonly node: string;
  /** Of the node: flags of one that is lost are those that it had. */
  readonly nodeState: NodeState;
}

/** The flags of a node in few words. */
export interface FlagSummary {
  readonly count: number;
  readonly worst: FlagPriority;
}

export function isFlagPriority(value: unknown): value is FlagPriority {
  return FLAG_PRIORITIES.includes(value as FlagPriority);
}

/** 0 for the least urgent. */
export function rankOf(priority: FlagPriority): number {
  return FLAG_PRIORITIES.indexOf(priority);
}

/** Whether a part of a flag's name, or a tag, can be so called: as a node. */
export function isFlagWord(value: unknown): value is string {
  return typeof value === 'string' && isNodeName(value);
}

/** `orders/db/unreachable`. */
export function formatFlagKey({ service, section, flag }: FlagKey): string {
  return `${service}/${section}/${flag}`;
}

/** Whether a flag is one of the daemon's own. */
export function isOwnFlag({ service }: FlagKey): boolean {
  return service === BUILTIN_SERVICE;
}

/** The most urgent first; those of one priority in the order of their names. */
export function sortFlags<Flag extends FlagRecord>(flags: Iterable<Flag>): Flag[] {
  const all = Array.from(flags, (flag) => ({ flag, key: formatFlagKey(flag) }));
  all.sort((a, b) => rankOf(b.flag.priority) - rankOf(a.flag.priority) || (a.key < b.key ? -1 : 1));
  return all.map(({ flag }) => flag);
}

/** How many, and the most urgent of them; undefined when there are none. */
export function summarizeFlags({ flags, omitted }: NodeFlags): FlagSummary | undefined {
  if (flags.length === 0) return undefined;
  const worst = Math.max(...flags.map(({ priority }) => rankOf(priority)));
  return { count: flags.length + omitted, worst: FLAG_PRIORITIES[worst] ?? 'critical' };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Whether a value can be the message of a flag. */
export function isFlagMessage(value: unknown): value is string {
  return typeof value === 'string' && Buffer.byteLength(value) <= FLAG_MESSAGE_BYTES_MAX;
}

/** Whether a value can be the tags of a flag. */
export function isFlagTags(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= FLAG_TAGS_MAX && value.every(isFlagWord);
}

/** Address of a program, which is no more than two names and a colon. */
const BY = /^[\w.-]{1,63}:~?[\w.-]{1,63}$/;

function isFlagState(value: unknown): value is FlagState {
  return value === 'raised' || value === 'cleared';
}

/** The flag in a decoded value, or undefined when it is none. */
export function parseFlag(value: unknown): FlagRecord | undefined {
  const fields = (value ?? {}) as Readonly<Record<keyof FlagRecord, unknown>>;
  const { service, section, flag, state, priority, tags, message, isManual, by } = fields;
  const { count, firstAtMs, lastAtMs } = fields;
  if (!isFlagWord(service) || !isFlagWord(section) || !isFlagWord(flag)) return undefined;
  if (!isFlagState(state) || !isFlagPriority(priority)) return undefined;
  if (!isFlagTags(tags) || !isFlagMessage(message) || typeof isManual !== 'boolean') {
    return undefined;
  }
  if (typeof by !== 'string' || !BY.test(by) || !isCount(count)) return undefined;
  if (!isCount(firstAtMs) || !isCount(lastAtMs)) return undefined;
  const [key, what] = [
    { service, section, flag },
    { state, priority, tags, message, isManual },
  ];
  return { ...key, ...what, count, firstAtMs, lastAtMs, by };
}

/** Flags in a decoded value, or undefined when one of them is none, or there are too many. */
export function parseFlags(value: unknown): readonly FlagRecord[] | undefined {
  if (!Array.isArray(value) || value.length > FLAGS_PER_NODE_MAX + FLAGS_OWN_MAX) return undefined;
  const flags = value.map(parseFlag).filter((each) => each !== undefined);
  return flags.length === value.length ? flags : undefined;
}

/** What is told of a node's flags, or undefined when it makes no sense. */
export function parseNodeFlags(value: unknown): NodeFlags | undefined {
  const fields = (value ?? {}) as Readonly<Record<keyof NodeFlags, unknown>>;
  const { node, revision, omitted } = fields;
  const flags = parseFlags(fields.flags);
  if (!isFlagWord(node) || flags === undefined || !isCount(revision)) return undefined;
  return isCount(omitted) ? { node, revision, flags, omitted } : undefined;
}

/** A summary in a decoded value, or undefined when it is none. */
export function parseFlagSummary(value: unknown): FlagSummary | undefined {
  const { count, worst } = (value ?? {}) as Readonly<Record<keyof FlagSummary, unknown>>;
  return isCount(count) && isFlagPriority(worst) ? { count, worst } : undefined;
}

/** A flag in a list, or undefined when it is none. */
export function parseListedFlag(value: unknown): ListedFlag | undefined {
  const { node, nodeState } = (value ?? {}) as Readonly<Record<keyof ListedFlag, unknown>>;
  const flag = parseFlag(value);
  if (flag === undefined || !isFlagWord(node)) return undefined;
  if (nodeState !== 'up' && nodeState !== 'lost') return undefined;
  return { node, nodeState, ...flag };
}
