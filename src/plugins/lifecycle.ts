/**
 * How a plugin is started, ended, and started again. It is asked to end by the end of its stdin,
 * then by TERM, then by KILL; what has done harm is killed at once. Whoever ends by itself is
 * started again after a wait that grows, as parents are dialled again.
 */
import { computeBackoffMs } from '../base/backoff.ts';
import { nextRandom } from '../base/random.ts';
import type { ErrorData } from '../protocol/errors.ts';
import { errorFromData } from '../protocol/errors.ts';
import {
  BACKOFF_MS_MAX,
  BACKOFF_MS_MIN,
  PLUGIN_GRACE_MS,
  PLUGIN_HELLO_MS_MAX,
  PLUGIN_STABLE_MS,
  PLUGIN_STOP_MS,
} from '../protocol/limits.ts';
import { errorOf, failCalls, writeLine } from './calls.ts';
import { PLUGIN_PROTOCOL, type PluginHello } from './hello.ts';
import { logAbout, logStderr, tellSuppressed } from './log.ts';
import { beginSchedules } from './schedules.ts';
import { type Next, type Plugin, resetOutput } from './state.ts';
import { beginStatistics } from './statistics.ts';

const NEVER = Number.POSITIVE_INFINITY;
/** As parents are dialled again. */
const BACKOFF = { minMs: BACKOFF_MS_MIN, maxMs: BACKOFF_MS_MAX };

/** Starts its process, and greets it. */
function start(plugin: Plugin, nowMs: number): void {
  const { node, file, version } = plugin.config;
  resetOutput(plugin);
  plugin.phase = 'starting';
  plugin.next = 'wait';
  plugin.phaseEndsAtMs = nowMs + PLUGIN_HELLO_MS_MAX;
  plugin.faultCount = 0;
  plugin.unreadBytes = 0;
  plugin.secondBytes = 0;
  plugin.isPaused = false;
  plugin.counters.starts++;
  plugin.outputs.push({ kind: 'spawn' });
  writeLine(plugin, { type: 'hello', protocol: PLUGIN_PROTOCOL, node, file, dagent: version });
}

/** Its hello is taken. */
export function accept(plugin: Plugin, hello: PluginHello, nowMs: number): void {
  if (plugin.phase !== 'starting') return;
  plugin.phase = 'running';
  plugin.phaseEndsAtMs = NEVER;
  plugin.hello = hello;
  plugin.isUp = true;
  plugin.upAtMs = nowMs;
  beginStatistics(plugin);
  beginSchedules(plugin, nowMs);
  plugin.outputs.push({ kind: 'up', hello });
  const { name, version } = hello;
  logAbout(plugin, 'info', 'plugin up', { name, version, pid: plugin.pid });
}

/** Asks it to end. What it has begun it may finish; nothing new comes to it. */
function askToEnd(plugin: Plugin, next: Next, nowMs: number): void {
  plugin.next = next;
  if (plugin.phase === 'stopping') return;
  plugin.phase = 'stopping';
  plugin.stage = 'stdin';
  plugin.phaseEndsAtMs = nowMs + PLUGIN_STOP_MS;
  plugin.outputs.push({ kind: 'endStdin' });
  if (plugin.isUp) plugin.outputs.push({ kind: 'leave' });
}

/** Its hello is not taken: it is not started again before something changes. */
export function refuse(plugin: Plugin, reason: string, nowMs: number): void {
  if (plugin.phase !== 'starting') return;
  plugin.error = errorOf(plugin, 'E_PLUGIN_REFUSED', { reason });
  logAbout(plugin, 'warn', 'plugin refused', { reason });
  askToEnd(plugin, 'refuse', nowMs);
}

function setDown(plugin: Plugin): void {
  if (plugin.isUp) plugin.outputs.push({ kind: 'down' });
  plugin.isUp = false;
}

/** Ends it at once, for what it did: who waits for it hears why. */
export function kill(plugin: Plugin, error: ErrorData, nowMs: number): void {
  if (plugin.phase !== 'starting' && plugin.phase !== 'running') return;
  plugin.error = error;
  plugin.phase = 'stopping';
  plugin.stage = 'kill';
  plugin.next = 'wait';
  plugin.phaseEndsAtMs = NEVER;
  plugin.outputs.push({ kind: 'kill', signal: 'SIGKILL' });
  failCalls(plugin, error, nowMs);
  setDown(plugin);
}

/** The time of a phase is over. */
export function endPhase(plugin: Plugin, nowMs: number): void {
  if (plugin.phase === 'waiting') return start(plugin, nowMs);
  if (plugin.phase === 'starting') {
    const error = errorOf(plugin, 'E_PLUGIN_SILENT', { ms: PLUGIN_HELLO_MS_MAX });
    return kill(plugin, error, nowMs);
  }
  const isTold = plugin.stage === 'stdin';
  plugin.stage = isTold ? 'term' : 'kill';
  plugin.phaseEndsAtMs = isTold ? nowMs + PLUGIN_GRACE_MS : NEVER;
  plugin.outputs.push({ kind: 'kill', signal: isTold ? 'SIGTERM' : 'SIGKILL' });
}

function rest(plugin: Plugin, phase: 'refused' | 'ended'): void {
  plugin.phase = phase;
  plugin.phaseEndsAtMs = NEVER;
  if (phase === 'ended') plugin.outputs.push({ kind: 'ended' });
}

function waitForStart(plugin: Plugin, nowMs: number): void {
  const waitMs = computeBackoffMs(BACKOFF, plugin.attempt++, nextRandom(plugin.random));
  plugin.phase = 'waiting';
  plugin.phaseEndsAtMs = nowMs + waitMs;
  const { error } = plugin;
  const reason = error === null ? '' : errorFromData(error).message;
  logAbout(plugin, 'warn', 'plugin down', { reason, retryMs: waitMs });
}

function goOn(plugin: Plugin, nowMs: number): void {
  switch (plugin.next) {
    case 'start':
      return start(plugin, nowMs);
    case 'wait':
      return waitForStart(plugin, nowMs);
    case 'refuse':
      return rest(plugin, 'refused');
    case 'end':
      return rest(plugin, 'ended');
  }
}

/** Its process is gone, `how`, or never was. */
export function handleEnd(plugin: Plugin, how: string, nowMs: number): void {
  plugin.stderr.end();
  logStderr(plugin, nowMs);
  tellSuppressed(plugin);
  const died = errorOf(plugin, 'E_PLUGIN_DIED', { how });
  const isUnexpected = plugin.phase !== 'stopping';
  if (isUnexpected) plugin.error = died;
  // What it has left behind in its group goes with it.
  plugin.outputs.push({ kind: 'kill', signal: 'SIGKILL' });
  if (plugin.isUp && nowMs - plugin.upAtMs >= PLUGIN_STABLE_MS) plugin.attempt = 0;
  failCalls(plugin, died, nowMs);
  setDown(plugin);
  const isOnPurpose = plugin.next === 'start' || plugin.next === 'end';
  const code = plugin.error?.code;
  if (!isOnPurpose && code !== undefined) plugin.ends[code] = (plugin.ends[code] ?? 0) + 1;
  plugin.pid = null;
  plugin.memoryBytes = null;
  goOn(plugin, nowMs);
}

/** Starts it anew: its file is another, or an operator wants it. */
export function restart(plugin: Plugin, nowMs: number): void {
  plugin.attempt = 0;
  if (plugin.next === 'end') return;
  if (plugin.phase === 'waiting' || plugin.phase === 'refused') {
    start(plugin, nowMs);
  } else {
    askToEnd(plugin, 'start', nowMs);
  }
}

/** Ends it for good. */
export function stop(plugin: Plugin, nowMs: number): void {
  const isIdle = plugin.phase === 'waiting' || plugin.phase === 'refused';
  if (isIdle) rest(plugin, 'ended');
  else if (plugin.phase !== 'ended') askToEnd(plugin, 'end', nowMs);
}
