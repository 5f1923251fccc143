/**
 * What statistics cost a root: the part of a processor that it spends with very many leaves as its
 * children, for the links alone, while nobody looks (heartbeats) and while somebody does (samples).
 * Real frames over real sockets; the leaves are emulated in a few processes, and so are the figures
 * of their hosts, of which most change with every sample.
 *
 *     npm run figures -- [--leaves 10000] [--agents 0] [--seconds 60]
 *
 * Exit status: 1 when a leaf was not heard of, or the root takes more than a tenth of a processor.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { watchTree } from '../src/client/watch.ts';
import { nowMs } from './clock.ts';
import { growTree } from './leaf-processes.ts';

const SHARE_MAX = 0.1;
/** sysconf(_SC_CLK_TCK) of Linux on all that we run on. */
const TICK_MS = 10;
/** Time for what has begun to come to rest. */
const REST_MS = 5_000;

function readOptions() {
  const number = { type: 'string' } as const;
  const { values } = parseArgs({ options: { leaves: number, agents: number, seconds: number } });
  const read = (name: keyof typeof values, usual: number): number => {
    const value = Number(values[name] ?? usual);
    if (Number.isFinite(value) && value >= 0) return value;
    throw new Error(`--${name}: ${values[name]} is no number`);
  };
  return {
    leaves: read('leaves', 10_000),
    agents: read('agents', 0),
    seconds: read('seconds', 60),
  };
}

/** Time of a processor that a process has had, in its own code and in the kernel (proc(5)). */
function readCpuMs(pid: number): readonly [number, number] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [Number(fields[11]) * TICK_MS, Number(fields[12]) * TICK_MS];
}

function readMemoryMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1_024);
}

/** The part of a processor that a process takes for so long, in its own code and in the kernel. */
async function measureShares(pid: number, seconds: number): Promise<readonly [number, number]> {
  const [[userMs, systemMs], startMs] = [readCpuMs(pid), nowMs()];
  await delay(seconds * 1_000);
  const [[user, system], tookMs] = [readCpuMs(pid), nowMs() - startMs];
  return [(user - userMs) / tookMs, (system - systemMs) / tookMs];
}

function print(what: string, pid: number, [user, system]: readonly [number, number]): void {
  const percent = (share: number): string => (100 * share).toFixed(1);
  process.stdout.write(
    `${what}: ${percent(user + system)} % of a processor, of it ${percent(system)} % in the ` +
      `kernel; ${readMemoryMb(pid)} MiB\n`,
  );
}

/** What came to a viewer. */
interface Seen {
  changes: number;
  readonly sampled: Set<string>;
}

async function measureWatched(home: string, pid: number, seconds: number) {
  const seen: Seen = { changes: 0, sampled: new Set() };
  const { close } = await watchTree({ home, via: 'root' }, (record) => {
    if (record.type !== 'node') return;
    seen.changes++;
    if (record.node.sample !== null) seen.sampled.add(record.node.name);
  });
  await delay(REST_MS + 5_000);
  const before = seen.changes;
  const shares = await measureShares(pid, seconds);
  const rate = Math.round((seen.changes - before) / seconds);
  await close();
  print(`one viewer, ${rate} changes a second`, pid, shares);
  return { share: shares[0] + shares[1], heardOf: seen.sampled.size };
}

const { leaves, agents, seconds } = readOptions();
const stack = new AsyncDisposableStack();
try {
  const startMs = nowMs();
  const grown = await growTree(stack, { leaves, agents });
  const { home } = grown;
  const status = JSON.parse(readFileSync(`${home}/run/root/status.json`, 'utf8'));
  const pid = Number(status.pid);
  const took = ((nowMs() - startMs) / 1_000).toFixed(1);
  const below = agents === 0 ? 'the root' : `${agents} agents`;
  process.stdout.write(`${leaves} leaves below ${below}, started in ${took} s\n`);
  await delay(REST_MS);
  const links = await measureShares(pid, seconds);
  print('links alone', pid, links);
  for (const each of grown.leaves) await each.beat();
  // All beat at once, then each at its own time.
  await delay(REST_MS);
  print('heartbeats, nobody looks', pid, await measureShares(pid, seconds));
  const { share, heardOf } = await measureWatched(home, pid, seconds);
  const ours = share - links[0] - links[1];
  process.stdout.write(`statistics with a viewer: ${(100 * ours).toFixed(1)} % of a processor\n`);
  // The root and the agents have figures too.
  const isWhole = heardOf === leaves + agents + 1;
  if (!isWhole) process.stderr.write(`figures: heard of ${heardOf} nodes\n`);
  if (!isWhole || ours > SHARE_MAX) process.exitCode = 1;
} finally {
  await stack.disposeAsync();
}
