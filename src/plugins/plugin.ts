/**
 * The supervision of a plugin: `step(plugin, input, nowMs) -> outputs`. No process, clock or file
 * of its own; `src/services/plugin-driver.ts` carries out what it says.
 */
import { assertNever } from '../base/assert.ts';
import { escapeLine } from '../base/escape.ts';
import { DagentError } from '../protocol/errors.ts';
import {
  PLUGIN_FAULTS_MAX,
  PLUGIN_LINE_BYTES_MAX,
  PLUGIN_MEMORY_BYTES_DEFAULT,
  PLUGIN_OUTPUT_BYTES_MAX,
} from '../protocol/limits.ts';
import { ask, cancel, errorOf, expireCalls, handleAnswer, startRun, tell } from './calls.ts';
import { readHello } from './hello.ts';
import type { PluginInput, PluginOutput } from './io.ts';
import { accept, endPhase, handleEnd, kill, refuse, restart, stop } from './lifecycle.ts';
import { type PluginLine, parsePluginLine } from './lines.ts';
import { logLine, logStderr } from './log.ts';
import { takeDue } from './schedules.ts';
import { nextId, type Plugin } from './state.ts';
import { keepStatistic } from './statistics.ts';

const SECOND_MS = 1_000;
/** What of a line that makes no sense goes into the log, in characters. */
const EXCERPT_LENGTH = 200;

/** Whether its process is there and not about to be ended. */
function isAtWork({ phase }: Plugin): boolean {
  return phase === 'starting' || phase === 'running';
}

function greet(plugin: Plugin, fields: Readonly<Record<string, unknown>>, nowMs: number): void {
  if (plugin.phase !== 'starting') return;
  try {
    plugin.outputs.push({ kind: 'greeted', hello: readHello(fields) });
  } catch (error) {
    if (!(error instanceof DagentError)) throw error;
    refuse(plugin, error.message, nowMs);
  }
}

function handleFault(plugin: Plugin, line: Buffer, nowMs: number): void {
  plugin.counters.faults++;
  plugin.faultCount++;
  const excerpt = line.toString('utf8', 0, EXCERPT_LENGTH).trimEnd();
  logLine(plugin, 'a line of a plugin is not of the protocol', excerpt, nowMs);
  if (plugin.faultCount <= PLUGIN_FAULTS_MAX) return;
  const what = `more than ${PLUGIN_FAULTS_MAX} lines that are not of the protocol`;
  kill(plugin, errorOf(plugin, 'E_PLUGIN_BROKEN', { what }), nowMs);
}

function apply(plugin: Plugin, line: PluginLine, nowMs: number): void {
  switch (line.kind) {
    case 'hello':
      return greet(plugin, line.fields, nowMs);
    case 'result':
    case 'error':
    case 'progress':
      return handleAnswer(plugin, line, nowMs);
    case 'statistic':
      return keepStatistic(plugin, line, nowMs);
    case 'raise':
    case 'lower':
      // Before its hello it has no name to raise it under.
      if (plugin.phase === 'running') plugin.outputs.push({ kind: 'flag', flag: line });
      return;
    default:
      return assertNever(line);
  }
}

function handleLine(plugin: Plugin, bytes: Buffer, nowMs: number): void {
  if (bytes.length > PLUGIN_LINE_BYTES_MAX) {
    const what = `a line of more than ${PLUGIN_LINE_BYTES_MAX} bytes`;
    return kill(plugin, errorOf(plugin, 'E_PLUGIN_BROKEN', { what }), nowMs);
  }
  const text = bytes.toString('utf8');
  if (text.trim() === '') return;
  const line = parsePluginLine(text);
  if (line === undefined) handleFault(plugin, bytes, nowMs);
  else apply(plugin, line, nowMs);
}

/** Stops reading what writes more in a second than is taken. */
function takeOutput(plugin: Plugin, bytes: number, nowMs: number): void {
  if (nowMs - plugin.secondAtMs >= SECOND_MS) {
    plugin.secondAtMs = nowMs;
    plugin.secondBytes = 0;
  }
  plugin.secondBytes += bytes;
  if (plugin.secondBytes <= PLUGIN_OUTPUT_BYTES_MAX || plugin.isPaused) return;
  plugin.isPaused = true;
  plugin.counters.throttled++;
  plugin.outputs.push({ kind: 'pause', isPaused: true });
}

function handleOutput(
  plugin: Plugin,
  { channel, bytes }: Extract<PluginInput, { kind: 'output' }>,
  nowMs: number,
): void {
  takeOutput(plugin, bytes.length, nowMs);
  if (channel === 'stderr') {
    plugin.stderr.push(bytes);
    return logStderr(plugin, nowMs);
  }
  plugin.stdout.push(bytes);
  // What it answers while it is asked to end still counts; what was killed is not heard.
  for (const line of plugin.lines.splice(0)) {
    if (isAtWork(plugin) || plugin.stage !== 'kill') handleLine(plugin, line, nowMs);
  }
}

function handleMemory(plugin: Plugin, bytes: number, nowMs: number): void {
  plugin.memoryBytes = bytes;
  const max = plugin.hello?.memoryBytes ?? PLUGIN_MEMORY_BYTES_DEFAULT;
  if (bytes > max) kill(plugin, errorOf(plugin, 'E_PLUGIN_MEMORY', { bytes, max }), nowMs);
}

function handleDeaf(plugin: Plugin, nowMs: number): void {
  if (!isAtWork(plugin)) return;
  kill(plugin, errorOf(plugin, 'E_PLUGIN_DIED', { how: 'it closed its stdin' }), nowMs);
}

function describeEnd(code: number | null, signal: string | null): string {
  return code === null ? String(signal) : `status ${code}`;
}

function tick(plugin: Plugin, nowMs: number): void {
  if (plugin.phaseEndsAtMs <= nowMs) endPhase(plugin, nowMs);
  if (plugin.isPaused && nowMs - plugin.secondAtMs >= SECOND_MS) {
    plugin.isPaused = false;
    plugin.outputs.push({ kind: 'pause', isPaused: false });
  }
  if (plugin.callsDueAtMs <= nowMs) {
    const stuck = expireCalls(plugin, nowMs);
    if (stuck !== undefined) {
      const values = { method: escapeLine(stuck.method), ms: stuck.timeoutMs };
      kill(plugin, errorOf(plugin, 'E_PLUGIN_STUCK', values), nowMs);
    }
  }
  if (plugin.phase !== 'running') return;
  for (const schedule of takeDue(plugin, nowMs)) startRun(plugin, schedule, nextId(plugin), nowMs);
}

function handle(plugin: Plugin, input: PluginInput, nowMs: number): void {
  switch (input.kind) {
    case 'tick':
      return;
    case 'spawned':
      plugin.pid = input.pid;
      return;
    case 'notStarted':
      return handleEnd(plugin, input.reason, nowMs);
    case 'output':
      return handleOutput(plugin, input, nowMs);
    case 'drained':
      plugin.unreadBytes = 0;
      return;
    case 'deaf':
      return handleDeaf(plugin, nowMs);
    case 'memory':
      return handleMemory(plugin, input.bytes, nowMs);
    case 'exited':
      return handleEnd(plugin, describeEnd(input.code, input.signal), nowMs);
    case 'accepted':
      return accept(plugin, input.hello, nowMs);
    case 'refused':
      return refuse(plugin, input.reason, nowMs);
    case 'ask':
      return ask(plugin, input, nowMs);
    case 'cancel':
      return cancel(plugin, input.id, nowMs);
    case 'tell':
      return tell(plugin, input.type, input.line);
    case 'restart':
      return restart(plugin, nowMs);
    case 'stop':
      return stop(plugin, nowMs);
    default:
      return assertNever(input);
  }
}

function nextDue(plugin: Plugin): number {
  const { phase, phaseEndsAtMs, callsDueAtMs, isPaused, secondAtMs } = plugin;
  const resumeAtMs = isPaused ? secondAtMs + SECOND_MS : Number.POSITIVE_INFINITY;
  const schedules = phase === 'running' ? plugin.schedules : [];
  const dueAtMs = schedules.map((schedule) => schedule.dueAtMs);
  return Math.min(phaseEndsAtMs, callsDueAtMs, resumeAtMs, ...dueAtMs);
}

/**
 * Feeds one input. `nowMs` is a monotonic clock in milliseconds. The outputs are in the order in
 * which they must be carried out; the array is the caller's.
 */
export function step(plugin: Plugin, input: PluginInput, nowMs: number): PluginOutput[] {
  plugin.outputs = [];
  handle(plugin, input, nowMs);
  tick(plugin, nowMs);
  const atMs = nextDue(plugin);
  if (atMs !== plugin.wakeAtMs) {
    plugin.wakeAtMs = atMs;
    plugin.outputs.push({ kind: 'wake', atMs });
  }
  return plugin.outputs;
}
