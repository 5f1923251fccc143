/** The statistics of a daemon: where its figures come from, and who is told. */
import type { Incoming } from '../endpoint/incoming.ts';
import type { Methods } from '../endpoint/methods.ts';
import type { Clock } from '../ports/clock.ts';
import type { HostProbe } from '../ports/host-probe.ts';
import type { FigureRow } from '../protocol/figure-row.ts';
import type { HostSample, PartialSample } from '../protocol/figures.ts';
import { pack } from '../protocol/pack.ts';
import type { RouterEvent } from '../router/io.ts';
import type { Router } from '../router/state.ts';
import { Heartbeat } from '../services/heartbeat.ts';
import { BEAT_COMMAND, History, type HistoryComponents } from '../services/history.ts';
import { Sampler } from '../services/sampler.ts';
import { Watch, type WatchComponents } from '../services/watch.ts';
import { createOwnFigures, type OwnFigureComponents } from './own-figures.ts';

export interface StatisticsHostComponents
  extends OwnFigureComponents,
    Pick<WatchComponents, 'view' | 'openChild' | 'children'>,
    Pick<HistoryComponents, 'ask'> {
  readonly router: Router;
  readonly clock: Clock;
  readonly probe: Pick<HostProbe, 'sample'>;
  readonly seed: number;
  /** Figures of durable messages. */
  durable(): Promise<PartialSample>;
  /** Name of the parent, if there is one. */
  parent(): string | undefined;
  /** Sends a message to the service of a node, once: what is not heard is of no use later. */
  tell(node: string, command: string, data: Buffer): void;
}

export class StatisticsHost {
  readonly watch: Watch;
  readonly #components: StatisticsHostComponents;
  readonly #node: string;
  readonly #sampler: Sampler;
  readonly #history: History;
  readonly #heartbeat: Heartbeat;

  constructor(components: StatisticsHostComponents) {
    const { router, probe, durable } = components;
    this.#components = components;
    const ownFigures = createOwnFigures(components);
    const sampler = new Sampler({
      ...components,
      host: () => probe.sample(),
      own: async () => ({ ...ownFigures(), ...(await durable()) }),
    });
    this.#sampler = sampler;
    this.#node = router.config.name;
    this.#history = new History(components);
    this.watch = new Watch({
      ...components,
      sampler,
      onFigures: (name, row, rttMs) => this.#history.fold(name, row, rttMs),
    });
    this.#heartbeat = new Heartbeat({
      ...components,
      sampler,
      onBeat: (row) => this.#beat(row),
    });
  }

  #beat(row: FigureRow): void {
    this.#history.forgetOld();
    const { parent, tell, view } = this.#components;
    this.#history.fold(this.#node, row, view.uplinkRttMs());
    const name = parent();
    // To a parent that watches, all of it is told anyway.
    if (name !== undefined && !this.watch.isWatchedBy(name)) tell(name, BEAT_COMMAND, pack(row));
  }

  /** Takes a message to the service; false when it is none of statistics. */
  take(message: Incoming): boolean {
    return this.#history.take(message);
  }

  get methods(): Methods {
    return { ...this.watch.methods, ...this.#history.methods };
  }

  /** The figures as they are now. */
  sample(): Promise<HostSample> {
    return this.#sampler.sample();
  }

  start(): void {
    this.#heartbeat.beat();
  }

  stop(): void {
    this.#heartbeat.stop();
  }

  /** Hears what the router says. */
  observe(event: RouterEvent): void {
    switch (event.kind) {
      case 'joined':
        return this.#heartbeat.beat();
      case 'childUp':
        return this.watch.childUp(event.record.name);
      case 'childDown':
        return this.watch.childDown(event.record.name);
      case 'nodeUp':
      case 'nodeChanged':
      case 'nodeLost':
        return this.watch.changed(event.record.name);
      case 'nodeGone':
        this.#history.forget(event.record.name);
        return this.watch.changed(event.record.name);
      case 'serviceUp':
      case 'serviceDown':
      case 'uplinkUp':
      case 'uplinkDown':
        return this.watch.changed(this.#node);
      default:
        return;
    }
  }
}
