/** What `plugin.ls`, `plugin.show` and `plugin.statistics` tell of the plugins of a node. */
import type { ErrorData } from './errors.ts';
import type { SeriesKind } from './series.ts';

/**
 * `waiting`: for its next start; `unsafe`: not run because of who could change it; `refused`: its
 * hello was not taken.
 */
export type PluginState =
  | 'starting'
  | 'running'
  | 'stopping'
  | 'waiting'
  | 'refused'
  | 'unsafe'
  | 'ended';

/** The last value of a statistic. */
export interface Statistic {
  readonly plugin: string;
  readonly name: string;
  /** A counter grows from the start of its plugin on, a gauge is a level, a timing a duration. */
  readonly kind: SeriesKind;
  /** Null before the first report. */
  readonly value: number | null;
  readonly unit: string;
  readonly doc: string;
  /** How long ago it was reported, in milliseconds; null before the first report. */
  readonly ageMs: number | null;
}

/** A schedule, and how its last run ended. */
export interface ScheduleRecord {
  readonly name: string;
  readonly doc: string;
  readonly everyMs: number;
  readonly jitterMs: number;
  readonly runCount: number;
  readonly failureCount: number;
  /** Times that it was due while it still ran. */
  readonly skippedCount: number;
  readonly isRunning: boolean;
  /** Until it is due; null while the plugin does not run. */
  readonly dueMs: number | null;
  /** How long the last run took, and how long ago it ended; null before the first. */
  readonly tookMs: number | null;
  readonly agoMs: number | null;
  /** What the last run returned, as JSON, cut short; null when it failed. */
  readonly result: string | null;
  readonly error: ErrorData | null;
}

/** What a plugin has done, and what was wrong with it, since it is known to its node. */
export interface PluginCounters {
  starts: number;
  calls: number;
  /** Calls that ended with an error of the plugin. */
  errors: number;
  timeouts: number;
  /** Answers that came after the time of their call. */
  late: number;
  /** Answers to nothing that was asked. */
  strays: number;
  messages: number;
  events: number;
  /** Messages and events that were not handed over, because it did not keep up. */
  dropped: number;
  /** Lines that were not of the protocol. */
  faults: number;
  /** Seconds in which it wrote more than is taken, and was not read for the rest. */
  throttled: number;
  /** Lines that were left out of the log. */
  suppressed: number;
  /** Statistics that were not kept: too many, or none. */
  statisticsDropped: number;
}

/** A plugin, as `plugin.ls` tells it. */
export interface PluginRecord {
  readonly file: string;
  /** Null before its first hello. */
  readonly name: string | null;
  readonly version: string | null;
  readonly state: PluginState;
  readonly pid: number | null;
  readonly memoryBytes: number | null;
  /** How long it has been running. */
  readonly upMs: number | null;
  /** Until it is started again, where it waits for that. */
  readonly retryMs: number | null;
  readonly classes: readonly string[];
  readonly services: readonly string[];
  readonly counters: PluginCounters;
  /** How often it ended, by why: the codes of errors. */
  readonly ends: Readonly<Record<string, number>>;
  /** Why it does not run; of one that runs, why it had to be started again last. */
  readonly error: ErrorData | null;
}

/** A plugin in full, as `plugin.show` tells it. */
export interface PluginDetails extends PluginRecord {
  readonly path: string;
  readonly doc: string;
  readonly memoryBytesMax: number;
  readonly classDocs: Readonly<Record<string, string>>;
  readonly methods: readonly {
    readonly name: string;
    readonly doc: string;
    readonly args: readonly string[];
    readonly timeoutMs: number;
  }[];
  readonly topics: readonly string[];
  /** Services and topics that the node did not give it, with the reason. */
  readonly missing: Readonly<Record<string, ErrorData>>;
  readonly schedules: readonly ScheduleRecord[];
  readonly statistics: readonly Statistic[];
}

/** What a look at the directory, or `plugin.reload`, has done. */
export interface ReloadRecord {
  readonly directory: string;
  readonly started: readonly string[];
  readonly restarted: readonly string[];
  readonly stopped: readonly string[];
  readonly unchanged: number;
  /** How those that were started or restarted are now. */
  readonly plugins: readonly PluginRecord[];
}
