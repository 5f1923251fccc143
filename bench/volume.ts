/**
 * Memory of everybody while one command writes a gigabyte through leaf, agent and root: all of it,
 * then with `--max-output`, then to a reader that is slower than the command.
 *
 *     npm run volume -- [--megabytes 1000]
 *
 * Exit status: 1 when bytes are missing, or somebody has gained more than 64 MiB.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { nowMs } from './clock.ts';
import { DAGENT, startDagent } from './peers/dagent.ts';

const MEGABYTE = 1_000_000;
const GROWTH_BYTES_MAX = 64 * 1024 * 1024;
const DAEMONS = ['root', 'agent', 'leaf'];
/** How long a slow reader waits after each piece, milliseconds. */
const SLOW_MS = 5;

/** A figure of a process from /proc, in bytes; 0 when it has ended. */
function readMemory(pid: number, figure: 'VmRSS' | 'VmHWM'): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`^${figure}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Reads all that a client writes; returns how much it was, and the most memory that it had. */
async function readAll(client: ChildProcess, isSlow: boolean) {
  let bytes = 0;
  let memory = 0;
  const timer = setInterval(() => {
    memory = Math.max(memory, readMemory(client.pid ?? 0, 'VmHWM'));
  }, 20);
  const ended = once(client, 'exit');
  for await (const piece of client.stdout ?? []) {
    bytes += (piece as Buffer).length;
    if (isSlow) await delay(SLOW_MS);
  }
  await ended;
  clearInterval(timer);
  return { bytes, memory };
}

interface Course {
  readonly name: string;
  readonly flags: readonly string[];
  readonly megabytes: number;
  readonly isSlow: boolean;
  /** Bytes that must arrive at least. */
  readonly bytesMin: number;
}

function coursesOf(megabytes: number): Course[] {
  const all = { flags: [], isSlow: false, megabytes, bytesMin: megabytes * MEGABYTE };
  const few = Math.ceil(megabytes / 10);
  return [
    { ...all, name: 'all of it' },
    { ...all, name: '--max-output 1Mi', flags: ['--max-output', '1Mi'], bytesMin: 1_048_576 },
    { ...all, name: 'a slow reader', isSlow: true, megabytes: few, bytesMin: few * MEGABYTE },
  ];
}

function format(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`;
}

/** Returns whether nothing was missing and nobody has gained too much. */
async function measure(home: string, pids: ReadonlyMap<string, number>, course: Course) {
  const { name, flags, megabytes, isSlow, bytesMin } = course;
  const before = new Map([...pids].map(([daemon, pid]) => [daemon, readMemory(pid, 'VmRSS')]));
  const words = `head -c ${megabytes}000000 /dev/zero`;
  const startedAtMs = nowMs();
  const argv = ['exec', '--home', home, '-n', ...flags, 'leaf', words];
  const client = spawn(DAGENT, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const { bytes, memory } = await readAll(client, isSlow);
  const seconds = ((nowMs() - startedAtMs) / 1_000).toFixed(1);
  const grown = [...pids].map(([daemon, pid]) => {
    return [daemon, readMemory(pid, 'VmHWM') - (before.get(daemon) ?? 0)] as const;
  });
  const daemons = grown.map(([daemon, growth]) => `${daemon} +${format(growth)}`).join(', ');
  process.stdout.write(
    `${name}: ${megabytes} MB written, ${bytes} bytes read, ${seconds} s; ` +
      `at most: client ${format(memory)}, ${daemons}\n`,
  );
  return bytes >= bytesMin && grown.every(([, growth]) => growth <= GROWTH_BYTES_MAX);
}

const { values } = parseArgs({ options: { megabytes: { type: 'string', default: '1000' } } });
const stack = new AsyncDisposableStack();
try {
  const { home, stop } = await startDagent('chain');
  stack.defer(stop);
  const pids = new Map(
    DAEMONS.map((name) => {
      const status = readFileSync(join(home, 'run', name, 'status.json'), 'utf8');
      return [name, (JSON.parse(status) as { pid: number }).pid];
    }),
  );
  for (const course of coursesOf(Number(values.megabytes))) {
    if (!(await measure(home, pids, course))) process.exitCode = 1;
  }
} finally {
  await stack.disposeAsync();
}
