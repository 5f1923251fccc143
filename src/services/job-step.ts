/**
 * The life of a job: from what can be seen of it to what is to be done. A function, so that every
 * order of crashes can be tested.
 *
 * What was seen outlives the daemon: the process of the command, what was said before it ran, its
 * exit status. So a daemon that comes back goes on where the former one stopped. A job whose
 * process is gone without an exit status is `lost`: nobody can say how it ended.
 */
import { constants } from 'node:os';
import type { JobEnd, JobEnding, JobNote, JobSight } from '../ports/job-host.ts';
import type { ExecResult } from '../protocol/exec.ts';
import { EXEC_STRAY_MS, JOB_LINGER_MS, JOB_START_MS } from '../protocol/limits.ts';

/** What is said when all is well and the command is about to run. */
const JOB_READY = 'ready';

/** A job as the daemon knows it. */
export interface JobLife {
  readonly note: JobNote;
  ending: JobEnding | undefined;
  end: JobEnd | undefined;
  /** Since when this run of the daemon looks after it. */
  readonly adoptedAtMs: number;
  pid: number | null;
  startedAtMs: number | null;
  /** Whether it is known that the command itself runs. */
  hasBegun: boolean;
  /** The last of TERM and KILL that this run of the daemon has sent. */
  lastSignal: 'SIGTERM' | 'SIGKILL' | undefined;
  /** Processes that this run of the daemon has ended. */
  killedCount: number;
  /** Whether something of it was left for the KILL of this run of the daemon. */
  hasKilled: boolean;
  /** When this run of the daemon first saw that its command is gone, where it was being ended. */
  goneAtMs: number | undefined;
  /** Whether its group has had its last KILL from this run of the daemon. */
  isSwept: boolean;
  /** Bytes that it has written, and when they last became more. */
  bytes: number;
  grewAtMs: number;
}

export type JobOutput =
  | { readonly kind: 'ending'; readonly ending: JobEnding }
  /** For its process group. */
  | { readonly kind: 'signal'; readonly signal: 'SIGTERM' | 'SIGKILL' }
  /** For its strays: it is to be seen who there is. */
  | { readonly kind: 'hunt'; readonly signal: 'SIGTERM' | 'SIGKILL' }
  | { readonly kind: 'end'; readonly end: JobEnd };

/** What a job has started: in its process group, and outside of that. */
export interface StraySight {
  /** Those that are left in its process group after its command. */
  readonly groupCount: number;
  /** Those that were found so far. */
  readonly foundCount: number;
  /** Those that are left after its command, by the last look; undefined before the first. */
  readonly leftCount: number | undefined;
}

/** What is seen of a job at one instant. */
export interface JobView {
  readonly sight: JobSight;
  /** Bytes that it has written. */
  readonly bytes: number;
  readonly strays: StraySight;
}

/** A job that is new here, or was found. */
export function createLife(
  note: JobNote,
  nowMs: number,
  known: { readonly ending?: JobEnding | undefined; readonly end?: JobEnd | undefined } = {},
): JobLife {
  return {
    note,
    ending: known.ending,
    end: known.end,
    adoptedAtMs: nowMs,
    pid: known.end?.pid ?? null,
    startedAtMs: known.end?.startedAtMs ?? null,
    hasBegun: false,
    lastSignal: undefined,
    killedCount: 0,
    hasKilled: false,
    goneAtMs: undefined,
    isSwept: false,
    bytes: 0,
    grewAtMs: nowMs,
  };
}

function signalOf(code: number): string | undefined {
  if (code <= 128) return undefined;
  const named = Object.entries(constants.signals).find(([, number]) => number === code - 128);
  return named?.[0];
}

/** `complaint` is what stands in its stderr, for what never ran. */
function resultOf(
  life: JobLife,
  { sight: { word, code }, strays: { foundCount } }: Pick<JobView, 'sight' | 'strays'>,
  complaint: string,
): Omit<ExecResult, 'ms'> {
  if (life.ending !== undefined) {
    const { verdict, limit, reason } = life.ending;
    const own = signalOf(code ?? 0);
    const signal = life.hasKilled ? 'SIGKILL' : own;
    return {
      verdict,
      ...(own === undefined ? { code: code ?? 0 } : {}),
      ...(signal === undefined ? {} : { signal }),
      ...(life.killedCount === 0 ? {} : { killed: life.killedCount }),
      ...(foundCount === 0 ? {} : { strays: foundCount }),
      ...(limit === undefined ? {} : { limit }),
      ...(reason === undefined ? {} : { reason }),
    };
  }
  if (word !== JOB_READY) {
    const said = word || complaint || 'it was ended before it began';
    const [, status, text] = /^(12[567]) (.*)$/s.exec(said) ?? [];
    return { verdict: 'not-started', code: Number(status) || 125, reason: text ?? said };
  }
  // A shell tells a signal as 128 and its number, and so do most programs that end with that.
  const signal = signalOf(code ?? 0);
  if (signal !== undefined) return { verdict: 'signaled', signal };
  return code === 0 ? { verdict: 'ok', code } : { verdict: 'failed', code: code ?? 1 };
}

function endAt(life: JobLife, result: Omit<ExecResult, 'ms'>, endedAtMs: number): JobOutput[] {
  // What never ran has neither.
  const isNone = result.verdict === 'not-started';
  const pid = isNone ? null : life.pid;
  const startedAtMs = isNone ? null : life.startedAtMs;
  const ms = startedAtMs === null ? 0 : Math.max(0, Math.round(endedAtMs - startedAtMs));
  return [{ kind: 'end', end: { result: { ...result, ms }, pid, startedAtMs, endedAtMs } }];
}

function lose(life: JobLife, reason: string, nowMs: number): JobOutput[] {
  return endAt(life, { verdict: 'lost', reason }, nowMs);
}

/** Which time is over at `nowMs`. */
function findLimit(
  { note, startedAtMs }: JobLife,
  nowMs: number,
): 'command' | 'overall' | undefined {
  const { timeoutMs, overallMs, submittedAtMs } = note;
  if (timeoutMs !== null && startedAtMs !== null && nowMs >= startedAtMs + timeoutMs) {
    return 'command';
  }
  return overallMs !== null && nowMs >= submittedAtMs + overallMs ? 'overall' : undefined;
}

function tellAll(signal: 'SIGTERM' | 'SIGKILL'): JobOutput[] {
  return [
    { kind: 'signal', signal },
    { kind: 'hunt', signal },
  ];
}

/** TERM, and KILL after the grace; each once in each run of the daemon. */
function press(life: JobLife, ending: JobEnding, nowMs: number): JobOutput[] {
  if (life.pid === null) return [];
  if (life.lastSignal === undefined) {
    life.lastSignal = 'SIGTERM';
    return tellAll('SIGTERM');
  }
  if (life.lastSignal === 'SIGKILL' || nowMs < ending.atMs + life.note.graceMs) return [];
  life.lastSignal = 'SIGKILL';
  return tellAll('SIGKILL');
}

/** Ends a job that runs; its outputs come with the next step. */
export function beginEnding(life: JobLife, ending: JobEnding): JobOutput[] {
  if (life.end !== undefined || life.ending !== undefined) return [];
  life.ending = ending;
  return [{ kind: 'ending', ending }];
}

function stepRunning(life: JobLife, nowMs: number): JobOutput[] {
  const limit = life.ending === undefined ? findLimit(life, nowMs) : undefined;
  const begun =
    limit === undefined ? [] : beginEnding(life, { verdict: 'timeout', limit, atMs: nowMs });
  const { ending } = life;
  return ending === undefined ? begun : [...begun, ...press(life, ending, nowMs)];
}

function observe(life: JobLife, sight: JobSight, bytes: number, nowMs: number): void {
  if (sight.pid !== null) life.pid = sight.pid;
  if (sight.startedAtMs !== null) life.startedAtMs = sight.startedAtMs;
  life.hasBegun ||= sight.word === JOB_READY;
  if (bytes === life.bytes) return;
  life.bytes = bytes;
  life.grewAtMs = nowMs;
}

/** A job that is ended early, and whose command is gone: whether nothing else of it is left. */
function stepGone(
  life: JobLife,
  { ending, strays }: { readonly ending: JobEnding; readonly strays: StraySight },
  nowMs: number,
): { readonly outputs: JobOutput[]; readonly isDone: boolean } {
  life.goneAtMs ??= nowMs;
  const killAtMs = ending.atMs + life.note.graceMs;
  // What is left of the group after its leader ended in answer to TERM has the same grace.
  if (strays.groupCount > 0 && nowMs < killAtMs) {
    return { outputs: [{ kind: 'hunt', signal: 'SIGTERM' }], isDone: false };
  }
  const rest: JobOutput[] = life.isSwept ? [] : [{ kind: 'signal', signal: 'SIGKILL' }];
  life.isSwept = true;
  const isInVain = nowMs >= Math.max(killAtMs, life.goneAtMs) + EXEC_STRAY_MS;
  if (strays.leftCount === 0 || isInVain) return { outputs: rest, isDone: true };
  const signal = nowMs < killAtMs ? 'SIGTERM' : 'SIGKILL';
  return { outputs: [...rest, { kind: 'hunt', signal }], isDone: false };
}

/** Its command has ended with a status. */
function stepEnded(
  life: JobLife,
  view: JobView,
  nowMs: number,
  complain: () => string,
): JobOutput[] {
  const { sight, strays } = view;
  const { ending, note } = life;
  const endedAtMs = sight.endedAtMs ?? nowMs;
  const isQuiet = nowMs - Math.max(life.grewAtMs, endedAtMs) >= JOB_LINGER_MS;
  // Whoever still writes when the grace is over does not heed TERM.
  const isGrace = ending === undefined || nowMs < ending.atMs + note.graceMs;
  if (sight.isPiped && !isQuiet && isGrace) return [];
  const isHunted = ending !== undefined && sight.isSameBoot;
  const rest = isHunted ? stepGone(life, { ending, strays }, nowMs) : { outputs: [], isDone: true };
  if (!rest.isDone) return rest.outputs;
  const result = resultOf(life, view, sight.word === '' ? complain() : '');
  return [...rest.outputs, ...endAt(life, result, endedAtMs)];
}

/**
 * What is to be done at `nowMs`, milliseconds since the epoch, for a job of which this is seen.
 * `complain` reads the beginning of its stderr.
 */
export function stepJob(
  life: JobLife,
  view: JobView,
  nowMs: number,
  complain: () => string,
): JobOutput[] {
  if (life.end !== undefined) return [];
  const { sight, bytes } = view;
  observe(life, sight, bytes, nowMs);
  if (sight.code !== null) return stepEnded(life, view, nowMs, complain);
  if (!sight.isSameBoot) return lose(life, 'the host was started anew while it ran', nowMs);
  if (sight.isAlive) return stepRunning(life, nowMs);
  if (sight.pid !== null) return lose(life, 'it is gone, and nobody saw how it ended', nowMs);
  if (nowMs - life.adoptedAtMs < JOB_START_MS) return [];
  return lose(life, 'it was written down, and nobody knows whether it ran', nowMs);
}
