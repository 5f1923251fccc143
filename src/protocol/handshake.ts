/**
 * The messages that open a link. The side that dialled sends the magic and HELLO; the other answers
 * WELCOME or REFUSE. Each is the head of one frame; fields that a side does not know are ignored.
 */
import { isNodeName } from './address.ts';
import { HOLD_MS_DEFAULT, HOLD_MS_MIN } from './limits.ts';
import { type NodeRecord, parseRecord } from './record.ts';

/** Versions of the protocol that this code speaks. */
export const VERSION_MIN = 1;
export const VERSION_MAX = 1;
export const VERSIONS: VersionRange = { versionMin: VERSION_MIN, versionMax: VERSION_MAX };

/** A node that wants to be a child, or a peer. */
export interface NodeHello {
  readonly as: 'child' | 'peer';
  readonly realm: string | null;
  readonly record: NodeRecord;
}

/** Who dials: a child node, a peer, or a program on this host that uses the client library. */
export type Hello = {
  readonly versionMin: number;
  readonly versionMax: number;
  readonly holdMs: number;
} & (NodeHello | { readonly as: 'client' });

export interface Welcome {
  readonly version: number;
  /** Null while an agent that has not reached its own parent does not know it. */
  readonly realm: string | null;
  readonly record: NodeRecord;
  /** Hops from this node to the top of its tree. */
  readonly depth: number;
  /** Name of the top, as far as a way leads there; null while this node is cut off from it. */
  readonly top: string | null;
  /** What both sides will use: the smaller of the two offers. */
  readonly holdMs: number;
  /** For a client: its unnamed service, and the seed of its ids. */
  readonly endpoint: string;
  readonly seed: number;
}

function isUint32(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffff_ffff;
}

/** Versions that a side speaks, from the lowest to the highest. */
export interface VersionRange {
  readonly versionMin: number;
  readonly versionMax: number;
}

/** The highest version that both sides speak; undefined when there is none. */
export function chooseVersion(here: VersionRange, there: VersionRange): number | undefined {
  const version = Math.min(here.versionMax, there.versionMax);
  return version >= Math.max(here.versionMin, there.versionMin) ? version : undefined;
}

/** A hold time that both sides can live with. */
export function chooseHoldMs(here: number, there: number): number {
  return Math.max(HOLD_MS_MIN, Math.min(here, there));
}

/** The HELLO in a head, or undefined when it is not one. */
export function parseHello(head: Readonly<Record<string, unknown>>): Hello | undefined {
  const { versionMin, versionMax, as, realm } = head;
  if (!isUint32(versionMin) || !isUint32(versionMax)) return undefined;
  const holdMs = isUint32(head.holdMs) ? head.holdMs : HOLD_MS_DEFAULT;
  if (as === 'client') return { versionMin, versionMax, holdMs, as };
  const record = parseRecord(head.record);
  if ((as !== 'child' && as !== 'peer') || record === undefined) return undefined;
  return {
    versionMin,
    versionMax,
    holdMs,
    as,
    realm: typeof realm === 'string' ? realm : null,
    record,
  };
}

/** The top that a parent names: who says nothing of it is taken to have a way there. */
export function parseTop(top: unknown, parent: NodeRecord): string | null {
  if (typeof top === 'string' && isNodeName(top)) return top;
  return top === null ? null : parent.name;
}

/** The WELCOME in a head, or undefined when it is not one. */
export function parseWelcome(head: Readonly<Record<string, unknown>>): Welcome | undefined {
  const { version, realm, depth, holdMs, endpoint, seed } = head;
  const record = parseRecord(head.record);
  if (record === undefined || !isUint32(version) || !isUint32(depth)) return undefined;
  if (realm !== null && (typeof realm !== 'string' || !isNodeName(realm))) return undefined;
  if (!isUint32(holdMs) || !isUint32(seed) || typeof endpoint !== 'string') return undefined;
  const top = parseTop(head.top, record);
  return { version, realm, record, depth, top, holdMs, endpoint, seed };
}
