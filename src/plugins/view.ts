/** A plugin as its node tells of it. */

import type { ErrorData } from '../protocol/errors.ts';
import { PLUGIN_MEMORY_BYTES_DEFAULT } from '../protocol/limits.ts';
import type { PluginDetails, PluginRecord, ScheduleRecord } from '../protocol/plugin-record.ts';
import { isRunning } from './schedules.ts';
import type { Plugin, Schedule } from './state.ts';
import { listStatistics } from './statistics.ts';

function sinceMs(atMs: number | null, nowMs: number): number | null {
  return atMs === null ? null : Math.round(nowMs - atMs);
}

function untilMs(atMs: number, nowMs: number): number {
  return Math.max(0, Math.round(atMs - nowMs));
}

/** On one line of a list. */
export function viewPlugin(plugin: Plugin, nowMs: number): PluginRecord {
  const { config, hello, phase, upAtMs, phaseEndsAtMs } = plugin;
  return {
    file: config.file,
    name: hello?.name ?? null,
    version: hello?.version ?? null,
    state: phase,
    pid: plugin.pid,
    memoryBytes: plugin.memoryBytes,
    upMs: phase === 'running' ? sinceMs(upAtMs, nowMs) : null,
    retryMs: phase === 'waiting' ? untilMs(phaseEndsAtMs, nowMs) : null,
    classes: Object.keys(hello?.classes ?? {}),
    services: hello?.services ?? [],
    counters: { ...plugin.counters },
    ends: { ...plugin.ends },
    error: plugin.error,
  };
}

function viewSchedule(plugin: Plugin, schedule: Schedule, nowMs: number): ScheduleRecord {
  const { name, doc, everyMs, jitterMs } = schedule.spec;
  const { runCount, failureCount, skippedCount, tookMs, endedAtMs, result, error } = schedule;
  return {
    ...{ name, doc, everyMs, jitterMs, runCount, failureCount, skippedCount, result, error },
    isRunning: isRunning(plugin, schedule),
    dueMs: plugin.phase === 'running' ? untilMs(schedule.dueAtMs, nowMs) : null,
    tookMs: tookMs === null ? null : Math.round(tookMs),
    agoMs: sinceMs(endedAtMs, nowMs),
  };
}

/** What of it only its driver knows. */
interface Outside {
  readonly path: string;
  readonly missing: Readonly<Record<string, ErrorData>>;
}

/** In full. */
export function viewDetails(plugin: Plugin, outside: Outside, nowMs: number): PluginDetails {
  const { hello } = plugin;
  return {
    ...viewPlugin(plugin, nowMs),
    ...outside,
    doc: hello?.doc ?? '',
    memoryBytesMax: hello?.memoryBytes ?? PLUGIN_MEMORY_BYTES_DEFAULT,
    classDocs: hello?.classes ?? {},
    methods: hello?.methods ?? [],
    topics: hello?.topics ?? [],
    schedules: plugin.schedules.map((schedule) => viewSchedule(plugin, schedule, nowMs)),
    statistics: listStatistics(plugin, nowMs),
  };
}
