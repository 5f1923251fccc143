/**
 * The hub: who is there, how many connections each can still take, and who has reserved some. One
 * step takes one input and says what to write and what to answer, so that reserving is one
 * indivisible thing whoever asks at the same time. What SmartGet asks of its hub is among it.
 *
 * Time is the wall clock's, because leases outlive the process.
 */
import { assertNever } from '../base/assert.ts';
import { nextRandom, nextUint32 } from '../base/random.ts';
import type { RecordWrite } from '../base/records.ts';
import { DagentError } from '../protocol/errors.ts';
import { formatPlace, type HubPlace } from '../protocol/hub.ts';
import { HUB_LEASES_MAX, HUB_NODES_MAX } from '../protocol/limits.ts';
import {
  addEntry,
  addLease,
  type Hub,
  type HubEntry,
  type HubLease,
  heldEntry,
  putEntry,
  putLease,
  putNextId,
  removeEntry,
  removeLease,
  statusOf,
} from './hub-state.ts';

/** Whom an input is about: its id, or its place as text. */
export type HubKey = number | string;

export interface HubRequest {
  readonly count: number;
  /** Only among these places, as text; among all without it. */
  readonly among?: readonly string[] | undefined;
  /** All of them or none. */
  readonly isExact: boolean;
  /** 0: the places are taken for good, until they are set anew. */
  readonly leaseMs: number;
  readonly holder: string;
}

export type HubInput =
  | { readonly kind: 'register'; readonly place: HubPlace; readonly free: number; isUp: boolean }
  | { readonly kind: 'deregister'; readonly key: HubKey }
  | { readonly kind: 'set'; readonly key: HubKey; readonly free: number }
  | { readonly kind: 'decrease'; readonly key: HubKey; readonly count: number }
  | ({ readonly kind: 'request' } & HubRequest)
  | { readonly kind: 'renew'; readonly lease: string; readonly leaseMs: number }
  | { readonly kind: 'release'; readonly lease: string }
  /** A node of the tree is there, or is not. */
  | { readonly kind: 'seen' | 'lost'; readonly node: string }
  | { readonly kind: 'tick' };

/** What was reserved. */
export interface HubGrant {
  /** '' when it is for good. */
  readonly lease: string;
  readonly expiresAtMs: number;
  readonly ids: readonly number[];
}

export interface HubOutcome {
  /** To be synced before the answer is given. */
  readonly writes: readonly RecordWrite[];
  /** An id, a status, a grant, an instant; or why not. */
  readonly answer: number | HubGrant | DagentError;
}

/** The entry that is meant, or undefined. */
export function findEntry(hub: Hub, key: HubKey): HubEntry | undefined {
  const id = typeof key === 'number' ? key : hub.places.get(key);
  return id === undefined ? undefined : hub.entries.get(id);
}

function unknown(what: string): DagentError {
  return new DagentError('E_HUB_UNKNOWN', { what });
}

/** Changes state and says what to write, for one input. */
class Step {
  readonly #hub: Hub;
  readonly #nowMs: number;
  readonly writes: RecordWrite[] = [];

  constructor(hub: Hub, nowMs: number) {
    this.#hub = hub;
    this.#nowMs = nowMs;
  }

  #put(entry: HubEntry): void {
    this.writes.push(putEntry(entry));
  }

  /** Gives back what a lease holds, but where it was set anew meanwhile. */
  #end({ id, places }: HubLease): void {
    this.#hub.leases.delete(id);
    this.writes.push(removeLease(id));
    for (const held of places) {
      const entry = heldEntry(this.#hub, held);
      if (entry === undefined) continue;
      entry.free++;
      entry.leased--;
      this.#put(entry);
    }
  }

  /** Ends the leases that are over. */
  expire(): void {
    if (this.#nowMs < this.#hub.nextExpiryMs) return;
    for (const lease of [...this.#hub.leases.values()]) {
      if (lease.expiresAtMs <= this.#nowMs) this.#end(lease);
    }
    this.#findNextExpiry();
  }

  #findNextExpiry(): void {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { expiresAtMs } of this.#hub.leases.values()) nextMs = Math.min(nextMs, expiresAtMs);
    this.#hub.nextExpiryMs = nextMs;
  }

  run(input: HubInput): HubOutcome['answer'] {
    switch (input.kind) {
      case 'register':
        return this.#register(input);
      case 'deregister':
        return this.#change(input.key, (entry) => this.#remove(entry));
      case 'set':
        return this.#change(input.key, (entry) => this.#set(entry, input.free));
      case 'decrease':
        return this.#change(input.key, (entry) => this.#decrease(entry, input.count));
      case 'request':
        return this.#request(input);
      case 'renew':
        return this.#renew(input.lease, input.leaseMs);
      case 'release':
        return this.#release(input.lease);
      case 'seen':
      case 'lost':
        return this.#see(input.node, input.kind === 'lost');
      case 'tick':
        return 0;
      default:
        return assertNever(input);
    }
  }

  #register({ place, free, isUp }: Extract<HubInput, { kind: 'register' }>): number | DagentError {
    const hub = this.#hub;
    const name = formatPlace(place);
    const taken = hub.places.get(name);
    if (taken !== undefined) return new DagentError('E_HUB_TAKEN', { place: name, id: taken });
    if (hub.entries.size >= HUB_NODES_MAX) {
      return new DagentError('E_HUB_FULL', { max: HUB_NODES_MAX, what: 'nodes' });
    }
    const isLost = place.port === 0 && !isUp;
    const entry = { id: hub.nextId, ...place, free, epoch: 0, leased: 0, isLost };
    addEntry(hub, entry);
    this.#put(entry);
    this.writes.push(putNextId(hub));
    return entry.id;
  }

  #change(key: HubKey, change: (entry: HubEntry) => void): number | DagentError {
    const entry = findEntry(this.#hub, key);
    if (entry === undefined) return unknown(typeof key === 'number' ? `node ${key}` : key);
    change(entry);
    return statusOf(entry);
  }

  #remove(entry: HubEntry): void {
    this.#hub.entries.delete(entry.id);
    this.#hub.places.delete(formatPlace(entry));
    this.writes.push(removeEntry(entry));
  }

  #set(entry: HubEntry, free: number): void {
    entry.free = free;
    entry.epoch++;
    entry.leased = 0;
    this.#put(entry);
  }

  #decrease(entry: HubEntry, count: number): void {
    if (entry.free <= 0) return;
    entry.free = Math.max(0, entry.free - count);
    this.#put(entry);
  }

  #candidates(among: readonly string[] | undefined): HubEntry[] {
    const { entries } = this.#hub;
    const all = among === undefined ? entries.values() : this.#entriesOf(among);
    return [...all].filter((entry) => statusOf(entry) > 0);
  }

  *#entriesOf(places: readonly string[]): Iterable<HubEntry> {
    for (const place of new Set(places)) {
      const entry = findEntry(this.#hub, place);
      if (entry !== undefined) yield entry;
    }
  }

  /** `count` of them by chance: the first steps of a shuffle (Fisher and Yates). */
  #draw(from: HubEntry[], count: number): HubEntry[] {
    const end = Math.min(count, from.length);
    for (let at = 0; at < end; at++) {
      const other = at + Math.floor(nextRandom(this.#hub.random) * (from.length - at));
      [from[at], from[other]] = [from[other]!, from[at]!];
    }
    return from.slice(0, end);
  }

  #request(request: HubRequest): HubGrant | DagentError {
    const { count, among, isExact, leaseMs, holder } = request;
    const candidates = this.#candidates(among);
    const found = candidates.length;
    if (found === 0 || (isExact && found < count)) {
      return new DagentError('E_HUB_SHORT', { found, wanted: count });
    }
    if (leaseMs > 0 && this.#hub.leases.size >= HUB_LEASES_MAX) {
      return new DagentError('E_HUB_FULL', { max: HUB_LEASES_MAX, what: 'leases' });
    }
    const drawn = this.#draw(candidates, count);
    for (const entry of drawn) {
      entry.free--;
      this.#put(entry);
    }
    const ids = drawn.map(({ id }) => id);
    if (leaseMs === 0) return { lease: '', expiresAtMs: 0, ids };
    const lease = this.#lease(drawn, this.#nowMs + leaseMs, holder);
    return { lease: lease.id, expiresAtMs: lease.expiresAtMs, ids };
  }

  #lease(entries: readonly HubEntry[], expiresAtMs: number, holder: string): HubLease {
    const { random, leases } = this.#hub;
    const draw = () => nextUint32(random).toString(16).padStart(8, '0');
    let id = draw();
    while (leases.has(id)) id = draw();
    const places = entries.map((entry) => ({ id: entry.id, epoch: entry.epoch }));
    const lease = { id, holder, places, expiresAtMs };
    addLease(this.#hub, lease);
    this.writes.push(putLease(lease));
    return lease;
  }

  #renew(id: string, leaseMs: number): number | DagentError {
    const lease = this.#hub.leases.get(id);
    if (lease === undefined) return unknown(`lease ${id}`);
    lease.expiresAtMs = this.#nowMs + leaseMs;
    this.writes.push(putLease(lease));
    this.#findNextExpiry();
    return lease.expiresAtMs;
  }

  #release(id: string): number | DagentError {
    const lease = this.#hub.leases.get(id);
    if (lease === undefined) return unknown(`lease ${id}`);
    this.#end(lease);
    this.#findNextExpiry();
    return lease.places.length;
  }

  /** Nothing is written: who is there is seen again after a restart. */
  #see(node: string, isLost: boolean): number {
    const entry = findEntry(this.#hub, node);
    if (entry === undefined || entry.port !== 0) return 0;
    entry.isLost = isLost;
    return statusOf(entry);
  }
}

/**
 * What becomes of one input at `nowMs` of the wall clock. Leases that are over end first. Due
 * again, by a tick, at `hub.nextExpiryMs`.
 */
export function step(hub: Hub, input: HubInput, nowMs: number): HubOutcome {
  const one = new Step(hub, nowMs);
  one.expire();
  const answer = one.run(input);
  return { answer, writes: one.writes };
}
