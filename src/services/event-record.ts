/** What happened, as those who follow it get it: lines of JSON. */
import type { Fields, FieldValue } from '../protocol/expression.ts';
import type { FlagPriority } from '../protocol/flag.ts';
import type { NodeRecord } from '../protocol/record.ts';

const EVENT_NAMES = [
  /** A node is known and reached: for the first time, or again. */
  'node-up',
  /** The way to it broke. */
  'node-lost',
  /** It said goodbye. */
  'node-left',
  /** It was lost so long ago that it is not shown any more. */
  'node-forgotten',
  'node-moved',
  'node-restarted',
  'node-changed',
  'service-up',
  'service-down',
  /** Links of the node that tells it. */
  'link-up',
  'link-down',
  'link-failed',
  'link-refused',
  'joined',
  'evicted',
  /** A flag is up: anew, or again after it was cleared. */
  'flag-raised',
  /** It is more, or less, urgent. */
  'flag-changed',
  /** It is over, and waits for a person to lower it. */
  'flag-cleared',
  'flag-lowered',
] as const;

export type EventName = (typeof EVENT_NAMES)[number];

/** What is known of it besides its name. Absent: does not apply. */
export interface EventFacts {
  /** The node that it is about. */
  readonly node: string;
  readonly parent?: string | null;
  /** For a move: where it was. */
  readonly from?: string | null;
  /** The other end of a link, and what it is to the node: parent, child, peer. */
  readonly peer?: string;
  readonly as?: string;
  readonly service?: string;
  readonly services?: readonly string[];
  /** What of its record changed. */
  readonly fields?: readonly string[];
  readonly url?: string;
  readonly code?: string;
  readonly reason?: string;
  readonly retryMs?: number;
  /** How often it was lost within FLAP_WINDOW_MS. */
  readonly flaps?: number;
  /** A flag by its whole name, and its priority; its message is the reason. */
  readonly flag?: string;
  readonly priority?: FlagPriority;
}

export interface EventRecord extends EventFacts {
  readonly type: 'event';
  /** Counts the events of the node that tells them, from its start. */
  readonly seq: number;
  /** By the clock of that node: RFC 3339. */
  readonly at: string;
  readonly event: EventName;
  /** The node that tells it. */
  readonly seenBy: string;
}

/** What an expression may ask of an event. */
export const EVENT_FIELDS: Fields = {
  event: EVENT_NAMES,
  node: 'text',
  parent: 'text',
  peer: 'text',
  service: 'text',
  code: 'text',
  url: 'text',
  flaps: 'number',
  flag: 'text',
  priority: 'text',
};

/** The value of a field of {@link EVENT_FIELDS}. */
export function lookAtEvent(record: EventRecord, field: string): FieldValue {
  switch (field) {
    case 'service':
      return record.service ?? record.services;
    case 'flaps':
      return record.flaps ?? 0;
    case 'event':
    case 'node':
    case 'peer':
    case 'code':
    case 'url':
    case 'flag':
    case 'priority':
      return record[field];
    case 'parent':
      return record.parent ?? undefined;
    default:
      return undefined;
  }
}

/** Something that happened, before it is told. */
export interface Happening extends EventFacts {
  readonly event: EventName;
}

/** Parts of a record that are neither its place nor its services. */
const OTHER_FIELDS = ['role', 'realm', 'labels', 'urls', 'topics', 'version'] as const;

/** What the newer word about a node says that the older did not. */
export function compareRecords(before: NodeRecord, after: NodeRecord): Happening[] {
  const { name: node, parent } = after;
  const happened: Happening[] = [];
  if (before.incarnation !== after.incarnation) happened.push({ event: 'node-restarted', node });
  if (before.parent !== parent) {
    happened.push({ event: 'node-moved', node, parent, from: before.parent });
  }
  const fields = OTHER_FIELDS.filter((field) => {
    // A node that has just come, or come again, does not know its realm yet: that is no change.
    if (field === 'realm' && (before.realm === null || after.realm === null)) return false;
    return JSON.stringify(before[field]) !== JSON.stringify(after[field]);
  });
  if (fields.length > 0) happened.push({ event: 'node-changed', node, fields });
  const [old, now] = [new Set(before.services), new Set(after.services)];
  for (const service of now) {
    if (!old.has(service)) happened.push({ event: 'service-up', node, service });
  }
  for (const service of old) {
    if (!now.has(service)) happened.push({ event: 'service-down', node, service });
  }
  return happened;
}
