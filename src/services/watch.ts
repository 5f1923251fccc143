/**
 * `watch.open`: a stream of what changes on this node and below it. A node that is watched watches
 * its children in turn, so each change travels once per link however many look; when nobody looks
 * any more, nothing is sampled and nothing is sent.
 *
 * Records are lines of JSON on channel 1: a snapshot, which says how many nodes follow it, then
 * single nodes (protocol/status.ts). No line holds more than one node, so that it has a bound.
 */

import { createLineSplitter } from '../base/lines.ts';
import type { Answering } from '../endpoint/answering.ts';
import type { Asking } from '../endpoint/asking.ts';
import type { CallContext, Method } from '../endpoint/methods.ts';
import type { Clock } from '../ports/clock.ts';
import { STATUS_LINE_BYTES_MAX, WATCH_DELAY_MS } from '../protocol/limits.ts';
import { parseHeardLine, STATUS_CHANNEL, type WatchLine } from '../protocol/status.ts';
import { describeAll, describeByName, isBelow, type Remarks, type TreeView } from './census.ts';
import type { Sampler } from './sampler.ts';

export interface WatchComponents {
  readonly view: TreeView;
  readonly clock: Clock;
  readonly sampler: Pick<Sampler, 'start'>;
  /** Opens the watch of a child. */
  openChild(name: string): Asking;
  /** Names of the direct children. */
  children(): Iterable<string>;
}

/**
 * One who looks. While it does not keep up, changes gather by name: it gets the newest, not each.
 */
interface Viewer {
  readonly exchange: Answering;
  readonly dirty: Set<string>;
  isBlocked: boolean;
}

function encodeRecords(records: readonly WatchLine[]): Buffer {
  return Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

export class Watch {
  readonly #components: WatchComponents;
  readonly #viewers = new Set<Viewer>();
  readonly #remarks = new Map<string, Remarks>();
  readonly #children = new Map<string, Asking>();
  #stopSampling: (() => void) | undefined;
  #stopFlush: (() => void) | undefined;

  constructor(components: WatchComponents) {
    this.#components = components;
  }

  readonly methods: Record<string, Method> = {
    'watch.open': {
      doc: 'Streams the status of this node and of all below it, as lines of JSON on channel 1.',
      run: (_, context) => this.#open(context),
    },
  };

  #open(context: CallContext): Promise<void> {
    const { exchange, signal } = context;
    const viewer: Viewer = { exchange, dirty: new Set(), isBlocked: false };
    if (this.#viewers.size === 0) this.#start();
    this.#viewers.add(viewer);
    exchange.onDrain = () => {
      viewer.isBlocked = false;
      this.#scheduleFlush();
    };
    const nodes = describeAll(this.#components.view, this.#remarks);
    const realm = this.#components.view.realm ?? '';
    const records = nodes.map((node): WatchLine => ({ type: 'node', node }));
    this.#send(viewer, [{ type: 'snapshot', realm, count: nodes.length }, ...records]);
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        this.#viewers.delete(viewer);
        if (this.#viewers.size === 0) this.#stop();
        resolve();
      });
    });
  }

  #start(): void {
    const { sampler, view, children } = this.#components;
    this.#stopSampling = sampler.start((sample) => {
      this.#remark(view.self().name, { rttMs: null, sample });
    });
    for (const name of children()) this.childUp(name);
  }

  #stop(): void {
    this.#stopSampling?.();
    this.#stopSampling = undefined;
    this.#stopFlush?.();
    this.#stopFlush = undefined;
    for (const asking of this.#children.values()) asking.cancel();
    this.#children.clear();
    this.#remarks.clear();
  }

  #remark(name: string, remarks: Remarks): void {
    if (this.#viewers.size === 0) return;
    this.#remarks.set(name, remarks);
    this.changed(name);
  }

  /** A child came: it is watched if anybody looks. */
  childUp(name: string): void {
    if (this.#stopSampling === undefined) return;
    this.#children.get(name)?.cancel();
    const asking = this.#components.openChild(name);
    this.#children.set(name, asking);
    const lines = createLineSplitter((line) => {
      if (line.length < STATUS_LINE_BYTES_MAX) this.#heard(name, line.toString('utf8'));
      else this.#silence(name, asking);
    }, STATUS_LINE_BYTES_MAX);
    asking.onData = (_, bytes) => {
      if (this.#children.get(name) === asking) lines.push(bytes);
      asking.grant(bytes.length);
    };
  }

  /** What a child says makes no sense: it is not listened to any more. */
  #silence(name: string, asking: Asking): void {
    asking.cancel();
    if (this.#children.get(name) === asking) this.#children.delete(name);
  }

  /** A child went. */
  childDown(name: string): void {
    this.#children.delete(name);
  }

  #heard(child: string, line: string): void {
    const heard = parseHeardLine(line);
    // Only the subtree of the child is the child's to speak of.
    if (heard === undefined || !isBelow(this.#components.view, heard.name, child)) return;
    this.#remark(heard.name, { rttMs: heard.rttMs, sample: heard.sample });
  }

  /**
   * Something about a node changed: viewers will hear of it, with whatever else does until then.
   */
  changed(name: string): void {
    if (this.#viewers.size === 0) return;
    for (const viewer of this.#viewers) viewer.dirty.add(name);
    this.#scheduleFlush();
  }

  #scheduleFlush(): void {
    this.#stopFlush ??= this.#components.clock.after(WATCH_DELAY_MS, () => {
      this.#stopFlush = undefined;
      for (const viewer of this.#viewers) this.#flush(viewer);
    });
  }

  #flush(viewer: Viewer): void {
    if (viewer.isBlocked || viewer.dirty.size === 0) return;
    const records = [...viewer.dirty].map((name): WatchLine => {
      const node = describeByName(this.#components.view, name, this.#remarks);
      if (node === undefined) this.#remarks.delete(name);
      return node === undefined ? { type: 'gone', name } : { type: 'node', node };
    });
    viewer.dirty.clear();
    this.#send(viewer, records);
  }

  #send(viewer: Viewer, records: readonly WatchLine[]): void {
    viewer.isBlocked = !viewer.exchange.write(STATUS_CHANNEL, encodeRecords(records));
  }
}
