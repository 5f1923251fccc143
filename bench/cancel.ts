/**
 * Ctrl-C while a command runs on very many leaves: how long until every process group is dead and
 * every target has said so. Real processes: a shell with two children on each leaf.
 *
 *     npm run cancel -- [--leaves 200] [--stubborn]
 *
 * With `--stubborn` they do not heed TERM, and are killed after a grace of one second. Exit status:
 * 1 when a process is left, a target has not said that it was cancelled, or it took longer than
 * two seconds and the grace.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { nowMs } from './clock.ts';
import { growTree } from './leaf-processes.ts';
import { DAGENT } from './peers/dagent.ts';

const AGENTS = 2;
const GRACE_MS = 1_000;
const ENDED_MS_MAX = 2_000;
/** By this their processes are known. */
const MARK = `${process.pid}.5`;

/** Processes that the run has started and that have not ended. */
function countLeft(): number {
  const left = globSync('/proc/[0-9]*/cmdline').filter((path) => {
    try {
      return readFileSync(path, 'utf8').startsWith(`sleep\0${MARK}`);
    } catch {
      return false;
    }
  });
  return left.length;
}

interface Outcome {
  /** From the signal to the end of the client. */
  readonly elapsedMs: number;
  readonly cancelled: number;
  /** Processes that were ended, as the leaves tell. */
  readonly killed: number;
}

/** Starts the command on all leaves, and interrupts it when it runs on each of them. */
async function interrupt(home: string, leaves: number, words: string): Promise<Outcome> {
  const argv = ['exec', '--home', home, '--json', '--yes', '--grace', `${GRACE_MS}ms`, 'role=leaf'];
  const child = spawn(DAGENT, [...argv, words], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let started = 0;
  let cancelled = 0;
  let killed = 0;
  let signalledAtMs = Number.NaN;
  for await (const line of createInterface({ input: child.stdout })) {
    const record = JSON.parse(line) as { type: string; verdict?: string; killed?: number };
    if (record.type === 'out' && ++started === leaves) {
      signalledAtMs = nowMs();
      child.kill('SIGINT');
    }
    if (record.verdict === 'cancelled') cancelled++;
    killed += record.killed ?? 0;
  }
  await ended;
  return { elapsedMs: nowMs() - signalledAtMs, cancelled, killed };
}

async function measure(stack: AsyncDisposableStack): Promise<boolean> {
  const { values } = parseArgs({
    options: { leaves: { type: 'string', default: '200' }, stubborn: { type: 'boolean' } },
  });
  const leaves = Number(values.leaves);
  const isStubborn = values.stubborn === true;
  const { home } = await growTree(stack, { leaves, agents: AGENTS, isReal: true });
  const children = `sleep ${MARK} & sleep ${MARK} & echo begun; wait`;
  // A shell hands on to its children what it ignores.
  const words = isStubborn ? `trap '' TERM; ${children}` : children;
  const { elapsedMs, cancelled, killed } = await interrupt(home, leaves, words);
  const left = countLeft();
  process.stdout.write(
    `${leaves} commands: ${cancelled} cancelled, ${killed} processes ended, ${left} left, ` +
      `after ${Math.round(elapsedMs)} ms\n`,
  );
  const msMax = ENDED_MS_MAX + (isStubborn ? GRACE_MS : 0);
  return cancelled === leaves && left === 0 && elapsedMs <= msMax;
}

const stack = new AsyncDisposableStack();
try {
  if (!(await measure(stack))) process.exitCode = 1;
} finally {
  await stack.disposeAsync();
}
