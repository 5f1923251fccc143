/**
 * `watch.open`: a stream of what changes on this node and below it. A node that is watched watches
 * its children in turn, so each change travels once per link however many look; when nobody looks
 * any more, nothing of it is sent.
 *
 * What is sent are the lines of protocol/watch.ts, on channel 1. Of the figures of a node only what
 * is news is told.
 */

import { createLineSplitter } from '../base/lines.ts';
import type { Answering } from '../endpoint/answering.ts';
import type { Asking } from '../endpoint/asking.ts';
import type { CallContext, Method } from '../endpoint/methods.ts';
import type { Clock } from '../ports/clock.ts';
import { BUILTIN_SERVICE, formatAddress } from '../protocol/address.ts';
import {
  changeRow,
  type FigureChanges,
  type FigureRow,
  type FigureValue,
} from '../protocol/figure-row.ts';
import { FIGURES } from '../protocol/figures.ts';
import { STATUS_LINE_BYTES_MAX, WATCH_DELAY_MS } from '../protocol/limits.ts';
import { type NodeStatus, STATUS_CHANNEL } from '../protocol/status.ts';
import {
  type Heard,
  type NodeLine,
  parseHeardLine,
  WATCH_VERSION,
  type WatchLine,
} from '../protocol/watch.ts';
import {
  describeAll,
  describeByName,
  findRoundTrip,
  isBelow,
  sayCutOff,
  type TreeView,
} from './census.ts';
import { OwnNews } from './own-news.ts';
import type { Sampler } from './sampler.ts';

export interface WatchComponents {
  readonly view: TreeView;
  readonly clock: Clock;
  readonly sampler: Pick<Sampler, 'start'>;
  /** Opens the watch of a child. */
  openChild(name: string): Asking;
  /** Names of the direct children. */
  children(): Iterable<string>;
  /** Hears all figures of this node, or of a child, of which some are new. */
  onFigures(name: string, row: FigureRow): void;
}

/** One who looks. Of what changes while it does not keep up, it gets what is true afterwards. */
interface Viewer {
  /** `node:service` of who it is. */
  readonly from: string;
  readonly exchange: Answering;
  /** Names of nodes that have changed meanwhile. */
  readonly missed: Set<string>;
  isBlocked: boolean;
}

/** What is known of a node that our own tables do not hold. */
interface Remarks {
  rttMs: number | null;
  figures: FigureValue[] | null;
}

/** What is to be told of a node: all, or these changes of its figures, in their order. */
type Change = 'all' | FigureChanges;

/** Of more changes of one node within WATCH_DELAY_MS, all that is known of it is told instead. */
const CHANGES_LENGTH_MAX = 4 * FIGURES.length;

export class Watch {
  readonly #components: WatchComponents;
  readonly #viewers = new Set<Viewer>();
  readonly #remarks = new Map<string, Remarks>();
  readonly #children = new Map<string, Asking>();
  readonly #changes = new Map<string, Change>();
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
    const { exchange, signal, from } = context;
    const viewer: Viewer = { from, exchange, missed: new Set(), isBlocked: false };
    if (this.#viewers.size === 0) this.#start();
    // What has changed so far is in the snapshot of this one already.
    else this.#flush();
    this.#viewers.add(viewer);
    exchange.onDrain = () => {
      viewer.isBlocked = false;
      if (viewer.missed.size > 0) this.#scheduleFlush();
    };
    const { view } = this.#components;
    const lines = describeAll(view, this.#remarks).map((node) => this.#nodeLine(node));
    const head = { realm: view.realm ?? '', count: lines.length, ...sayCutOff(view) };
    this.#send(viewer, [{ type: 'snapshot', version: WATCH_VERSION, ...head }, ...lines]);
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        this.#viewers.delete(viewer);
        if (this.#viewers.size === 0) this.#stop();
        resolve();
      });
    });
  }

  /** Whether a node itself looks. */
  isWatchedBy(node: string): boolean {
    const address = formatAddress({ node, service: BUILTIN_SERVICE });
    return [...this.#viewers].some(({ from }) => from === address);
  }

  #nodeLine(node: NodeStatus): NodeLine {
    return { type: 'node', node, figures: this.#remarks.get(node.name)?.figures ?? null };
  }

  #start(): void {
    const { sampler, view, clock, children } = this.#components;
    const { name } = view;
    const news = new OwnNews(clock);
    this.#stopSampling = sampler.start((sample) => {
      const set = news.take(sample);
      if (set.length > 0) this.#hear(name, { type: 'figures', name, set }, true);
    });
    for (const child of children()) this.childUp(child);
  }

  #stop(): void {
    this.#stopSampling?.();
    this.#stopSampling = undefined;
    this.#stopFlush?.();
    this.#stopFlush = undefined;
    for (const asking of this.#children.values()) asking.cancel();
    this.#children.clear();
    this.#remarks.clear();
    this.#changes.clear();
  }

  /** A child came: it is watched if anybody looks. */
  childUp(name: string): void {
    if (this.#stopSampling === undefined) return;
    this.#children.get(name)?.cancel();
    const asking = this.#components.openChild(name);
    this.#children.set(name, asking);
    const lines = createLineSplitter((line) => {
      if (line.length < STATUS_LINE_BYTES_MAX) this.#listen(name, asking, line.toString('utf8'));
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

  #listen(child: string, asking: Asking, line: string): void {
    const heard = parseHeardLine(line);
    if (heard === undefined) return;
    if (heard.type === 'foreign') return this.#silence(child, asking);
    // A name that is known by its place is found faster than one that has just been read.
    if (heard.name === child) return this.#hear(child, heard, true);
    // Only the subtree of the child is the child's to speak of.
    if (isBelow(this.#components.view, heard.name, child)) this.#hear(heard.name, heard, false);
  }

  /** `isNear`: it is this node, or a child of it. */
  #hear(name: string, heard: Heard, isNear: boolean): void {
    let known = this.#remarks.get(name);
    if (known === undefined) {
      known = { rttMs: null, figures: null };
      this.#remarks.set(name, known);
    }
    if (heard.rttMs !== undefined) known.rttMs = heard.rttMs;
    if (heard.type === 'node') {
      known.figures = heard.figures;
      return this.changed(name);
    }
    known.figures ??= [];
    changeRow(known.figures, heard.set);
    if (isNear) this.#components.onFigures(name, known.figures);
    this.#note(name, heard.set);
  }

  /**
   * Something about a node changed: viewers will hear of it, with whatever else does until then.
   */
  changed(name: string): void {
    if (this.#viewers.size > 0) this.#note(name, 'all');
  }

  #note(name: string, change: Change): void {
    const noted = this.#changes.get(name);
    if (noted === undefined || change === 'all') this.#changes.set(name, change);
    else if (noted !== 'all') {
      const isMuch = noted.length + change.length > CHANGES_LENGTH_MAX;
      this.#changes.set(name, isMuch ? 'all' : [...noted, ...change]);
    }
    this.#scheduleFlush();
  }

  #scheduleFlush(): void {
    this.#stopFlush ??= this.#components.clock.after(WATCH_DELAY_MS, () => this.#flush());
  }

  #flush(): void {
    this.#stopFlush?.();
    this.#stopFlush = undefined;
    const changes = [...this.#changes];
    this.#changes.clear();
    const lines = changes.map(([name, change]) => this.#lineOf(name, change));
    for (const viewer of this.#viewers) {
      if (viewer.isBlocked) for (const [name] of changes) viewer.missed.add(name);
      else this.#catchUp(viewer, lines);
    }
  }

  #catchUp(viewer: Viewer, lines: readonly WatchLine[]): void {
    const missed = [...viewer.missed].map((name) => this.#lineOf(name, 'all'));
    viewer.missed.clear();
    if (missed.length + lines.length > 0) this.#send(viewer, [...missed, ...lines]);
  }

  #lineOf(name: string, change: Change): WatchLine {
    const { view } = this.#components;
    if (change !== 'all') {
      const rttMs = findRoundTrip(view, name, this.#remarks);
      if (rttMs !== undefined) return { type: 'figures', name, set: change, rttMs };
    }
    const node = describeByName(view, name, this.#remarks);
    if (node !== undefined) return this.#nodeLine(node);
    this.#remarks.delete(name);
    return { type: 'gone', name };
  }

  #send(viewer: Viewer, lines: readonly WatchLine[]): void {
    const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    viewer.isBlocked = !viewer.exchange.write(STATUS_CHANNEL, bytes);
  }
}
