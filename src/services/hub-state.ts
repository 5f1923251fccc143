/**
 * What a hub knows: entries with the places that are free at each, and leases of such places. It is
 * restored from records, one for each entry and each lease.
 */
import { createRandom, type Random } from '../base/random.ts';
import type { RecordRange, RecordWrite, StoredRecord } from '../base/records.ts';
import { rangeOf } from '../base/records.ts';
import { formatPlace, type HubPlace } from '../protocol/hub.ts';
import { pack, unpackMap } from '../protocol/pack.ts';

/** Who is in the hub. */
export interface HubEntry extends HubPlace {
  /** From 1 on, given once. 0 is the hub itself. */
  readonly id: number;
  /** Places that are free: 0 not available, -1 when it said itself that it is a zombie. */
  free: number;
  /** How often it was set. A lease from before counts no more: who sets it knows what is taken. */
  epoch: number;
  /** Places that leases of this epoch hold. */
  leased: number;
  /** A node that is not there: a zombie, whatever is free. */
  isLost: boolean;
}

/** A place that a lease holds. */
export interface HeldPlace {
  readonly id: number;
  readonly epoch: number;
}

export interface HubLease {
  readonly id: string;
  /** `node:service` of who has it. */
  readonly holder: string;
  readonly places: readonly HeldPlace[];
  expiresAtMs: number;
}

export interface Hub {
  readonly entries: Map<number, HubEntry>;
  readonly leases: Map<string, HubLease>;
  /** Ids by place. */
  readonly places: Map<string, number>;
  readonly random: Random;
  nextId: number;
  /** When the first lease expires; infinity without any. */
  nextExpiryMs: number;
}

const ENTRY = 'entry/';
const LEASE = 'lease/';
const NEXT_ID = 'next';
/** Digits of an id in a key, so that keys are in the order of ids. */
const ID_DIGITS = 12;

/** What SmartGet calls the status: free places, 0 not available, -1 zombie. */
export function statusOf({ free, isLost }: HubEntry): number {
  return isLost ? -1 : free;
}

/** A hub with nobody in it. */
function createHub(seed: number): Hub {
  return {
    entries: new Map(),
    leases: new Map(),
    places: new Map(),
    random: createRandom(seed),
    nextId: 1,
    nextExpiryMs: Number.POSITIVE_INFINITY,
  };
}

function entryKey(id: number): string {
  return ENTRY + String(id).padStart(ID_DIGITS, '0');
}

export function putEntry({ id, address, port, free, epoch }: HubEntry): RecordWrite {
  return { kind: 'put', key: entryKey(id), value: pack({ id, address, port, free, epoch }) };
}

export function putNextId({ nextId }: Hub): RecordWrite {
  return { kind: 'put', key: NEXT_ID, value: pack({ id: nextId }) };
}

export function removeEntry({ id }: HubEntry): RecordWrite {
  return { kind: 'remove', key: entryKey(id) };
}

export function putLease({ id, holder, places, expiresAtMs }: HubLease): RecordWrite {
  const held = places.map((place) => [place.id, place.epoch]);
  return { kind: 'put', key: LEASE + id, value: pack({ id, holder, held, expiresAtMs }) };
}

export function removeLease(id: string): RecordWrite {
  return { kind: 'remove', key: LEASE + id };
}

function readEntry(value: Buffer): HubEntry | undefined {
  const { id, address, port, free, epoch } = unpackMap(value);
  const numbers = [id, port, free, epoch];
  if (typeof address !== 'string' || !numbers.every(Number.isSafeInteger)) return undefined;
  const figures = { id, port, free, epoch } as Record<'id' | 'port' | 'free' | 'epoch', number>;
  // Whether a node is there is seen when it is.
  return { ...figures, address, leased: 0, isLost: port === 0 };
}

function readLease(value: Buffer): HubLease | undefined {
  const { id, holder, held, expiresAtMs } = unpackMap(value);
  if (typeof id !== 'string' || typeof holder !== 'string' || !Array.isArray(held))
    return undefined;
  if (typeof expiresAtMs !== 'number') return undefined;
  const places = (held as [number, number][]).map(([of, epoch]) => ({ id: of, epoch }));
  return { id, holder, places, expiresAtMs };
}

/** Adds an entry to the tables. */
export function addEntry(hub: Hub, entry: HubEntry): void {
  hub.entries.set(entry.id, entry);
  hub.places.set(formatPlace(entry), entry.id);
  hub.nextId = Math.max(hub.nextId, entry.id + 1);
}

/** The entry of which a lease holds a place; undefined when it was set anew, or is gone. */
export function heldEntry(hub: Hub, { id, epoch }: HeldPlace): HubEntry | undefined {
  const entry = hub.entries.get(id);
  return entry?.epoch === epoch ? entry : undefined;
}

/** Adds a lease to the tables. */
export function addLease(hub: Hub, lease: HubLease): void {
  hub.leases.set(lease.id, lease);
  for (const place of lease.places) {
    const entry = heldEntry(hub, place);
    if (entry !== undefined) entry.leased++;
  }
  hub.nextExpiryMs = Math.min(hub.nextExpiryMs, lease.expiresAtMs);
}

/** What a hub is restored from. */
export interface HubRecords {
  readAll(range: Pick<RecordRange, 'from' | 'below'>): Iterable<StoredRecord>;
  /** Takes a record out of the way that makes no sense. */
  setAside(key: string, reason: string): void;
}

/** The hub of these records. Nodes of the tree count as lost until they are seen. */
export function restoreHub(records: HubRecords, seed: number): Hub {
  const hub = createHub(seed);
  for (const { key, value } of records.readAll(rangeOf(ENTRY))) {
    const entry = readEntry(value);
    if (entry === undefined) records.setAside(key, 'it is no entry of a hub');
    else addEntry(hub, entry);
  }
  for (const { key, value } of records.readAll(rangeOf(LEASE))) {
    const lease = readLease(value);
    if (lease === undefined) records.setAside(key, 'it is no lease of a hub');
    else addLease(hub, lease);
  }
  for (const { value } of records.readAll(rangeOf(NEXT_ID))) {
    // An id of who is gone is not given again.
    hub.nextId = Math.max(hub.nextId, Number(unpackMap(value).id) || 1);
  }
  return hub;
}
