/**
 * The hub as methods of a node's own service. The hub of a tree is that of its top: commands go
 * there. A dialect asks it by the same methods.
 */
import type { CallContext, Method } from '../endpoint/methods.ts';
import { DagentError } from '../protocol/errors.ts';
import type { HubLease, HubRecord, HubReservation } from '../protocol/hub.ts';
import { HUB_PAGE_COUNT } from '../protocol/limits.ts';
import { findEntry } from './hub.ts';
import {
  invalid,
  readCount,
  readFilter,
  readKey,
  readLeaseId,
  readLeaseMs,
  readPlace,
  readRequest,
  readStatus,
} from './hub-args.ts';
import type { HubDriver } from './hub-driver.ts';
import { type Hub, type HubEntry, statusOf } from './hub-state.ts';

/** Ids in one answer about leases: with those of the last one it fits a message. */
const LEASED_IDS_MAX = 50_000;

export interface HubComponents {
  /** The hub; its store is opened first. Throws why it cannot be. */
  open(): Promise<HubDriver>;
  /** Whether a node of the tree is there. */
  isUp(node: string): boolean;
}

function toRecord(entry: HubEntry): HubRecord {
  const { id, address, port, leased } = entry;
  return { id, address, port, status: statusOf(entry), leased };
}

function listEntries(hub: Hub, filter: unknown, after: number): readonly HubRecord[] {
  const isWanted = readFilter(filter);
  const records: HubRecord[] = [];
  for (const entry of hub.entries.values()) {
    if (entry.id <= after || !isWanted(entry)) continue;
    records.push(toRecord(entry));
    if (records.length === HUB_PAGE_COUNT) break;
  }
  return records;
}

function listLeases(hub: Hub, after: string): readonly HubLease[] {
  const behind = [...hub.leases.keys()].filter((id) => id > after).sort();
  const told: HubLease[] = [];
  let count = 0;
  for (const lease of behind.slice(0, HUB_PAGE_COUNT)) {
    if (count > LEASED_IDS_MAX) break;
    const { holder, places, expiresAtMs } = hub.leases.get(lease)!;
    told.push({ lease, holder, expiresAtMs, ids: places.map(({ id }) => id) });
    count += places.length;
  }
  return told;
}

function getEntry(hub: Hub, key: unknown): HubRecord {
  const wanted = readKey(key, 'get');
  const entry = findEntry(hub, wanted);
  if (entry !== undefined) return toRecord(entry);
  const what = typeof wanted === 'number' ? `node ${wanted}` : wanted;
  throw new DagentError('E_HUB_UNKNOWN', { what });
}

async function request(
  driver: HubDriver,
  wish: unknown,
  { from }: CallContext,
): Promise<HubReservation> {
  const granted = await driver.ask({ kind: 'request', ...readRequest(wish), holder: from });
  if (typeof granted === 'number') throw invalid('request', 'it has no grant');
  const { ids, ...lease } = granted;
  const entries = ids.map((id) => driver.hub.entries.get(id)).filter((it) => it !== undefined);
  return { ...lease, nodes: entries.map(toRecord) };
}

/** Methods that change who is in the hub. */
function createEntryMethods({ open, isUp }: HubComponents): Record<string, Method> {
  return {
    'hub.register': {
      doc: 'Adds a program (address, port) or a node (address, port 0); returns its id.',
      args: ['{address, port, status}'],
      run: async ([argument]) => {
        const place = readPlace(argument);
        const free = readStatus((argument as { status?: unknown }).status ?? 0, 'register');
        return (await open()).ask({ kind: 'register', place, free, isUp: isUp(place.address) });
      },
    },
    'hub.deregister': {
      doc: 'Takes out an entry, by its id or its place.',
      args: ['id'],
      run: async ([key]) =>
        (await open()).ask({ kind: 'deregister', key: readKey(key, 'deregister') }),
    },
    'hub.set': {
      doc: 'Says how many connections an entry can still take: 0 none, -1 zombie.',
      args: ['id', 'status'],
      run: async ([id, status]) => {
        const key = readKey(id, 'set');
        return (await open()).ask({ kind: 'set', key, free: readStatus(status, 'set') });
      },
    },
    'hub.decrease': {
      doc: 'Takes so many connections of an entry, down to 0; returns the status.',
      args: ['id', 'count'],
      run: async ([id, count]) => {
        const key = readKey(id, 'decrease');
        const by = readCount(count ?? 1, 'decrease');
        return (await open()).ask({ kind: 'decrease', key, count: by });
      },
    },
  };
}

/** Methods that reserve places, and give them back. */
function createLeaseMethods({ open }: HubComponents): Record<string, Method> {
  return {
    'hub.request': {
      doc: 'Reserves a place at up to N available entries, drawn by chance, for a while.',
      args: ['{count, among, isExact, leaseMs}'],
      run: async ([wish], context) => request(await open(), wish, context),
    },
    'hub.renew': {
      doc: 'Lets a lease begin anew; returns when it expires.',
      args: ['lease', 'ms'],
      run: async ([lease, ms]) => {
        const leaseMs = readLeaseMs(ms, 'renew');
        return (await open()).ask({ kind: 'renew', lease: readLeaseId(lease, 'renew'), leaseMs });
      },
    },
    'hub.release': {
      doc: 'Gives the places of a lease back; returns how many it held.',
      args: ['lease'],
      run: async ([lease]) =>
        (await open()).ask({ kind: 'release', lease: readLeaseId(lease, 'release') }),
    },
    'hub.leases': {
      doc: 'Leases behind one, in their order, as many as fit.',
      args: ['after'],
      run: async ([after]) => listLeases((await open()).hub, String(after ?? '')),
    },
  };
}

/** The methods of a hub. */
export function createHubMethods(components: HubComponents): Record<string, Method> {
  const { open } = components;
  return {
    'hub.list': {
      doc: 'Entries behind an id, in their order, up to a thousand.',
      args: ['{status, isAvailable, isIdle, address, port}', 'after'],
      run: async ([filter, after]) =>
        listEntries((await open()).hub, filter, after === undefined ? 0 : Number(after)),
    },
    'hub.get': {
      doc: 'One entry, by its id or its place.',
      args: ['id'],
      run: async ([key]) => getEntry((await open()).hub, key),
    },
    ...createEntryMethods(components),
    ...createLeaseMethods(components),
  };
}
