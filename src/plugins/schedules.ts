/**
 * What a plugin does every so often: due on a grid from its start on, each time late by a part of
 * its jitter; left out while the last run goes on.
 */
import { nextRandom } from '../base/random.ts';
import { DagentError, type ErrorData } from '../protocol/errors.ts';
import { PLUGIN_TEXT_LENGTH_MAX } from '../protocol/limits.ts';
import type { PluginOutcome } from './io.ts';
import type { Plugin, Schedule } from './state.ts';

/** The schedules of a plugin that begins to run; what is known of those of the same name stays. */
export function beginSchedules(plugin: Plugin, nowMs: number): void {
  const former = new Map(plugin.schedules.map((schedule) => [schedule.spec.name, schedule]));
  const specs = plugin.hello?.schedules ?? [];
  plugin.schedules = specs.map((spec) => ({
    runCount: 0,
    failureCount: 0,
    skippedCount: 0,
    tookMs: null,
    endedAtMs: null,
    result: null,
    error: null,
    ...former.get(spec.name),
    spec,
    baseAtMs: nowMs,
    dueAtMs: nowMs + spec.jitterMs * nextRandom(plugin.random),
  }));
}

/** When the next run is due; what was missed, because the host slept, is not made up for. */
function postpone(plugin: Plugin, schedule: Schedule, nowMs: number): void {
  const { everyMs, jitterMs } = schedule.spec;
  const periods = Math.max(1, Math.ceil((nowMs - schedule.baseAtMs) / everyMs));
  schedule.baseAtMs += periods * everyMs;
  schedule.dueAtMs = schedule.baseAtMs + jitterMs * nextRandom(plugin.random);
}

/** Whether the plugin still works on a run, also on one whose time is over. */
export function isRunning(plugin: Plugin, schedule: Schedule): boolean {
  for (const call of plugin.calls.values()) if (call.schedule === schedule) return true;
  return false;
}

/** The schedules that are to be run now. */
export function takeDue(plugin: Plugin, nowMs: number): Schedule[] {
  const free: Schedule[] = [];
  for (const schedule of plugin.schedules.filter(({ dueAtMs }) => dueAtMs <= nowMs)) {
    postpone(plugin, schedule, nowMs);
    if (isRunning(plugin, schedule)) schedule.skippedCount++;
    else free.push(schedule);
  }
  return free;
}

/** What is kept of a run that failed. */
function errorIn(plugin: Plugin, outcome: PluginOutcome): ErrorData | null {
  if ('error' in outcome) return outcome.error;
  if ('value' in outcome) return null;
  // Without its arguments, which may be anything: it is kept to be read.
  const { class: name, message: text } = outcome.fault;
  const { node, file } = plugin.config;
  const values = { class: name, text: text.slice(0, PLUGIN_TEXT_LENGTH_MAX), node: file };
  return new DagentError('E_REMOTE', values, { origin: node }).toData();
}

/** A run has ended, `tookMs` after its start. */
export function endRun(
  plugin: Plugin,
  schedule: Schedule,
  outcome: PluginOutcome,
  { tookMs, nowMs }: { readonly tookMs: number; readonly nowMs: number },
): void {
  schedule.tookMs = tookMs;
  schedule.endedAtMs = nowMs;
  schedule.error = errorIn(plugin, outcome);
  if (schedule.error !== null) schedule.failureCount++;
  const result = 'value' in outcome ? (JSON.stringify(outcome.value) ?? 'null') : null;
  schedule.result = result?.slice(0, PLUGIN_TEXT_LENGTH_MAX) ?? null;
}
