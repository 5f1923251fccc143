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
import { SAMPLE_CHILDREN_MAX, STATUS_LINE_BYTES_MAX, WATCH_DELAY_MS } from '../protocol/limits.ts';
import { type NodeStatus, STATUS_CHANNEL } from '../protocol/status.ts';
import {
  type Heard,
  type NodeLine,
  parseHeardLine,
  WATCH_VERSION,
  type WatchLine,
} from '../protocol/watch.ts';
import { describeAll, describeByName, isBelow, sayCutOff, type TreeView } from './census.ts';
import { OwnNews } from './own-news.ts';
import type { Sampler } from './sampler.ts';

export interface WatchComponents {
  readonly view: TreeView;
  readonly clock: Clock;
  readonly sampler: Pick<Sampler, 'start'>;
  /** Opens the watch of a child. */
  openChild(name: string, args: readonly unknown[]): Asking;
  /** Names of the direct children. */
  children(): Iterable<string>;
  /** Hears all figures of this node, or of a child, of which some are new. */
  onFigures(name: string, row: FigureRow, rttMs: number | null): void;
}

/** One who looks. Of what changes while it does not keep up, it gets what is true afterwards. */
interface Viewer {
  /** `node:service` of who it is. */
  readonly from: string;
  readonly exchange: Answering;
  /** Whether half as many samples are enough for it. */
  readonly isSeldom: boolean;
  /** Names of nodes that have changed meanwhile. */
  readonly missed: Set<string>;
  isBlocked: boolean;
}

/** What is to be told of a node: all, or these changes of its figures, in their order. */
type Change = 'all' | FigureChanges;

/** What is known of a node that our own tables do not hold. */
interface Remarks {
  readonly name: string;
  rttMs: number | null;
  figures: FigureValue[] | null;
  /** What of it viewers have not been told yet. */
  change: Change | null;
}

/** A child that is watched. */
interface Child {
  readonly name: string;
  readonly asking: Asking;
  /** It is not listened to any more. */
  isOver: boolean;
}

/** Of more changes of one node within WATCH_DELAY_MS, all that is known of it is told instead. */
const CHANGES_LENGTH_MAX = 4 * FIGURES.length;

export class Watch {
  readonly #components: WatchComponents;
  readonly #viewers = new Set<Viewer>();
  readonly #remarks = new Map<string, Remarks>();
  readonly #children = new Map<string, Child>();
  /** Of which there is something to tell. */
  #changed: Remarks[] = [];
  #stopSampling: (() => void) | undefined;
  #stopFlush: (() => void) | undefined;

  constructor(components: WatchComponents) {
    this.#components = components;
  }

  readonly methods: Record<string, Method> = {
    'watch.open': {
      doc: 'Streams the status of this node and of all below it, as lines of JSON on channel 1.',
      args: ['{isSeldom}?'],
      run: ([options], context) => this.#open(options, context),
    },
  };

  #open(options: unknown, context: CallContext): Promise<void> {
    const { exchange, signal, from } = context;
    const isSeldom = (options as Record<string, unknown> | undefined)?.isSeldom === true;
    const viewer: Viewer = { from, exchange, isSeldom, missed: new Set(), isBlocked: false };
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
    const isSeldom = () => Array.from(this.#viewers).every((viewer) => viewer.isSeldom);
    this.#stopSampling = sampler.start((sample) => {
      const set = news.take(sample);
      if (set.length > 0) this.#hear(name, { type: 'figures', name, set }, true);
    }, isSeldom);
    const names = [...children()];
    for (const child of names) this.#watch(child, names.length);
  }

  #stop(): void {
    this.#stopSampling?.();
    this.#stopSampling = undefined;
    this.#stopFlush?.();
    this.#stopFlush = undefined;
    for (const child of this.#children.values()) this.#silence(child);
    this.#remarks.clear();
    this.#changed = [];
  }

  /** A child came: it is watched if anybody looks. */
  childUp(name: string): void {
    if (this.#stopSampling !== undefined) this.#watch(name, this.#children.size + 1);
  }

  /** `count`: how many children are watched with this one. */
  #watch(name: string, count: number): void {
    const former = this.#children.get(name);
    if (former !== undefined) this.#silence(former);
    const args = count > SAMPLE_CHILDREN_MAX ? [{ isSeldom: true }] : [];
    const asking = this.#components.openChild(name, args);
    const child = { name, asking, isOver: false };
    this.#children.set(name, child);
    const lines = createLineSplitter((line) => this.#listen(child, line), STATUS_LINE_BYTES_MAX);
    asking.onData = (_, bytes) => {
      lines.push(bytes);
      asking.grant(bytes.length);
    };
  }

  /** What a child says makes no sense, or nobody looks: it is not listened to any more. */
  #silence(child: Child): void {
    child.asking.cancel();
    this.childDown(child.name);
  }

  /** A child went. */
  childDown(name: string): void {
    const child = this.#children.get(name);
    if (child !== undefined) child.isOver = true;
    this.#children.delete(name);
  }

  #listen(child: Child, line: Buffer): void {
    if (child.isOver) return;
    if (line.length >= STATUS_LINE_BYTES_MAX) return this.#silence(child);
    const heard = parseHeardLine(line.toString('utf8'));
    if (heard === undefined) return;
    if (heard.type === 'foreign') return this.#silence(child);
    // A name that is known by its place is found faster than one that has just been read.
    if (heard.name === child.name) return this.#hear(child.name, heard, true);
    // Only the subtree of the child is the child's to speak of.
    const isIts = isBelow(this.#components.view, heard.name, child.name);
    if (isIts) this.#hear(heard.name, heard, false);
  }

  #remarksOf(name: string): Remarks {
    const known = this.#remarks.get(name);
    if (known !== undefined) return known;
    const remarks = { name, rttMs: null, figures: null, change: null };
    this.#remarks.set(name, remarks);
    return remarks;
  }

  /** `isNear`: it is this node, or a child of it. Then its round trip is measured here. */
  #hear(name: string, heard: Heard, isNear: boolean): void {
    const { view, onFigures } = this.#components;
    const known = this.#remarksOf(name);
    if (isNear) known.rttMs = name === view.name ? view.uplinkRttMs() : view.rttMs(name);
    else if (heard.rttMs !== undefined) known.rttMs = heard.rttMs;
    if (heard.type === 'node') {
      known.figures = heard.figures;
      return this.#note(known, 'all');
    }
    known.figures ??= [];
    changeRow(known.figures, heard.set);
    if (isNear) onFigures(name, known.figures, known.rttMs);
    this.#note(known, heard.set);
  }

  /**
   * Something about a node changed: viewers will hear of it, with whatever else does until then.
   */
  changed(name: string): void {
    if (this.#viewers.size > 0) this.#note(this.#remarksOf(name), 'all');
  }

  #note(known: Remarks, change: Change): void {
    const noted = known.change;
    if (noted === null) this.#changed.push(known);
    if (noted === null || change === 'all') known.change = change;
    else if (noted !== 'all') {
      const isMuch = noted.length + change.length > CHANGES_LENGTH_MAX;
      known.change = isMuch ? 'all' : [...noted, ...change];
    }
    this.#scheduleFlush();
  }

  #scheduleFlush(): void {
    this.#stopFlush ??= this.#components.clock.after(WATCH_DELAY_MS, () => this.#flush());
  }

  #flush(): void {
    this.#stopFlush?.();
    this.#stopFlush = undefined;
    const changed = this.#changed;
    this.#changed = [];
    const lines = changed.map((known) => this.#takeLine(known));
    for (const viewer of this.#viewers) {
      if (viewer.isBlocked) for (const { name } of changed) viewer.missed.add(name);
      else this.#catchUp(viewer, lines);
    }
  }

  #catchUp(viewer: Viewer, lines: readonly WatchLine[]): void {
    const missed = [...viewer.missed].map((name) => this.#lineOf(name));
    viewer.missed.clear();
    if (missed.length + lines.length > 0) this.#send(viewer, [...missed, ...lines]);
  }

  /** The line about what has changed, which is told by then. */
  #takeLine(known: Remarks): WatchLine {
    const { name, change, rttMs } = known;
    known.change = null;
    if (change === null || change === 'all') return this.#lineOf(name);
    return { type: 'figures', name, set: change, rttMs };
  }

  #lineOf(name: string): WatchLine {
    const node = describeByName(this.#components.view, name, this.#remarks);
    if (node !== undefined) return this.#nodeLine(node);
    this.#remarks.delete(name);
    return { type: 'gone', name };
  }

  #send(viewer: Viewer, lines: readonly WatchLine[]): void {
    const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    viewer.isBlocked = !viewer.exchange.write(STATUS_CHANNEL, bytes);
  }
}
