/** The last values of what a plugin counts and measures. */
import { PLUGIN_STATISTICS_MAX } from '../protocol/limits.ts';
import type { Statistic } from '../protocol/plugin-record.ts';
import type { PluginLine } from './lines.ts';
import type { Plugin } from './state.ts';

/** Begins anew with what the hello says: counters count from the start of a plugin on. */
export function beginStatistics(plugin: Plugin): void {
  plugin.figures.clear();
  for (const spec of plugin.hello?.statistics ?? []) {
    plugin.figures.set(spec.name, { ...spec, value: null, atMs: null });
  }
}

/** Keeps a value; one that was not announced is a gauge, unless it says what it is. */
export function keepStatistic(
  plugin: Plugin,
  line: Extract<PluginLine, { kind: 'statistic' }>,
  nowMs: number,
): void {
  const { name, value, statistic, unit } = line;
  const former = plugin.figures.get(name);
  const isNew = former === undefined;
  if (isNew && plugin.figures.size >= PLUGIN_STATISTICS_MAX) {
    plugin.counters.statisticsDropped++;
    return;
  }
  const { kind = 'gauge', doc = '' } = former ?? {};
  const known = { name, kind: statistic ?? kind, unit: unit ?? former?.unit ?? '', doc };
  plugin.figures.set(name, { ...known, value, atMs: nowMs });
}

/** The last values, by name. */
export function listStatistics(plugin: Plugin, nowMs: number): Statistic[] {
  const owner = plugin.hello?.name ?? plugin.config.file;
  return [...plugin.figures.values()]
    .map(({ atMs, ...figure }) => ({
      plugin: owner,
      ...figure,
      ageMs: atMs === null ? null : Math.round(nowMs - atMs),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
