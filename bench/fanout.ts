/**
 * How long `dagent exec '*'` takes that does nothing on very many leaves, and whether every one of
 * them gets its verdict: real frames over real sockets, leaves emulated in a few processes.
 *
 *     npm run fanout -- [--leaves 1000] [--agents 4] [--repeats 20] [--kill 0]
 *
 * `--kill 1` kills a random hundredth of the leaves at random moments of each run, and starts them
 * anew behind it. Exit status: 1 when a target has not exactly one verdict, or one that nobody has
 * killed is not `ok`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { nowMs } from './clock.ts';
import { growTree } from './leaf-processes.ts';
import { DAGENT } from './peers/dagent.ts';
import { quantile } from './statistics.ts';

interface Options {
  readonly leaves: number;
  readonly agents: number;
  readonly repeats: number;
  /** Percent of the leaves. */
  readonly kill: number;
}

function readOptions(): Options {
  const number = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { leaves: number, agents: number, repeats: number, kill: number },
  });
  const read = (name: keyof typeof values, usual: number): number => {
    const value = Number(values[name] ?? usual);
    if (Number.isFinite(value) && value >= 0) return value;
    throw new Error(`--${name}: ${values[name]} is no number`);
  };
  return {
    leaves: read('leaves', 1_000),
    agents: read('agents', 4),
    repeats: read('repeats', 20),
    kill: read('kill', 0),
  };
}

interface Run {
  /** From the start of the process to its end. */
  readonly elapsedMs: number;
  /** For each target the time at which its verdict was read, from the start. */
  readonly verdictMs: readonly number[];
  readonly verdicts: ReadonlyMap<string, readonly string[]>;
}

/** Runs `true` on all leaves once. */
async function fanOut(home: string): Promise<Run> {
  const argv = ['exec', '--home', home, '--json', '--yes', 'role=leaf', 'true'];
  const startedAtMs = nowMs();
  const child = spawn(DAGENT, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const verdicts = new Map<string, string[]>();
  const verdictMs: number[] = [];
  const ended = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes('"type":"result"')) continue;
    verdictMs.push(nowMs() - startedAtMs);
    const { target, verdict } = JSON.parse(line) as { target: string; verdict: string };
    verdicts.set(target, [...(verdicts.get(target) ?? []), verdict]);
  }
  await ended;
  return { elapsedMs: nowMs() - startedAtMs, verdictMs, verdicts };
}

/** What is wrong with the verdicts of a run; undefined when nothing is. */
function findFault(run: Run, wanted: number, dead: ReadonlySet<string>): string | undefined {
  if (run.verdicts.size !== wanted) return `${run.verdicts.size} of ${wanted} have a verdict`;
  for (const [target, verdicts] of run.verdicts) {
    if (verdicts.length !== 1) return `${target} has ${verdicts.length} verdicts`;
    if (verdicts[0] !== 'ok' && !dead.has(target)) return `${target}: ${verdicts[0]}`;
  }
  return undefined;
}

function countVerdicts(runs: readonly Run[]): string {
  const counts = new Map<string, number>();
  for (const { verdicts } of runs) {
    for (const [verdict] of verdicts.values()) {
      if (verdict !== undefined) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
    }
  }
  return [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ');
}

function formatMs(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}

function printFigures(runs: readonly Run[]): void {
  const whole = runs.map(({ elapsedMs }) => elapsedMs);
  const each = runs.flatMap(({ verdictMs }) => verdictMs);
  const spread = (values: readonly number[]): string =>
    [0.5, 0.95, 1].map((at) => formatMs(quantile(values, at))).join(' / ');
  process.stdout.write(
    [
      `verdicts: ${countVerdicts(runs)}`,
      `a verdict is there after (median / p95 / max): ${spread(each)}`,
      `the whole command takes (median / p95 / max): ${spread(whole)}`,
      '',
    ].join('\n'),
  );
}

/** Returns whether every run was without fault. */
async function measure(stack: AsyncDisposableStack, options: Options): Promise<boolean> {
  const startedAtMs = nowMs();
  const { home, leaves } = await growTree(stack, options);
  const joinedMs = nowMs() - startedAtMs;
  process.stdout.write(
    `${options.leaves} leaves below ${options.agents} agents, started in ${formatMs(joinedMs)}\n`,
  );
  const runs: Run[] = [];
  let expectedMs = (await fanOut(home)).elapsedMs;
  for (let repeat = 0; repeat < options.repeats; repeat++) {
    const killed = Math.round((options.leaves * options.kill) / 100 / leaves.length);
    const killing = Promise.all(leaves.map((each) => each.kill(killed, expectedMs)));
    const run = await fanOut(home);
    const dead = new Set((await killing).flat());
    process.stderr.write(`fanout: repeat ${repeat + 1}: ${formatMs(run.elapsedMs)}\n`);
    const fault = findFault(run, options.leaves, dead);
    if (fault !== undefined) {
      process.stderr.write(`fanout: repeat ${repeat + 1}: ${fault}\n`);
      return false;
    }
    runs.push(run);
    expectedMs = run.elapsedMs;
    await Promise.all(leaves.map((each) => each.revive()));
  }
  printFigures(runs);
  return true;
}

const stack = new AsyncDisposableStack();
try {
  if (!(await measure(stack, readOptions()))) process.exitCode = 1;
} finally {
  await stack.disposeAsync();
}
