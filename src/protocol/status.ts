/** What `dagent tree` and `dagent top` show of a node, and how watchers hear of changes. */
import { isNodeName } from './address.ts';
import type { HostSample } from './figures.ts';
import { type FlagSummary, parseFlagSummary } from './flag.ts';
import { isRole, parseLabels, type Role } from './record.ts';
import type { Unmatched } from './select.ts';

export type NodeState = 'up' | 'lost';

export interface NodeStatus {
  readonly name: string;
  readonly id: string;
  readonly role: Role;
  readonly parent: string | null;
  readonly state: NodeState;
  readonly services: readonly string[];
  /** What its operator says of it: `site=oslo`. */
  readonly labels: Readonly<Record<string, string>>;
  readonly version: string;
  /** Start of this run of the daemon, milliseconds since the epoch. */
  readonly startedAtMs: number;
  /** Round trip to the parent, or null when not measured (the top; a fresh link). */
  readonly rttMs: number | null;
  /** The host's figures, or null while none has come. */
  readonly sample: HostSample | null;
  /** Its flags in few words; absent when none is up. */
  readonly flags?: FlagSummary;
}

/** One record of a watch: the whole at first, then what changed. */
export type WatchRecord =
  | {
      readonly type: 'snapshot';
      readonly realm: string;
      readonly nodes: readonly NodeStatus[];
      /** The node that is watched has no way up now. */
      readonly isCutOff?: true;
    }
  | WatchChange;

export type WatchChange =
  | { readonly type: 'node'; readonly node: NodeStatus }
  | { readonly type: 'gone'; readonly name: string };

/** The channel on which records come. */
export const STATUS_CHANNEL = 1;

/** One record of `tree.nodes`: a node, or a name that was asked for and that no node has. */
export type ListedRecord =
  | { readonly type: 'node'; readonly node: NodeStatus }
  | { readonly type: 'unknown'; readonly name: string };

/** The value of `tree.nodes`, after its records. */
export interface TreeAnswer {
  readonly realm: string | null;
  /** How many records went before. */
  readonly count: number;
  readonly unmatched: readonly Unmatched[];
  /** The node has no way up now: what is not below it is missing. Absent when it is not so. */
  readonly isCutOff?: true;
}

function parseCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/**
 * The status in a decoded value, or undefined when it is not one. Figures do not travel in it: see
 * watch.ts.
 */
export function parseNodeStatus(value: unknown): NodeStatus | undefined {
  const status = (value ?? {}) as Record<keyof NodeStatus, unknown>;
  const { name, id, role, parent, state, services, labels, version, startedAtMs } = status;
  if (typeof name !== 'string' || !isNodeName(name) || typeof id !== 'string') return undefined;
  if (!isRole(role) || (state !== 'up' && state !== 'lost')) return undefined;
  if (parent !== null && typeof parent !== 'string') return undefined;
  if (!Array.isArray(services) || !services.every((each) => typeof each === 'string')) {
    return undefined;
  }
  const started = parseCount(startedAtMs);
  const known = parseLabels(labels);
  if (typeof version !== 'string' || started === undefined || known === undefined) return undefined;
  const rttMs = parseCount(status.rttMs) ?? null;
  const flags = parseFlagSummary(status.flags);
  const told = { id, role, parent, services, labels: known, version, startedAtMs: started };
  const node: NodeStatus = { name, ...told, state, rttMs, sample: null };
  return flags === undefined ? node : { ...node, flags };
}

/** The map in a line of JSON; an empty one when it has none. */
export function parseMap(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** The record in a line of `tree.nodes`, or undefined when it is none. */
export function parseListedRecord(line: string): ListedRecord | undefined {
  const { type, node, name } = parseMap(line);
  if (type === 'unknown' && typeof name === 'string' && isNodeName(name)) return { type, name };
  const status = type === 'node' ? parseNodeStatus(node) : undefined;
  return status === undefined ? undefined : { type: 'node', node: status };
}

function parseTexts(value: unknown): readonly string[] | undefined {
  const isList = Array.isArray(value) && value.every((each) => typeof each === 'string');
  return isList ? (value as string[]) : undefined;
}

function parseUnmatched(value: unknown): Unmatched | undefined {
  const { part, similar } = (value ?? {}) as Record<keyof Unmatched, unknown>;
  const words = parseTexts(similar);
  return typeof part === 'string' && words !== undefined ? { part, similar: words } : undefined;
}

/** The value of `tree.nodes`, or undefined when it is none. */
export function parseTreeAnswer(value: unknown): TreeAnswer | undefined {
  const { realm, count, unmatched, isCutOff } = (value ?? {}) as Record<keyof TreeAnswer, unknown>;
  const records = parseCount(count);
  if (records === undefined || !Array.isArray(unmatched)) return undefined;
  return {
    realm: typeof realm === 'string' ? realm : null,
    count: records,
    unmatched: unmatched.map(parseUnmatched).filter((each) => each !== undefined),
    ...(isCutOff === true ? { isCutOff } : {}),
  };
}
