/** The state of a plugin under supervision: plain data, changed only by `step`. */
import { type Bucket, createBucket } from '../base/bucket.ts';
import { createLineSplitter, type LineSplitter } from '../base/lines.ts';
import { createRandom, type Random } from '../base/random.ts';
import type { ErrorData } from '../protocol/errors.ts';
import {
  PLUGIN_LINE_BYTES_MAX,
  PLUGIN_LOG_LINE_BYTES_MAX,
  PLUGIN_LOG_LINES_MAX,
  PLUGIN_STATISTICS_MAX,
} from '../protocol/limits.ts';
import type { PluginCounters, PluginState } from '../protocol/plugin-record.ts';
import { createRegistry, type Registry } from '../series/registry.ts';
import type { PluginHello, ScheduleSpec } from './hello.ts';
import type { PluginOutput } from './io.ts';

export interface PluginConfig {
  readonly node: string;
  /** Version of this dagent, for the greeting. */
  readonly version: string;
  /** Name of its executable within the directory. */
  readonly file: string;
  /** Seed of all chance: backoff, jitter. */
  readonly seed: number;
}

/** Something that a plugin was asked and has not answered. */
export interface Call {
  readonly id: number;
  readonly method: string;
  readonly timeoutMs: number;
  readonly askedAtMs: number;
  readonly deadlineAtMs: number;
  /** The schedule whose run it is; null when somebody waits for the answer. */
  readonly schedule: Schedule | null;
  /** It has its outcome, and the plugin has been told to let go of it. */
  isOver: boolean;
}

export interface Schedule {
  readonly spec: ScheduleSpec;
  /** When it would be due without jitter. */
  baseAtMs: number;
  dueAtMs: number;
  runCount: number;
  failureCount: number;
  skippedCount: number;
  tookMs: number | null;
  endedAtMs: number | null;
  result: string | null;
  error: ErrorData | null;
}

/** What comes after the end of a process that must end. */
export type Next = 'start' | 'wait' | 'refuse' | 'end';

export interface Plugin {
  readonly config: PluginConfig;
  readonly random: Random;
  phase: PluginState;
  next: Next;
  /** Starts since the last run that was long enough to be good. */
  attempt: number;
  /** When the present phase is over: the next start, the hello, TERM, KILL. */
  phaseEndsAtMs: number;
  /** How far it has been told to end: its stdin, TERM, KILL. */
  stage: 'stdin' | 'term' | 'kill';
  /** Whether `up` was said and not yet `down`. */
  isUp: boolean;
  upAtMs: number;
  pid: number | null;
  memoryBytes: number | null;
  /** The last one that was taken. */
  hello: PluginHello | null;
  error: ErrorData | null;
  readonly calls: Map<number, Call>;
  /** No call's time is over before. */
  callsDueAtMs: number;
  schedules: Schedule[];
  readonly statistics: Registry;
  number: number;
  /** Bytes that were written since it last took all. */
  unreadBytes: number;
  /** Output of the present second. */
  secondAtMs: number;
  secondBytes: number;
  isPaused: boolean;
  /** Lines that are whole, to be handled. */
  readonly lines: Buffer[];
  readonly logLines: Buffer[];
  stdout: LineSplitter;
  stderr: LineSplitter;
  readonly logBucket: Bucket;
  /** Lines left out of the log that nobody has been told of. */
  untoldCount: number;
  /** Of the present run. */
  faultCount: number;
  readonly counters: PluginCounters;
  readonly ends: Record<string, number>;
  wakeAtMs: number;
  outputs: PluginOutput[];
}

function createCounters(): PluginCounters {
  return {
    starts: 0,
    calls: 0,
    errors: 0,
    timeouts: 0,
    late: 0,
    strays: 0,
    messages: 0,
    events: 0,
    dropped: 0,
    faults: 0,
    throttled: 0,
    suppressed: 0,
    statisticsDropped: 0,
  };
}

/** Forgets what a former process has begun to write. */
export function resetOutput(plugin: Plugin): void {
  const { lines, logLines } = plugin;
  lines.length = 0;
  logLines.length = 0;
  plugin.stdout = createLineSplitter((line) => lines.push(line), PLUGIN_LINE_BYTES_MAX + 1);
  plugin.stderr = createLineSplitter((line) => logLines.push(line), PLUGIN_LOG_LINE_BYTES_MAX);
}

/** A plugin that is to be started with the first tick. */
export function createPlugin(config: PluginConfig, nowMs: number): Plugin {
  const plugin: Plugin = {
    config,
    random: createRandom(config.seed),
    phase: 'waiting',
    next: 'wait',
    attempt: 0,
    phaseEndsAtMs: nowMs,
    stage: 'stdin',
    isUp: false,
    upAtMs: nowMs,
    pid: null,
    memoryBytes: null,
    hello: null,
    error: null,
    calls: new Map(),
    callsDueAtMs: Number.POSITIVE_INFINITY,
    schedules: [],
    statistics: createRegistry(PLUGIN_STATISTICS_MAX),
    number: 0,
    unreadBytes: 0,
    secondAtMs: nowMs,
    secondBytes: 0,
    isPaused: false,
    lines: [],
    logLines: [],
    stdout: createLineSplitter(() => undefined),
    stderr: createLineSplitter(() => undefined),
    logBucket: createBucket(PLUGIN_LOG_LINES_MAX, nowMs),
    untoldCount: 0,
    faultCount: 0,
    counters: createCounters(),
    ends: {},
    wakeAtMs: Number.POSITIVE_INFINITY,
    outputs: [],
  };
  resetOutput(plugin);
  return plugin;
}

/** A number for what is asked next; it is never given twice in the life of the state. */
export function nextId(plugin: Plugin): number {
  return ++plugin.number;
}
