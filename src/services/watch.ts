/**
 * `watch.open`: a stream of what changes on this node and below it. A node that is watched watches
 * its children in turn, so each change travels once per link however many look; when nobody looks
 * any more, nothing is sampled and nothing is sent.
 *
 * Records are lines of JSON on channel 1: a snapshot, then single nodes (protocol/status.ts).
 */

import { createLineSplitter } from '../base/lines.ts';
import type { Answering } from '../endpoint/answering.ts';
import type { Asking } from '../endpoint/asking.ts';
import type { CallContext, Method } from '../endpoint/methods.ts';
import type { Clock } from '../ports/clock.ts';
import { SAMPLE_MS, WATCH_DELAY_MS } from '../protocol/limits.ts';
import { type HostSample, parseStatuses, type WatchRecord } from '../protocol/status.ts';
import { describeAll, describeByName, type Remarks, type TreeView } from './census.ts';

const WATCH_CHANNEL = 1;

export interface WatchComponents {
  readonly view: TreeView;
  readonly clock: Clock;
  /** Takes the host's figures. */
  sample(): Promise<HostSample>;
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

function encodeRecords(records: readonly WatchRecord[]): Buffer {
  return Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

export class Watch {
  readonly #components: WatchComponents;
  readonly #viewers = new Set<Viewer>();
  readonly #remarks = new Map<string, Remarks>();
  readonly #children = new Map<string, Asking>();
  readonly #stops: (() => void)[] = [];
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
    this.#send(viewer, [{ type: 'snapshot', realm, nodes }]);
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        this.#viewers.delete(viewer);
        if (this.#viewers.size === 0) this.#stop();
        resolve();
      });
    });
  }

  #start(): void {
    const { clock } = this.#components;
    const takeSample = (): void => {
      this.#components.sample().then(
        (sample) => this.#remark(this.#components.view.self().name, { rttMs: null, sample }),
        // A host that cannot tell its figures now is shown without them; the next try is near.
        () => undefined,
      );
    };
    takeSample();
    this.#stops.push(clock.every(SAMPLE_MS, takeSample));
    for (const name of this.#components.children()) this.childUp(name);
  }

  #stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
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
    if (this.#viewers.size === 0 && this.#stops.length === 0) return;
    this.#children.get(name)?.cancel();
    const asking = this.#components.openChild(name);
    this.#children.set(name, asking);
    const lines = createLineSplitter((line) => this.#heard(name, line.toString('utf8')));
    asking.onData = (_, bytes) => {
      lines.push(bytes);
      asking.grant(bytes.length);
    };
  }

  /** A child went. */
  childDown(name: string): void {
    this.#children.delete(name);
  }

  #heard(child: string, line: string): void {
    for (const { name, rttMs, sample } of parseStatuses(line)) {
      // Only the subtree of the child is the child's to speak of.
      if (this.#isBelow(name, child)) this.#remark(name, { rttMs, sample });
    }
  }

  #isBelow(name: string, child: string): boolean {
    const self = this.#components.view.self().name;
    let at: string | null = name;
    for (let hops = 0; at !== null && at !== self && hops < 64; hops++) {
      if (at === child) return true;
      at = this.#components.view.find(at)?.record.parent ?? null;
    }
    return false;
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
    const records = [...viewer.dirty].map((name): WatchRecord => {
      const node = describeByName(this.#components.view, name, this.#remarks);
      if (node === undefined) this.#remarks.delete(name);
      return node === undefined ? { type: 'gone', name } : { type: 'node', node };
    });
    viewer.dirty.clear();
    this.#send(viewer, records);
  }

  #send(viewer: Viewer, records: readonly WatchRecord[]): void {
    viewer.isBlocked = !viewer.exchange.write(WATCH_CHANNEL, encodeRecords(records));
  }
}
