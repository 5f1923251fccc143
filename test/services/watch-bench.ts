/** A node that can be watched, and those who look at it. */
import { createLineSplitter } from '../../src/base/lines.ts';
import { createWatchReader } from '../../src/client/watch.ts';
import type { Answering } from '../../src/endpoint/answering.ts';
import type { Asking } from '../../src/endpoint/asking.ts';
import { openCall } from '../../src/endpoint/methods.ts';
import type { FigureRow } from '../../src/protocol/figure-row.ts';
import { WATCH_DELAY_MS } from '../../src/protocol/limits.ts';
import type { NodeStatus, WatchRecord } from '../../src/protocol/status.ts';
import { Sampler } from '../../src/services/sampler.ts';
import { Watch } from '../../src/services/watch.ts';
import { answering, createPair, quiet } from '../endpoint/pair.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeView, sampleOf } from './view.ts';

/** One who looks, and all that it has heard. */
export class Viewer {
  readonly asking: Asking;
  readonly records: WatchRecord[] = [];
  /** Versions of watches that it cannot read. */
  readonly foreign: number[] = [];
  /** What came on the wire, all of it. */
  readonly lines: string[] = [];
  isReading = true;
  constructor(asking: Asking) {
    this.asking = asking;
    const read = createWatchReader({
      onRecord: (record) => this.records.push(record),
      onForeign: (version) => this.foreign.push(version),
    });
    const lines = createLineSplitter((line) => {
      this.lines.push(line.toString());
      read(line.toString());
    });
    asking.onData = (_, bytes) => {
      lines.push(bytes);
      if (this.isReading) asking.grant(bytes.length);
    };
  }

  /** Forgets, and returns, what was heard so far, in short. */
  take(): string[] {
    return this.records.splice(0).map((record) => {
      if (record.type === 'snapshot') return `all ${record.nodes.map(({ name }) => name)}`;
      return record.type === 'gone' ? `gone ${record.name}` : record.node.name;
    });
  }

  node(name: string): NodeStatus | undefined {
    const found = this.records.findLast((it) => it.type === 'node' && it.node.name === name);
    return found?.type === 'node' ? found.node : undefined;
  }
}

/** A node that can be watched, and its children, whose watches the test plays. */
export class Bench {
  readonly clock = new FakeClock();
  readonly view = new FakeView();
  readonly children: string[] = [];
  /** The watches of children that are open, at the children's end. */
  readonly opened: { name: string; exchange: Answering }[] = [];
  /** With what they were asked for. */
  readonly wishes: unknown[] = [];
  readonly cancelled: string[] = [];
  sampleCount = 0;
  /** All figures of nodes of which some were new, and the round trip to them. */
  readonly rows: [string, FigureRow, number | null][] = [];
  isIll = false;
  isSteady = false;
  readonly pair = createPair();
  readonly watch: Watch;

  constructor() {
    this.watch = new Watch({
      view: this.view,
      clock: this.clock,
      sampler: new Sampler({
        clock: this.clock,
        seed: 1,
        host: async () => {
          this.sampleCount++;
          if (this.isIll) throw new Error('the host is ill');
          return sampleOf(this.isSteady ? 1 : this.sampleCount);
        },
        own: async () => ({}),
      }),
      openChild: (name, args) => this.#openChild(name, args),
      children: () => this.children,
      onFigures: (...row) => this.rows.push(row),
    });
    this.pair.there.handle('dagent', answering(this.watch.methods));
  }

  #openChild(name: string, args: readonly unknown[]): Asking {
    this.wishes.push(args[0]);
    const { here, there } = createPair();
    there.handle('dagent', {
      onRequest: (exchange) => {
        this.opened.push({ name, exchange });
        exchange.onCancel = () => this.cancelled.push(name);
      },
    });
    return openCall(here, 'there:', 'watch.open', {});
  }

  async open(...args: readonly unknown[]): Promise<Viewer> {
    const viewer = new Viewer(openCall(this.pair.here, 'there:', 'watch.open', { args }));
    await quiet();
    return viewer;
  }

  /** Lets pass what changes are gathered for. */
  async flush(): Promise<void> {
    this.clock.advance(WATCH_DELAY_MS);
    await quiet();
  }

  /** A child says something on its watch. */
  async say(child: string, ...lines: readonly unknown[]): Promise<void> {
    const open = this.opened.findLast(({ name }) => name === child);
    for (const line of lines) {
      const text = typeof line === 'string' ? line : JSON.stringify(line);
      open?.exchange.write(1, Buffer.from(`${text}\n`));
    }
    await quiet();
  }
}
