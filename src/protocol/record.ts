/**
 * What the tree knows of a node. It travels with its adverts, and is checked like all that comes
 * in.
 */
import { isNodeName, isServiceName, type NodeKey, nodeKeyOf } from './address.ts';
import {
  LABEL_LENGTH_MAX,
  LABELS_MAX,
  SERVICES_PER_LINK_MAX,
  TOPIC_LENGTH_MAX,
  TOPICS_PER_NODE_MAX,
  URL_LENGTH_MAX,
  URLS_PER_NODE_MAX,
} from './limits.ts';

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
  /** The one with which it joined its parent: older words are from before it moved. */
  readonly joinedSeqno: number;
  /** Raised with every change of what follows or of the services: the newer word wins. */
  readonly revision: number;
  readonly realm: string | null;
  /** What the operator says of the node: `site=oslo`. */
  readonly labels: Readonly<Record<string, string>>;
  /** Where others can dial it. */
  readonly urls: readonly string[];
  /** Patterns of topics that its programs subscribed to. */
  readonly topics: readonly string[];
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
  /** Whether the way there leads over a link between peers: the node is not below the neighbour. */
  readonly isBeside?: boolean;
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

/** Most nodes have none of these: they share one. */
const NO_TEXTS: readonly string[] = Object.freeze([]);
const NO_LABELS: Readonly<Record<string, string>> = Object.freeze({});

/** The texts in a decoded value; undefined when it is no list of so many, and so long. */
function parseTexts(
  value: unknown,
  countMax: number,
  lengthMax: number,
): readonly string[] | undefined {
  if (value === undefined) return NO_TEXTS;
  if (!Array.isArray(value) || value.length > countMax) return undefined;
  if (value.length === 0) return NO_TEXTS;
  const isText = (each: unknown) => typeof each === 'string' && each.length <= lengthMax;
  return value.every(isText) ? value : undefined;
}

/** Whether a label can be so called: as a name. */
export function isLabelName(name: string): boolean {
  return isNodeName(name);
}

/** Whether a label can have this value: printable, without spaces at its ends. */
export function isLabelValue(value: string): boolean {
  return value.length <= LABEL_LENGTH_MAX && value.trim() === value && !/[\p{C}\p{Z}]/u.test(value);
}

/** The labels in a decoded value; undefined when they are none, or too many. */
export function parseLabels(value: unknown): Readonly<Record<string, string>> | undefined {
  if (value === undefined) return NO_LABELS;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  if (entries.length === 0) return NO_LABELS;
  if (entries.length > LABELS_MAX) return undefined;
  const isRight = ([name, text]: [string, unknown]) =>
    isLabelName(name) && typeof text === 'string' && isLabelValue(text);
  return entries.every(isRight) ? (value as Readonly<Record<string, string>>) : undefined;
}

type LaterField = 'joinedSeqno' | 'revision' | 'realm' | 'labels' | 'urls' | 'topics';

/** The fields that came later: an older version does not send them. */
function parseLaterFields(
  record: Record<string, unknown>,
): Pick<NodeRecord, LaterField> | undefined {
  const { revision = 0, joinedSeqno = 0, realm = null } = record;
  const labels = parseLabels(record.labels);
  const urls = parseTexts(record.urls, URLS_PER_NODE_MAX, URL_LENGTH_MAX);
  const topics = parseTexts(record.topics, TOPICS_PER_NODE_MAX, TOPIC_LENGTH_MAX);
  if (labels === undefined || urls === undefined || topics === undefined) return undefined;
  if (!isCount(revision) || !isCount(joinedSeqno)) return undefined;
  if (realm !== null && (typeof realm !== 'string' || !isNodeName(realm))) return undefined;
  return { joinedSeqno, revision, realm, labels, urls, topics };
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
  const later = parseLaterFields(record);
  if (later === undefined) return undefined;
  return { name, id, role, parent, services, incarnation, seqno, ...later, version };
}

/** The advert in a decoded value, or undefined when it is not one. */
export function parseAdvert(value: unknown): Advert | undefined {
  const { record, metric, isAnew, isBeside } = (value ?? {}) as Record<keyof Advert, unknown>;
  const parsed = parseRecord(record);
  if (parsed === undefined || !isCount(metric)) return undefined;
  const flags = {
    ...(isAnew === true ? { isAnew } : undefined),
    ...(isBeside === true ? { isBeside } : undefined),
  };
  return { record: parsed, metric, ...flags };
}

/** Key of a record's node. */
export function keyOf(record: NodeRecord): NodeKey {
  return nodeKeyOf(record.name);
}
