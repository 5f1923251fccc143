/** What a node knows of itself and its host, as series beside those that were reported. */
import { FIGURES, type Figure, type HostSample } from '../protocol/figures.ts';
import type { Series } from '../protocol/series.ts';

/** Units of figures that say nothing to who reads the value. */
const PLAIN_UNITS: readonly Figure['unit'][] = ['count', 'load', 'yes/no'];

/** What the node has counted, as `dagent.NAME`. */
export function* countersToSeries(counters: Readonly<Record<string, number>>): Iterable<Series> {
  for (const [name, total] of Object.entries(counters)) {
    const doc = '';
    yield { name: `dagent.${name}`, unit: '', doc, kind: 'counter', total, perMinute: null };
  }
}

/** The figures of a sample as gauges, `host.NAME`; but for texts and instants. */
export function* sampleToSeries(sample: Partial<HostSample>): Iterable<Series> {
  for (const { id, unit, doc } of FIGURES) {
    const value = sample[id];
    if (typeof value !== 'number' || !Number.isFinite(value) || unit === 'instant') continue;
    const shown = PLAIN_UNITS.includes(unit) ? '' : unit;
    const level = { value, ageMs: 0, count: 1, sum: value, min: value, max: value };
    yield { name: `host.${id}`, unit: shown, doc, kind: 'gauge', ...level };
  }
}
