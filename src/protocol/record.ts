/**
 * What the tree knows of a node. It travels with its adverts, and is checked like all that comes
 * in.
 */
import { isNodeName, isServiceName, type NodeKey, nodeKeyOf } from './address.ts';
import { SERVICES_PER_LINK_MAX } from './limits.ts';

export const ROLES = ['root', 'agent', 'leaf'] as const;
export type Role = (typeof ROLES)[number];

export interface NodeRecord {
  readonly name: string;
  /**
   * Stable identity, 16 hexadecimal digits. Two nodes with one name and two ids are a collision.
   */
  readonly id: string;
  readonly role: Role;
  /** Name of the parent, or null at the top. */
  readonly parent: string | null;
  readonly services: readonly string[];
  /** Start of this run, milliseconds since the epoch: a restarted node replaces its former self. */
  readonly incarnation: number;
  /** Raised by the node whenever it joins a parent: the newer way to it wins (RFC 8966, 2.4). */
  readonly seqno: number;
  /** Version of the product, for people. */
  readonly version: string;
}

/** The word of one neighbour about one node. */
export interface Advert {
  readonly record: NodeRecord;
  /** Hops from that neighbour to the node. */
  readonly metric: number;
  /** Whether the way there broke since the last word: what was under way may be lost. */
  readonly isAnew?: boolean;
}

/** Whether `id` can be a node's: 16 hexadecimal digits. */
export function isNodeId(id: string): boolean {
  return /^[0-9a-f]{16}$/.test(id);
}

export function isRole(value: unknown): value is Role {
  return ROLES.includes(value as Role);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The record in a decoded value, or undefined when it is not one. */
export function parseRecord(value: unknown): NodeRecord | undefined {
  const record = (value ?? {}) as Record<keyof NodeRecord, unknown>;
  const { name, id, role, parent, services, incarnation, seqno, version } = record;
  if (typeof name !== 'string' || !isNodeName(name)) return undefined;
  if (typeof id !== 'string' || !isNodeId(id)) return undefined;
  if (!isRole(role) || !isCount(incarnation) || !isCount(seqno)) return undefined;
  if (parent !== null && (typeof parent !== 'string' || !isNodeName(parent))) return undefined;
  if (!Array.isArray(services) || services.length > SERVICES_PER_LINK_MAX) return undefined;
  if (!services.every((each) => typeof each === 'string' && isServiceName(each))) return undefined;
  if (typeof version !== 'string' || version.length > 64) return undefined;
  return { name, id, role, parent, services, incarnation, seqno, version };
}

/** The advert in a decoded value, or undefined when it is not one. */
export function parseAdvert(value: unknown): Advert | undefined {
  const { record, metric, isAnew } = (value ?? {}) as Record<keyof Advert, unknown>;
  const parsed = parseRecord(record);
  if (parsed === undefined || !isCount(metric)) return undefined;
  return isAnew === true ? { record: parsed, metric, isAnew } : { record: parsed, metric };
}

/** Key of a record's node. */
export function keyOf(record: NodeRecord): NodeKey {
  return nodeKeyOf(record.name);
}
