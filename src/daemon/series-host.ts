/** What a node tells of itself in numbers: its reports, its plugins, its host and its counters. */
import type { Methods } from '../endpoint/methods.ts';
import type { HostSample } from '../protocol/figures.ts';
import { METRICS_SERIES_MAX } from '../protocol/limits.ts';
import type { Series } from '../protocol/series.ts';
import { MergedSeries } from '../series/merging.ts';
import { Metrics, type MetricsComponents } from '../services/metrics.ts';
import { countersToSeries, sampleToSeries } from '../services/own-series.ts';
import { formatPrometheus, PROMETHEUS_TYPE } from '../services/prometheus.ts';
import { Reports, type ReportsComponents } from '../services/reports.ts';

export interface SeriesHostComponents
  extends Omit<ReportsComponents, 'node'>,
    Pick<MetricsComponents, 'view' | 'children' | 'ask'> {
  /** Takes figures of the host. */
  sample(): Promise<HostSample>;
  /** What the rest of the node has counted. */
  counters(): Readonly<Record<string, number>>;
  /** What plugins have reported. */
  pluginSeries(): Iterable<Series>;
}

export class SeriesHost {
  readonly methods: Methods;
  readonly #components: SeriesHostComponents;
  readonly #reports: Reports;

  constructor(components: SeriesHostComponents) {
    this.#components = components;
    this.#reports = new Reports({ ...components, node: components.view.self().name });
    const metrics = new Metrics({ ...components, own: () => this.own() });
    this.methods = { ...this.#reports.methods, ...metrics.methods };
  }

  /** What reports have come to. */
  get counters(): Readonly<Record<string, number>> {
    return this.#reports.counters;
  }

  /** All that is told to who scrapes this node. */
  async page(): Promise<{ readonly type: string; readonly text: string }> {
    const { name, role, version, incarnation } = this.#components.view.self();
    const merged = new MergedSeries(METRICS_SERIES_MAX);
    merged.addAll(await this.own());
    const { leftOut } = merged;
    const { realm } = this.#components.view;
    const node = { name, role, version, realm, startedAtMs: incarnation, leftOut };
    return { type: PROMETHEUS_TYPE, text: formatPrometheus(node, merged.list()) };
  }

  /** All series of this node. What it yields is only to be read, and only for now. */
  async own(): Promise<Series[]> {
    const { sample, counters, pluginSeries } = this.#components;
    // A host that cannot tell its figures now is told of without them.
    const figures = await sample().catch(() => ({}));
    return [
      ...this.#reports.list(),
      ...pluginSeries(),
      ...sampleToSeries(figures),
      ...countersToSeries(counters()),
    ];
  }
}
