/** The statistics of a daemon: where its figures come from, and who is told. */
import type { Methods } from '../endpoint/methods.ts';
import type { Clock } from '../ports/clock.ts';
import type { HostProbe } from '../ports/host-probe.ts';
import type { HostSample, PartialSample } from '../protocol/figures.ts';
import type { RouterEvent } from '../router/io.ts';
import type { Router } from '../router/state.ts';
import { Heartbeat } from '../services/heartbeat.ts';
import { History, type HistoryComponents } from '../services/history.ts';
import { Sampler } from '../services/sampler.ts';
import { Watch, type WatchComponents } from '../services/watch.ts';
import { createOwnFigures, type OwnFigureComponents } from './own-figures.ts';

export interface StatisticsHostComponents
  extends OwnFigureComponents,
    Pick<WatchComponents, 'view' | 'openChild' | 'children'>,
    Pick<HistoryComponents, 'ask'> {
  readonly router: Router;
  readonly clock: Clock;
  readonly probe: HostProbe;
  readonly seed: number;
  /** Figures of durable messages. */
  durable(): Promise<PartialSample>;
  /** Tells the parent, if there is one. */
  tellParent(method: string, args: readonly unknown[]): void;
}

export class StatisticsHost {
  readonly watch: Watch;
  readonly #node: string;
  readonly #sampler: Sampler;
  readonly #history: History;
  readonly #heartbeat: Heartbeat;

  constructor(components: StatisticsHostComponents) {
    const { router, probe, durable, tellParent } = components;
    const ownFigures = createOwnFigures(components);
    const sampler = new Sampler({
      ...components,
      host: () => probe.sample(),
      own: async () => ({ ...ownFigures(), ...(await durable()) }),
    });
    this.#sampler = sampler;
    const node = router.config.name;
    this.#node = node;
    this.#history = new History(components);
    this.watch = new Watch({
      ...components,
      sampler,
      onFigures: (name, row) => this.#history.fold(name, row),
    });
    this.#heartbeat = new Heartbeat({
      ...components,
      sampler,
      onBeat: (row) => {
        this.#history.fold(node, row);
        tellParent('stats.put', [row]);
      },
    });
  }

  get methods(): Methods {
    return { ...this.watch.methods, ...this.#history.methods };
  }

  /** The figures as they are now. */
  sample(): Promise<HostSample> {
    return this.#sampler.sample();
  }

  start(): void {
    this.#heartbeat.start();
  }

  stop(): void {
    this.#heartbeat.stop();
  }

  /** Hears what the router says. */
  observe(event: RouterEvent): void {
    switch (event.kind) {
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
