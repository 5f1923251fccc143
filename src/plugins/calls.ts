/**
 * What a plugin is asked: each has one outcome, and a time. A plugin may do one thing after the
 * other, so only the oldest call tells whether it is stuck: the others may wait behind it.
 */
import { DagentError, type ErrorData } from '../protocol/errors.ts';
import {
  PLUGIN_CALLS_MAX,
  PLUGIN_INPUT_BYTES_MAX,
  PLUGIN_RELEASE_MS_MAX,
} from '../protocol/limits.ts';
import type { PluginInput, PluginOutcome } from './io.ts';
import { encodePluginLine, type PluginLine } from './lines.ts';
import { endRun } from './schedules.ts';
import type { Call, Plugin, Schedule } from './state.ts';

type Ask = Extract<PluginInput, { kind: 'ask' }>;

/** An error about a plugin. */
export function errorOf(
  { config }: Plugin,
  code: DagentError['code'],
  values: DagentError['values'] = {},
): ErrorData {
  const all = { file: config.file, ...values };
  return new DagentError(code, all, { origin: config.node }).toData();
}

/** Writes a line to it; false when it does not keep up, and the line is not written. */
export function writeLine(plugin: Plugin, fields: object): boolean {
  const bytes = encodePluginLine(fields);
  if (plugin.unreadBytes + bytes.length > PLUGIN_INPUT_BYTES_MAX) return false;
  plugin.unreadBytes += bytes.length;
  plugin.outputs.push({ kind: 'write', bytes });
  return true;
}

interface Asked {
  readonly id: number;
  readonly method: string;
  readonly timeoutMs: number;
  readonly schedule: Schedule | null;
}

/** Notes what it was asked. */
function addCall(plugin: Plugin, { id, method, timeoutMs, schedule }: Asked, nowMs: number): void {
  const deadlineAtMs = nowMs + timeoutMs;
  const times = { timeoutMs, askedAtMs: nowMs, deadlineAtMs };
  plugin.calls.set(id, { id, method, schedule, ...times, isOver: false });
  plugin.callsDueAtMs = Math.min(plugin.callsDueAtMs, deadlineAtMs);
}

function settle(plugin: Plugin, call: Call, outcome: PluginOutcome, nowMs: number): void {
  call.isOver = true;
  if (call.schedule !== null)
    endRun(plugin, call.schedule, outcome, { tookMs: nowMs - call.askedAtMs, nowMs });
  else plugin.outputs.push({ kind: 'settle', id: call.id, outcome });
}

function refuse(plugin: Plugin, id: number, error: ErrorData): void {
  plugin.outputs.push({ kind: 'settle', id, outcome: { error } });
}

/** Asks it something for somebody who waits. */
export function ask(plugin: Plugin, { id, type, method, timeoutMs, line }: Ask, nowMs: number) {
  if (plugin.phase !== 'running') {
    return refuse(plugin, id, errorOf(plugin, 'E_PLUGIN_DOWN', { state: plugin.phase }));
  }
  const isFull = plugin.calls.size >= PLUGIN_CALLS_MAX;
  if (isFull || !writeLine(plugin, { type, id, ...line })) {
    const values = { count: plugin.calls.size, bytes: plugin.unreadBytes };
    return refuse(plugin, id, errorOf(plugin, 'E_PLUGIN_BUSY', values));
  }
  plugin.counters.calls++;
  addCall(plugin, { id, method, timeoutMs, schedule: null }, nowMs);
}

/** Runs a schedule. */
export function startRun(plugin: Plugin, schedule: Schedule, id: number, nowMs: number): void {
  const { name, timeoutMs } = schedule.spec;
  if (!writeLine(plugin, { type: 'run', id, schedule: name })) {
    schedule.skippedCount++;
    return;
  }
  schedule.runCount++;
  addCall(plugin, { id, method: name, timeoutMs, schedule }, nowMs);
}

/** Tells it of something, at most once. */
export function tell(plugin: Plugin, type: 'message' | 'event', line: object): void {
  const isWritten = plugin.phase === 'running' && writeLine(plugin, { type, ...line });
  if (!isWritten) plugin.counters.dropped++;
  else if (type === 'message') plugin.counters.messages++;
  else plugin.counters.events++;
}

/** Nobody waits for an answer any more: it is told to let go. */
export function cancel(plugin: Plugin, id: number, nowMs: number): void {
  const call = plugin.calls.get(id);
  if (call === undefined || call.isOver) return;
  const values = { method: call.method, to: plugin.config.file };
  settle(plugin, call, { error: errorOf(plugin, 'E_CANCELLED', values) }, nowMs);
  writeLine(plugin, { type: 'cancel', id });
}

function outcomeOf(plugin: Plugin, line: Extract<PluginLine, { id: number }>): PluginOutcome {
  if (line.kind !== 'error') return { value: line.value };
  plugin.counters.errors++;
  return { fault: line.fault };
}

/** Takes what it says to something that it was asked. */
export function handleAnswer(
  plugin: Plugin,
  line: Extract<PluginLine, { id: number }>,
  nowMs: number,
): void {
  const call = plugin.calls.get(line.id);
  if (call === undefined) {
    plugin.counters.strays++;
  } else if (line.kind === 'progress') {
    if (!call.isOver && call.schedule === null) {
      plugin.outputs.push({ kind: 'progress', id: call.id, value: line.value });
    }
  } else {
    plugin.calls.delete(line.id);
    if (call.isOver) plugin.counters.late++;
    else settle(plugin, call, outcomeOf(plugin, line), nowMs);
  }
}

/** Ends what is over its time; returns the call that the plugin is stuck in, if it is. */
export function expireCalls(plugin: Plugin, nowMs: number): Call | undefined {
  let dueAtMs = Number.POSITIVE_INFINITY;
  let oldest: Call | undefined;
  for (const call of plugin.calls.values()) {
    oldest ??= call;
    if (!call.isOver && call.deadlineAtMs <= nowMs) {
      plugin.counters.timeouts++;
      const values = { method: call.method, ms: call.timeoutMs };
      const error = errorOf(plugin, 'E_PLUGIN_TIMEOUT', values);
      settle(plugin, call, { error }, nowMs);
      writeLine(plugin, { type: 'cancel', id: call.id });
    }
    if (!call.isOver) dueAtMs = Math.min(dueAtMs, call.deadlineAtMs);
  }
  const releaseAtMs = (oldest?.deadlineAtMs ?? Number.POSITIVE_INFINITY) + PLUGIN_RELEASE_MS_MAX;
  const isStuck = releaseAtMs <= nowMs;
  // Said once: one that is asked to end already has its end coming.
  plugin.callsDueAtMs = isStuck ? dueAtMs : Math.min(dueAtMs, releaseAtMs);
  return isStuck ? oldest : undefined;
}

/** It is gone: what it was asked ends with this. */
export function failCalls(plugin: Plugin, error: ErrorData, nowMs: number): void {
  for (const call of plugin.calls.values()) {
    if (!call.isOver) settle(plugin, call, { error }, nowMs);
  }
  plugin.calls.clear();
  plugin.callsDueAtMs = Number.POSITIVE_INFINITY;
}
