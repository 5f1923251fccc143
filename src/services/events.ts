/**
 * `events.open`: what happens to nodes, services and links, as this node hears of it. The last
 * EVENTS_KEPT_MAX are kept, so that one who asks can be told what has been; a reader that is slow
 * goes on where it was, and only what has left the ring by then is missed, and counted.
 */
import type { Answering } from '../endpoint/answering.ts';
import type { CallContext, Method } from '../endpoint/methods.ts';
import type { Clock } from '../ports/clock.ts';
import { type Filter, parseExpression } from '../protocol/expression.ts';
import { EVENTS_KEPT_MAX, WATCH_DELAY_MS } from '../protocol/limits.ts';
import type { NodeRecord } from '../protocol/record.ts';
import { sayCutOff, type TreeView } from './census.ts';
import {
  compareRecords,
  EVENT_FIELDS,
  type EventRecord,
  type Happening,
  lookAtEvent,
} from './event-record.ts';
import { Flaps } from './flaps.ts';

const EVENTS_CHANNEL = 1;
/** Records that are written at once: what is kept may be more than a reader takes. */
const BATCH_COUNT = 64;

export interface EventsComponents {
  readonly view: Pick<TreeView, 'name' | 'isCutOff'>;
  readonly clock: Clock;
}

interface Viewer {
  readonly exchange: Answering;
  readonly filter: Filter;
  /** The next event that it has not seen. */
  next: number;
  missed: number;
  shown: number;
  isBlocked: boolean;
}

function encodeLines(records: readonly unknown[]): Buffer {
  return Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

function parseWish(value: unknown): { readonly filter: Filter; readonly sinceMs: number } {
  const { expression, sinceMs } = (value ?? {}) as Record<string, unknown>;
  const isTime = typeof sinceMs === 'number' && sinceMs > 0;
  return {
    filter: parseExpression(typeof expression === 'string' ? expression : '', EVENT_FIELDS),
    sinceMs: isTime ? sinceMs : 0,
  };
}

export class Events {
  readonly #components: EventsComponents;
  readonly #viewers = new Set<Viewer>();
  readonly #flaps = new Flaps();
  /** The last records of nodes that are known: what is new in the next ones. */
  readonly #known = new Map<string, NodeRecord>();
  /** The ring: event `seq` is at `seq % EVENTS_KEPT_MAX`. */
  readonly #ring: EventRecord[] = [];
  #nextSeq = 0;
  #lastAtMs = 0;
  #stopFlush: (() => void) | undefined;

  constructor(components: EventsComponents) {
    this.#components = components;
  }

  readonly methods: Record<string, Method> = {
    'events.open': {
      doc: 'Streams what happens to nodes, services and links, as lines of JSON on channel 1.',
      args: ['{expression, sinceMs}'],
      run: ([wish], context) => this.#open(wish, context),
    },
  };

  /** Something happened that is told as it is. */
  add(happening: Happening): void {
    const seq = this.#nextSeq++;
    this.#lastAtMs = this.#components.clock.monotonicMs();
    this.#put({
      type: 'event',
      seq,
      at: new Date(this.#components.clock.wallMs()).toISOString(),
      seenBy: this.#components.view.name,
      ...happening,
    });
    this.#scheduleFlush();
  }

  #put(record: EventRecord): void {
    this.#ring[record.seq % EVENTS_KEPT_MAX] = record;
  }

  /** A node is reached. */
  nodeUp(record: NodeRecord): void {
    const { name: node, parent, services } = record;
    const before = this.#known.get(node);
    this.#known.set(node, record);
    const flaps = this.#flaps.count(node, this.#components.clock.monotonicMs());
    this.add({ event: 'node-up', node, parent, services, ...(flaps === 0 ? {} : { flaps }) });
    const isRestarted = before !== undefined && before.incarnation !== record.incarnation;
    if (isRestarted) this.add({ event: 'node-restarted', node });
  }

  /** There is another word about a node. */
  nodeChanged(record: NodeRecord): void {
    const before = this.#known.get(record.name);
    this.#known.set(record.name, record);
    if (before === undefined) return;
    for (const happening of compareRecords(before, record)) this.add(happening);
  }

  nodeLost({ name: node, parent, services }: NodeRecord): void {
    const flaps = this.#flaps.lost(node, this.#components.clock.monotonicMs());
    this.add({ event: 'node-lost', node, parent, services, flaps });
  }

  /** It is known no more: it said goodbye just now, or was lost long ago. */
  nodeGone({ name: node, parent, services }: NodeRecord): void {
    this.#known.delete(node);
    const last = this.#ring[(this.#nextSeq - 1) % EVENTS_KEPT_MAX];
    const isJustLost = this.#components.clock.monotonicMs() < this.#lastAtMs + WATCH_DELAY_MS;
    if (last?.event !== 'node-lost' || last.node !== node || !isJustLost) {
      return this.add({ event: 'node-forgotten', node, parent });
    }
    // One who says goodbye is lost and gone in one step; nobody was told yet.
    this.#flaps.undo(node);
    const { type, seq, at, seenBy } = last;
    this.#put({ type, seq, at, seenBy, event: 'node-left', node, parent, services });
  }

  /** The oldest event that is still kept. */
  get #firstSeq(): number {
    return Math.max(0, this.#nextSeq - EVENTS_KEPT_MAX);
  }

  /** The first event of the last `sinceMs`. */
  #findSince(sinceMs: number): number {
    if (sinceMs === 0) return this.#nextSeq;
    const earliest = new Date(Math.max(0, this.#components.clock.wallMs() - sinceMs)).toISOString();
    for (let seq = this.#firstSeq; seq < this.#nextSeq; seq++) {
      const record = this.#ring[seq % EVENTS_KEPT_MAX];
      if (record !== undefined && record.at >= earliest) return seq;
    }
    return this.#nextSeq;
  }

  #open(wish: unknown, context: CallContext): Promise<unknown> {
    const { filter, sinceMs } = parseWish(wish);
    const { exchange, signal } = context;
    const next = this.#findSince(sinceMs);
    const viewer: Viewer = { exchange, filter, next, missed: 0, shown: 0, isBlocked: false };
    this.#viewers.add(viewer);
    exchange.onDrain = () => {
      viewer.isBlocked = false;
      this.#flush(viewer);
    };
    const { view } = this.#components;
    this.#send(viewer, [{ type: 'open', node: view.name, ...sayCutOff(view) }]);
    this.#flush(viewer);
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        this.#viewers.delete(viewer);
        if (this.#viewers.size === 0) this.#stop();
        resolve({ shown: viewer.shown, missed: viewer.missed });
      });
    });
  }

  #stop(): void {
    this.#stopFlush?.();
    this.#stopFlush = undefined;
  }

  #scheduleFlush(): void {
    if (this.#viewers.size === 0) return;
    this.#stopFlush ??= this.#components.clock.after(WATCH_DELAY_MS, () => {
      this.#stopFlush = undefined;
      for (const viewer of this.#viewers) this.#flush(viewer);
    });
  }

  /** Tells a viewer what it has not seen, as far as it takes it. */
  #flush(viewer: Viewer): void {
    const missed = this.#firstSeq - viewer.next;
    if (missed > 0 && !viewer.isBlocked) {
      viewer.next = this.#firstSeq;
      viewer.missed += missed;
      this.#send(viewer, [{ type: 'missed', count: missed }]);
    }
    while (!viewer.isBlocked && viewer.next < this.#nextSeq) {
      const records = this.#take(viewer);
      viewer.shown += records.length;
      if (records.length > 0) this.#send(viewer, records);
    }
  }

  /** The next events that a viewer wants. */
  #take(viewer: Viewer): EventRecord[] {
    const records: EventRecord[] = [];
    while (records.length < BATCH_COUNT && viewer.next < this.#nextSeq) {
      const record = this.#ring[viewer.next++ % EVENTS_KEPT_MAX];
      if (record === undefined) continue;
      if (viewer.filter((field) => lookAtEvent(record, field))) records.push(record);
    }
    return records;
  }

  #send(viewer: Viewer, records: readonly unknown[]): void {
    viewer.isBlocked = !viewer.exchange.write(EVENTS_CHANNEL, encodeLines(records));
  }
}
