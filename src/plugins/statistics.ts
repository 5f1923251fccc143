/** What a plugin counts and measures: series like those of programs, with its name before them. */
import { NAME_LENGTH_MAX, REPORT_UNIT_LENGTH_MAX } from '../protocol/limits.ts';
import type { Statistic } from '../protocol/plugin-record.ts';
import { isSeriesName, type Report, type Series } from '../protocol/series.ts';
import { addReport, announce, listSeries } from '../series/registry.ts';
import type { PluginLine } from './lines.ts';
import type { Plugin } from './state.ts';

/** Begins anew with what the hello says: counters count from the start of a plugin on. */
export function beginStatistics({ statistics, hello }: Plugin): void {
  statistics.series.clear();
  for (const spec of hello?.statistics ?? []) announce(statistics, spec.name, spec);
}

function keep(plugin: Plugin, report: Report & { readonly value: number }, nowMs: number): boolean {
  const { statistics } = plugin;
  const { name, kind, value } = report;
  const known = statistics.series.get(name);
  if (kind !== 'counter') return addReport(statistics, report, nowMs) === undefined;
  // A plugin tells its count; a lower one has begun anew.
  const former = known?.value ?? 0;
  const grown = value < former ? value : value - former;
  if (addReport(statistics, { ...report, value: grown }, nowMs) !== undefined) return false;
  const state = statistics.series.get(name);
  if (state !== undefined) state.value = value;
  return true;
}

/**
 * Keeps a value; one that was not announced is a gauge, unless it says what it is. What is of
 * another kind than before, and what has no name for a series, is counted.
 */
export function keepStatistic(
  plugin: Plugin,
  line: Extract<PluginLine, { kind: 'statistic' }>,
  nowMs: number,
): void {
  const { name, value, statistic, unit } = line;
  const kind = statistic ?? plugin.statistics.series.get(name)?.kind ?? 'gauge';
  const isNamed = isSeriesName(name) && name.length <= NAME_LENGTH_MAX;
  if (isNamed && keep(plugin, { name, kind, unit, value, ageMs: 0 }, nowMs)) return;
  plugin.counters.statisticsDropped++;
}

function ownerOf({ hello, config }: Plugin): string {
  return hello?.name ?? config.file;
}

/** The last values, by name. */
export function listStatistics(plugin: Plugin, nowMs: number): Statistic[] {
  return [...plugin.statistics.series]
    .map(([name, { kind, unit, doc, value, atMs }]) => ({
      ...{ plugin: ownerOf(plugin), name, kind, value, unit, doc },
      ageMs: value === null ? null : Math.round(nowMs - atMs),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A hello may have any text for a unit. */
function toUnit(text: string): string {
  return text.replace(/[\s\p{C}]+/gu, '_').slice(0, REPORT_UNIT_LENGTH_MAX);
}

/** What it has reported, as series of its node: `weather.celsius`. */
export function* listPluginSeries(plugin: Plugin, nowMs: number): Iterable<Series> {
  for (const series of listSeries(plugin.statistics, nowMs)) {
    const unit = toUnit(series.unit);
    yield { ...series, unit, name: `${ownerOf(plugin)}.${series.name}` };
  }
}
