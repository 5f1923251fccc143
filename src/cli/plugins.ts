/** What the commands about plugins share: which node is asked, and how a plugin is shown. */
import * as Flags from '@oclif/core/flags';
import { formatDuration } from '../base/duration.ts';
import { escapeLine } from '../base/escape.ts';
import { formatBytes } from '../base/size.ts';
import type { Client } from '../client/client.ts';
import { type ErrorData, errorFromData } from '../protocol/errors.ts';
import type {
  PluginDetails,
  PluginRecord,
  ScheduleRecord,
  Statistic,
} from '../protocol/plugin-record.ts';
import { viaFlags } from './base.ts';
import { formatTable } from './table.ts';

/** Statistics in the view of one plugin. */
const FIGURES_SHOWN_MAX = 24;

export const pluginFlags = {
  at: Flags.string({ helpValue: 'NODE', description: 'Node that runs them; this one otherwise' }),
  json: Flags.boolean({ description: 'Print one JSON document' }),
  ...viaFlags,
};

/** Asks a node about its plugins. */
export function askPlugins<T>(
  client: Client,
  at: string | undefined,
  method: string,
  args: readonly unknown[] = [],
): Promise<T> {
  return client.call(`${at ?? client.node}:`, `plugin.${method}`, args) as Promise<T>;
}

function messageOf(error: ErrorData): string {
  return errorFromData(error).message;
}

function stateOf({ state, upMs, retryMs }: PluginRecord): string {
  if (upMs !== null) return `${state} ${formatDuration(upMs)}`;
  return retryMs === null ? state : `${state} ${formatDuration(retryMs)}`;
}

const sizeOf = (bytes: number | null): string => (bytes === null ? '-' : formatBytes(bytes));

/** A table of plugins; the reason of each that does not run is below it. */
export function formatPlugins(plugins: readonly PluginRecord[]): string {
  const figures = ['PID', 'MEM', 'CALLS', 'ERRORS', 'ENDS'];
  const [version, state] = [{ head: 'VERSION', priority: 9 }, 'STATE'];
  const head = ['PLUGIN', version, state, ...figures, { head: 'CLASSES', isText: true }];
  const rows = plugins.map((plugin) => {
    const { name, file, version, pid, memoryBytes, counters, ends, classes } = plugin;
    const endCount = Object.values(ends).reduce((sum, count) => sum + count, 0);
    const counts = [counters.calls, counters.errors + counters.timeouts, endCount].map(String);
    const named = [name ?? file, version || '-', stateOf(plugin), String(pid ?? '-')];
    return [...named, sizeOf(memoryBytes), ...counts, classes.join(' ') || '-'];
  });
  return [formatTable(head, rows), ...plugins.flatMap(formatTrouble)].join('\n');
}

function formatTrouble({ state, file, error }: PluginRecord): string[] {
  if (state === 'running' || error === null) return [];
  return [escapeLine(`${file}: ${messageOf(error)} (${error.code})`)];
}

function formatSchedule(schedule: ScheduleRecord): string {
  const { name, everyMs, runCount, failureCount, skippedCount, isRunning, dueMs } = schedule;
  const { agoMs, tookMs, result, error } = schedule;
  const counts = formatCounts({ runs: runCount, failed: failureCount, skipped: skippedCount });
  const due = dueMs === null ? [] : [`next in ${formatDuration(dueMs)}`];
  const took = tookMs === null ? '' : `, took ${formatDuration(tookMs)}`;
  const outcome = error === null ? result : messageOf(error);
  const last = agoMs === null ? [] : [`last ${formatDuration(agoMs)} ago${took}: ${outcome}`];
  const parts = [counts, ...(isRunning ? ['runs now'] : due), ...last];
  return `${name}  every ${formatDuration(everyMs)}; ${parts.join('; ')}`;
}

function formatStatistic({ name, kind, value, unit, ageMs }: Statistic): string {
  const age = ageMs === null ? 'not yet' : `${formatDuration(ageMs)} ago`;
  return `${name}  ${kind}  ${value ?? '-'} ${unit}`.trimEnd().concat(`  ${age}`);
}

/** As many as a person reads; a plugin may have hundreds. */
function formatStatistics(statistics: readonly Statistic[]): string[] {
  const lines = statistics.slice(0, FIGURES_SHOWN_MAX).map(formatStatistic);
  const leftCount = statistics.length - lines.length;
  return leftCount === 0 ? lines : [...lines, `and ${leftCount} more: see --json`];
}

/** What was counted and is not zero. */
function formatCounts(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).filter(([, count]) => count > 0);
  return entries.map(([name, count]) => `${name} ${count}`).join(', ') || 'nothing yet';
}

/** How it ended so far; the last time in words. */
function formatEnds({ ends, error }: PluginDetails): string[] {
  const counts = Object.keys(ends).length === 0 ? [] : [formatCounts(ends)];
  return [...counts, ...(error === null ? [] : [`${messageOf(error)} (${error.code})`])];
}

const firstLineOf = (text: string): string => text.split('\n')[0] ?? '';

function section(name: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `  ${(index === 0 ? name : '').padEnd(10)} ${line}`);
}

/** A plugin in full, a line for each thing. */
export function formatDetails(plugin: PluginDetails): string[] {
  const { name, file, version, pid, memoryBytes, memoryBytesMax, methods, classDocs } = plugin;
  const running = pid === null ? '' : `, pid ${pid}`;
  const missing = Object.entries(plugin.missing).map(
    ([what, error]) => `${what}: ${messageOf(error)}`,
  );
  return [
    `${[name ?? file, version].filter(Boolean).join(' ')} (${stateOf(plugin)}${running})`,
    ...section('', plugin.doc === '' ? [] : plugin.doc.split('\n')),
    ...section('file', [plugin.path]),
    ...section('memory', [`${sizeOf(memoryBytes)} of at most ${formatBytes(memoryBytesMax)}`]),
    ...section(
      'classes',
      Object.entries(classDocs).map(([each, doc]) => `${each}  ${firstLineOf(doc)}`.trimEnd()),
    ),
    ...section(
      'methods',
      methods.map(({ name: method, args, doc }) =>
        `${method}(${args.join(', ')})  ${firstLineOf(doc)}`.trimEnd(),
      ),
    ),
    ...section('services', plugin.services),
    ...section('topics', plugin.topics),
    ...section('missing', missing),
    ...section('schedules', plugin.schedules.map(formatSchedule)),
    ...section('figures', formatStatistics(plugin.statistics)),
    ...section('counted', [formatCounts({ ...plugin.counters })]),
    ...section('ended', formatEnds(plugin)),
  ].map(escapeLine);
}
