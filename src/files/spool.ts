/**
 * The blocks that a node passes on: who asked for which, what it has asked its neighbours for, and
 * what lies in its spool, a fixed number of slots on disk. Several that ask for one block are
 * answered by one that comes, so a link carries it once as long as the spool holds it. A function
 * of inputs; services/file-relay.ts carries it out.
 */
import { assert } from '../base/assert.ts';
import type { ErrorData } from '../protocol/errors.ts';
import type { BlockAsk } from '../protocol/file.ts';
import { FILE_ASKED_MAX, FILE_WAITING_MAX } from '../protocol/limits.ts';

/** Who waits for a block. */
export type Token = number;

export interface StoredBlock {
  readonly hash: string;
  readonly slot: number;
  readonly bytes: number;
}

/** What is to be read; unless `isChecked`, a crash may have left something else there. */
type Load = StoredBlock & { readonly kind: 'load'; readonly isChecked: boolean };

export type SpoolInput =
  /** `isKept`: the block is likely to be asked for again. */
  | {
      readonly kind: 'ask';
      readonly token: Token;
      readonly ask: BlockAsk;
      readonly isKept: boolean;
    }
  | { readonly kind: 'cancel'; readonly token: Token; readonly hash: string }
  | { readonly kind: 'came'; readonly hash: string; readonly bytes: Buffer }
  | { readonly kind: 'failed'; readonly hash: string; readonly error: ErrorData }
  | { readonly kind: 'stored'; readonly hash: string; readonly isStored: boolean }
  /** A block of the spool was read; none: it is not what it was. */
  | { readonly kind: 'loaded'; readonly hash: string; readonly bytes: Buffer | undefined };

export type SpoolOutput =
  | { readonly kind: 'fetch'; readonly ask: BlockAsk }
  | { readonly kind: 'store'; readonly hash: string; readonly slot: number; readonly bytes: Buffer }
  | Load
  | { readonly kind: 'give'; readonly token: Token; readonly bytes: Buffer }
  | { readonly kind: 'refuse'; readonly token: Token; readonly error: ErrorData };

/** A block that neighbours are, or will be, asked for. */
interface Flight {
  readonly ask: BlockAsk;
  isAsked: boolean;
  isKept: boolean;
  readonly waiting: Set<Token>;
}

/** A block that lies in a slot, or is on its way there: then its bytes are still at hand. */
interface Entry {
  readonly slot: number;
  readonly bytes: number;
  fresh: Buffer | undefined;
  isChecked: boolean;
  /** Who waits while it is read, with what it was asked by. */
  readonly loading: Map<Token, Extract<SpoolInput, { kind: 'ask' }>>;
}

export interface Spool {
  readonly slots: number;
  readonly free: number[];
  /** Slots that were never used. */
  nextSlot: number;
  /** By hash; what was asked for last is last. */
  readonly entries: Map<string, Entry>;
  readonly flights: Map<string, Flight>;
  readonly queue: Set<string>;
  askedCount: number;
  waitingCount: number;
  readonly counters: {
    blocksAsked: number;
    blocksFetched: number;
    bytesFetched: number;
    blocksFromSpool: number;
    blocksDisplaced: number;
    spoolFailures: number;
  };
}

/** An empty spool, or one with what a former run has left. */
export function createSpool(slots: number, left: readonly StoredBlock[] = []): Spool {
  const entries = new Map<string, Entry>();
  const used = new Set<number>();
  for (const { hash, slot, bytes } of left) {
    if (slot >= slots || used.has(slot) || entries.has(hash)) continue;
    used.add(slot);
    const unread = { fresh: undefined, isChecked: false, loading: new Map() };
    entries.set(hash, { slot, bytes, ...unread });
  }
  const nextSlot = Math.max(-1, ...used) + 1;
  const free = Array.from({ length: nextSlot }, (_, slot) => slot).filter((at) => !used.has(at));
  const counters = {
    blocksAsked: 0,
    blocksFetched: 0,
    bytesFetched: 0,
    blocksFromSpool: 0,
    blocksDisplaced: 0,
    spoolFailures: 0,
  };
  const none = { flights: new Map(), queue: new Set<string>(), askedCount: 0, waitingCount: 0 };
  return { slots, free, nextSlot, entries, ...none, counters };
}

/** Whether nobody waits for anything and nothing is being written: all may be thrown away. */
export function isIdle(spool: Spool): boolean {
  const isBusy = (entry: Entry) => entry.fresh !== undefined || entry.loading.size > 0;
  return spool.flights.size === 0 && ![...spool.entries.values()].some(isBusy);
}

/** Asks neighbours for what waits, as far as may be. */
function pump(spool: Spool): SpoolOutput[] {
  const outputs: SpoolOutput[] = [];
  for (const hash of spool.queue) {
    if (spool.askedCount >= FILE_ASKED_MAX) break;
    spool.queue.delete(hash);
    const flight = spool.flights.get(hash);
    assert(flight !== undefined, 'what is queued waits for somebody');
    flight.isAsked = true;
    spool.askedCount++;
    outputs.push({ kind: 'fetch', ask: flight.ask });
  }
  return outputs;
}

function join(spool: Spool, input: Extract<SpoolInput, { kind: 'ask' }>): SpoolOutput[] {
  const { token, ask, isKept } = input;
  const { hash } = ask;
  if (spool.waitingCount >= FILE_WAITING_MAX) {
    const error = { code: 'E_TOO_MANY_COPIES', values: { max: FILE_WAITING_MAX } } as const;
    return [{ kind: 'refuse', token, error }];
  }
  spool.waitingCount++;
  const flight = spool.flights.get(hash);
  if (flight !== undefined) {
    flight.waiting.add(token);
    flight.isKept ||= isKept;
    return [];
  }
  spool.flights.set(hash, { ask, isAsked: false, isKept, waiting: new Set([token]) });
  spool.queue.add(hash);
  return pump(spool);
}

function ask(spool: Spool, input: Extract<SpoolInput, { kind: 'ask' }>): SpoolOutput[] {
  spool.counters.blocksAsked++;
  const { hash } = input.ask;
  const entry = spool.entries.get(hash);
  if (entry === undefined) return join(spool, input);
  spool.entries.delete(hash);
  spool.entries.set(hash, entry);
  if (entry.fresh !== undefined) {
    spool.counters.blocksFromSpool++;
    return [{ kind: 'give', token: input.token, bytes: entry.fresh }];
  }
  const isLoading = entry.loading.size > 0;
  entry.loading.set(input.token, input);
  const { slot, bytes, isChecked } = entry;
  return isLoading ? [] : [{ kind: 'load', hash, slot, bytes, isChecked }];
}

/** A slot for one more block: a free one, or that of the block that was not asked for longest. */
function takeSlot(spool: Spool): number | undefined {
  const free = spool.free.pop();
  if (free !== undefined) return free;
  if (spool.nextSlot < spool.slots) return spool.nextSlot++;
  for (const [hash, entry] of spool.entries) {
    if (entry.fresh !== undefined || entry.loading.size > 0) continue;
    spool.entries.delete(hash);
    spool.counters.blocksDisplaced++;
    return entry.slot;
  }
  return undefined;
}

/** Ends a flight: those who waited for it. */
function land(spool: Spool, hash: string): Flight | undefined {
  const flight = spool.flights.get(hash);
  if (flight === undefined) return undefined;
  spool.flights.delete(hash);
  spool.queue.delete(hash);
  if (flight.isAsked) spool.askedCount--;
  spool.waitingCount -= flight.waiting.size;
  return flight;
}

function come(spool: Spool, hash: string, bytes: Buffer): SpoolOutput[] {
  const flight = land(spool, hash);
  if (flight === undefined) return [];
  spool.counters.blocksFetched++;
  spool.counters.bytesFetched += bytes.length;
  const given = [...flight.waiting].map((token) => ({ kind: 'give', token, bytes }) as const);
  const slot = flight.isKept ? takeSlot(spool) : undefined;
  if (slot === undefined) return [...given, ...pump(spool)];
  const entry = { slot, bytes: bytes.length, fresh: bytes, isChecked: true, loading: new Map() };
  spool.entries.set(hash, entry);
  return [...given, { kind: 'store', hash, slot, bytes }, ...pump(spool)];
}

function refuse(spool: Spool, hash: string, error: ErrorData): SpoolOutput[] {
  const flight = land(spool, hash);
  const waiting = [...(flight?.waiting ?? [])];
  return [...waiting.map((token) => ({ kind: 'refuse', token, error }) as const), ...pump(spool)];
}

function endStore(spool: Spool, hash: string, isStored: boolean): void {
  const entry = spool.entries.get(hash);
  assert(entry !== undefined, 'what is being stored stays');
  entry.fresh = undefined;
  if (isStored) return;
  spool.counters.spoolFailures++;
  spool.entries.delete(hash);
  spool.free.push(entry.slot);
}

function load(spool: Spool, hash: string, bytes: Buffer | undefined): SpoolOutput[] {
  const entry = spool.entries.get(hash);
  assert(entry !== undefined, 'what is being read stays');
  const waiting = [...entry.loading.values()];
  entry.loading.clear();
  if (bytes !== undefined) {
    entry.isChecked = true;
    spool.counters.blocksFromSpool += waiting.length;
    return waiting.map(({ token }) => ({ kind: 'give', token, bytes }));
  }
  spool.counters.spoolFailures++;
  spool.entries.delete(hash);
  spool.free.push(entry.slot);
  return waiting.flatMap((input) => join(spool, input));
}

function cancel(spool: Spool, token: Token, hash: string): SpoolOutput[] {
  // One that is being read is left to itself: nobody takes what it is given then.
  const flight = spool.flights.get(hash);
  if (flight?.waiting.delete(token) !== true) return [];
  spool.waitingCount--;
  // What was asked for comes all the same, and is kept for who asks again.
  if (flight.waiting.size === 0 && !flight.isAsked) land(spool, hash);
  return [];
}

/** Feeds the spool; what it says to do comes back in order. */
export function step(spool: Spool, input: SpoolInput): SpoolOutput[] {
  switch (input.kind) {
    case 'ask':
      return ask(spool, input);
    case 'cancel':
      return cancel(spool, input.token, input.hash);
    case 'came':
      return come(spool, input.hash, input.bytes);
    case 'failed':
      return refuse(spool, input.hash, input.error);
    case 'stored':
      endStore(spool, input.hash, input.isStored);
      return [];
    case 'loaded':
      return load(spool, input.hash, input.bytes);
  }
}
