/**
 * What runs, from /proc. How busy a process is can only be told from two looks: a share since its
 * start, as ps(1) prints, says nothing about now.
 */
import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import type { ProcessesFacts, ProcessFacts } from '../ports/host-probe.ts';
import { listPids } from './process-groups.ts';

/** Time between the two looks. Ticks are 10 ms: so 4 % is the smallest share that shows. */
const WINDOW_MS = 250;

/** USER_HZ of the kernel's interface, 100 on every architecture that Node runs on. */
const TICK_MS = 10;

/** Processes told in detail. */
const TOP_COUNT = 10;

/**
 * Processes read in one go, about 2 ms: on a host with thousands the daemon still serves its links.
 */
const SLICE_COUNT = 64;

/** One line of /proc/PID/stat. */
export interface ProcessStat {
  readonly pid: number;
  readonly name: string;
  /** `R` runs, `S` sleeps, `D` waits for a device, `Z` is dead but not buried. */
  readonly state: string;
  readonly ticks: number;
  readonly threads: number;
  readonly startTick: number;
  readonly residentPages: number;
}

/**
 * /proc/PID/stat (proc(5)). The name stands in parentheses and may hold any character, those too.
 */
export function parseProcessStat(text: string): ProcessStat | undefined {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  const fields = text.slice(close + 2).split(' ');
  // proc(5) numbers fields from 1; the state, first after the name, is its third.
  const field = (number: number): number => Number(fields[number - 3]);
  return {
    pid: Number.parseInt(text, 10),
    name: text.slice(open + 1, close),
    state: fields[0] ?? '?',
    ticks: field(14) + field(15),
    threads: field(20),
    startTick: field(22),
    residentPages: field(24),
  };
}

/**
 * Reads with the synchronous calls: procfs never waits for a device, and threads would cost more.
 */
async function look(): Promise<Map<number, ProcessStat>> {
  const stats = new Map<number, ProcessStat>();
  for (const [at, pid] of listPids().entries()) {
    if (at % SLICE_COUNT === SLICE_COUNT - 1) await nextTurn();
    const stat = parseProcessStat(
      readGone(() => readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? '',
    );
    if (stat !== undefined) stats.set(stat.pid, stat);
  }
  return stats;
}

/** Ended since, or another user's business. */
const GONE = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM']);

/** The value, or undefined when the process is gone or does not show it. */
function readGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

export interface BusyProcess {
  readonly stat: ProcessStat;
  readonly cpuPercent: number;
}

/**
 * The `count` processes of `after` that used most time since `before`, then those of most memory.
 */
export function rankProcesses(
  before: ReadonlyMap<number, ProcessStat>,
  after: ReadonlyMap<number, ProcessStat>,
  elapsedMs: number,
  count: number,
): BusyProcess[] {
  const busy = [...after.values()].map((stat) => {
    const former = before.get(stat.pid);
    // A pid is used again: only the same start makes it the same process.
    const ticksBefore = former?.startTick === stat.startTick ? former.ticks : 0;
    const ms = (stat.ticks - ticksBefore) * TICK_MS;
    return { stat, cpuPercent: Math.round((ms / elapsedMs) * 100) };
  });
  busy.sort((a, b) => b.cpuPercent - a.cpuPercent || b.stat.residentPages - a.stat.residentPages);
  return busy.slice(0, count);
}

/** Node calls the main thread of every program so: the name of its executable says more. */
const NODE_NAME = 'MainThread';

function nameOf(stat: ProcessStat): string {
  const name = Buffer.from(stat.name, 'latin1').toString('utf8');
  if (name !== NODE_NAME) return name;
  const path = readGone(() => readlinkSync(`/proc/${stat.pid}/exe`));
  return path === undefined ? name : basename(path);
}

function describe({ stat, cpuPercent }: BusyProcess, names: ReadonlyMap<number, string>) {
  const uid = readGone(() => statSync(`/proc/${stat.pid}`).uid);
  const status = readGone(() => readFileSync(`/proc/${stat.pid}/status`, 'latin1')) ?? '';
  const kibibytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  const user = uid === undefined ? '?' : (names.get(uid) ?? String(uid));
  const { pid } = stat;
  return {
    pid,
    name: nameOf(stat),
    user,
    cpuPercent,
    memoryBytes: kibibytes * 1024,
  } satisfies ProcessFacts;
}

/** The host's processes; `names` are its accounts by uid. Takes as long as it looks. */
export async function readProcesses(names: ReadonlyMap<number, string>): Promise<ProcessesFacts> {
  const before = await look();
  const startedMs = performance.now();
  await delay(WINDOW_MS);
  const after = await look();
  const elapsedMs = performance.now() - startedMs;
  const stats = [...after.values()];
  const inState = (state: string): number => stats.filter((stat) => stat.state === state).length;
  return {
    count: stats.length,
    threads: stats.reduce((sum, stat) => sum + stat.threads, 0),
    running: inState('R'),
    blocked: inState('D'),
    zombies: inState('Z'),
    top: rankProcesses(before, after, elapsedMs, TOP_COUNT).map((each) => describe(each, names)),
  };
}
