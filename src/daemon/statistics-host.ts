/** The statistics of a daemon: where its figures come from, and who is told. */
import type { Clock } from '../ports/clock.ts';
import type { HostProbe } from '../ports/host-probe.ts';
import type { PartialSample } from '../protocol/figures.ts';
import type { RouterEvent } from '../router/io.ts';
import type { Router } from '../router/state.ts';
import { Sampler } from '../services/sampler.ts';
import { Watch, type WatchComponents } from '../services/watch.ts';
import { createOwnFigures, type OwnFigureComponents } from './own-figures.ts';

export interface StatisticsHostComponents
  extends OwnFigureComponents,
    Pick<WatchComponents, 'view' | 'openChild' | 'children'> {
  readonly router: Router;
  readonly clock: Clock;
  readonly probe: HostProbe;
  readonly seed: number;
  /** Figures of durable messages. */
  durable(): Promise<PartialSample>;
}

export class StatisticsHost {
  readonly watch: Watch;
  readonly #node: string;
  readonly #sampler: Sampler;

  constructor(components: StatisticsHostComponents) {
    const { router, probe, durable } = components;
    const ownFigures = createOwnFigures(components);
    this.#sampler = new Sampler({
      ...components,
      host: () => probe.sample(),
      own: async () => ({ ...ownFigures(), ...(await durable()) }),
    });
    this.#node = router.config.name;
    this.watch = new Watch({ ...components, sampler: this.#sampler });
  }

  /** Takes a sample, so that the next one has rates. */
  start(): void {
    this.#sampler.sample().catch(() => 'a host that is ill is asked again when somebody looks');
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
      case 'nodeGone':
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
