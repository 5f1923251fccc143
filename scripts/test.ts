/**
 * Runs the tests, each file in a process of its own, and ends with one line: `N passed, N failed`.
 *
 *     node scripts/test.ts [--dir DIR] [--limit SECONDS] [PART-OF-A-PATH]...
 *
 * Each file gets its own TMPDIR. That makes a clean-up checkable: a process whose environment still
 * names this directory when the file is done, or an entry left in the directory, fails the file.
 * What runs on is ended by its id, and only when it carries that mark.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';

/** A file that takes longer is stuck. */
const FILE_SECONDS_MAX = 180;
/** Files of test/e2e that run at once: each starts many processes of its own. */
const E2E_FILES_MAX = 2;
/** What a process that was told to go may still take until it is gone, and how often we look. */
const GOING_MS_MAX = 1_000;
const GOING_MS_STEP = 20;
const SHOWN_CHARACTERS_MAX = 100_000;

const project = resolve(import.meta.dirname, '..');
const { values: options, positionals: parts } = parseArgs({
  allowPositionals: true,
  options: {
    dir: { type: 'string', default: 'test' },
    limit: { type: 'string', default: String(FILE_SECONDS_MAX) },
  },
});

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The end of one file: what its summary says, and what is wrong beyond that. */
interface Outcome extends Counts {
  readonly output: string;
  readonly troubles: readonly string[];
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly isTimeout: boolean;
}

/** The run as a whole: its scratch directory, and the processes to end when it is interrupted. */
interface Run {
  readonly scratch: string;
  readonly children: Set<ChildProcess>;
  readonly totals: Counts;
}

/**
 * The environment of a file: its own scratch directory, plain text, no daemon of the person at
 * work.
 */
function environmentOf(run: Run, scratch: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(DAGENT_|FORCE_COLOR$)/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    TMPDIR: scratch,
    NO_COLOR: '1',
    NODE_COMPILE_CACHE: join(run.scratch, 'cache'),
    // Daemons such as sshd and nats-server are there, and not in everyone's path.
    PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin`,
  };
}

/** A variable that says where someone stands, and not what a test has set. */
const IS_PLACE = /^(?:PWD|OLDPWD|_)=/;

/**
 * Ids of the living processes whose environment names this scratch directory; none without /proc.
 */
function findStartedWith(scratch: string): number[] {
  const ids = globSync('/proc/[0-9]*').map((path) => Number(path.slice('/proc/'.length)));
  return ids.filter((id) => {
    try {
      const variables = readFileSync(`/proc/${id}/environ`, 'latin1').split('\0');
      return variables.some((each) => each.includes(scratch) && !IS_PLACE.test(each));
    } catch {
      return false; // It is gone, or it is another user's and so not ours.
    }
  });
}

/** Ends a process, or with a negative id a group; it may be gone already. */
function kill(id: number): void {
  try {
    process.kill(id, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function describeProcess(id: number): string {
  try {
    const argv = readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return `${id} (${argv.slice(0, 120)})`;
  } catch {
    return String(id);
  }
}

/** What the file left: processes (which are then ended) and entries of its scratch directory. */
async function collectLeftovers(scratch: string, graceMs: number): Promise<string[]> {
  let ids = findStartedWith(scratch);
  for (let waitedMs = 0; ids.length > 0 && waitedMs < graceMs; waitedMs += GOING_MS_STEP) {
    await wait(GOING_MS_STEP);
    ids = findStartedWith(scratch);
  }
  const left = ids.map((id) => `left a process behind: ${describeProcess(id)}`);
  ids.forEach(kill);
  const entries = readdirSync(scratch).map((name) => `left a file behind: ${join(scratch, name)}`);
  return [...left, ...entries];
}

/** Runs one file until it ends or its time is up; its output goes to the file `log`. */
function execute(run: Run, file: string, scratch: string, log: string): Promise<Exit> {
  const output = openSync(log, 'a');
  const child = spawn(process.execPath, [file], {
    cwd: project,
    env: environmentOf(run, scratch),
    // A group of its own, so that all of it can be ended; a file rather than a pipe, so that what a
    // dying process wrote is there, and a grandchild that holds on to it holds up nobody.
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  run.children.add(child);
  return new Promise((done, fail) => {
    let isTimeout = false;
    const timer = setTimeout(() => {
      isTimeout = true;
      if (child.pid !== undefined) kill(-child.pid);
    }, Number(options.limit) * 1000);
    child.on('error', fail);
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      run.children.delete(child);
      done({ code, signal, isTimeout });
    });
  });
}

/** What uvu's summary says, or undefined when there is none: the file broke before its end. */
function readSummary(output: string): Counts | undefined {
  const pattern = /^ {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)$/gm;
  const last = [...output.matchAll(pattern)].at(-1);
  if (last === undefined) return undefined;
  const [total = 0, passed = 0, skipped = 0] = last.slice(1).map(Number);
  return { passed, failed: total - passed, skipped };
}

function judge(exit: Exit, output: string, leftovers: readonly string[]): Outcome {
  const counts = readSummary(output);
  const troubles = [...leftovers];
  if (exit.isTimeout) troubles.unshift(`took more than ${options.limit} s and was ended`);
  else if (exit.signal !== null) troubles.unshift(`was ended by ${exit.signal}`);
  else if (counts === undefined && exit.code === 0) troubles.unshift('runs no test');
  else if (counts === undefined) troubles.unshift(`broke before its end (status ${exit.code})`);
  else if (counts.passed + counts.failed + counts.skipped === 0) troubles.unshift('has no test');
  else if (exit.code !== 0 && counts.failed === 0) troubles.unshift(`ended with ${exit.code}`);
  const { passed, failed, skipped } = counts ?? { passed: 0, failed: 0, skipped: 0 };
  return { passed, failed: failed + (troubles.length > 0 ? 1 : 0), skipped, output, troubles };
}

function print(file: string, outcome: Outcome, seconds: number): void {
  const { passed, failed, skipped, output, troubles } = outcome;
  const word = failed > 0 ? 'FAIL' : 'ok  ';
  const more = skipped > 0 ? `, ${skipped} skipped` : '';
  const lines = [`${word} ${seconds.toFixed(1).padStart(5)} s  ${file}  ${passed} passed${more}`];
  if (failed > 0) {
    lines.push(output.slice(-SHOWN_CHARACTERS_MAX).trimEnd());
    lines.push(...troubles.map((trouble) => `  ${file} ${trouble}`), '');
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function runFile(run: Run, file: string, index: number): Promise<void> {
  const startedAtMs = performance.now();
  const scratch = join(run.scratch, `${index}.d`);
  const log = join(run.scratch, `${index}.log`);
  mkdirSync(scratch);
  const exit = await execute(run, file, scratch, log);
  const leftovers = await collectLeftovers(scratch, exit.isTimeout ? 0 : GOING_MS_MAX);
  rmSync(scratch, { recursive: true, force: true });
  const outcome = judge(exit, readFileSync(log, 'utf8'), leftovers);
  run.totals.passed += outcome.passed;
  run.totals.failed += outcome.failed;
  run.totals.skipped += outcome.skipped;
  print(file, outcome, (performance.now() - startedAtMs) / 1000);
}

/** Runs the files, at most `filesMax` at once, in their order. */
async function runAll(run: Run, files: readonly [string, number][], filesMax: number) {
  const queue = files.values();
  const worker = async () => {
    for (const [file, index] of queue) await runFile(run, file, index);
  };
  await Promise.all(Array.from({ length: filesMax }, worker));
}

/** An interrupted run ends what it started. */
function endOnSignal(run: Run): void {
  const end = (signal: NodeJS.Signals, status: number) => {
    process.on(signal, () => {
      for (const child of run.children) if (child.pid !== undefined) kill(-child.pid);
      for (const name of readdirSync(run.scratch))
        findStartedWith(join(run.scratch, name)).forEach(kill);
      rmSync(run.scratch, { recursive: true, force: true });
      process.exit(status);
    });
  };
  end('SIGINT', 130);
  end('SIGTERM', 143);
  end('SIGHUP', 129);
}

const found = globSync(join(resolve(project, options.dir), '**/*.test.ts')).sort();
const files = found
  .map((path, index): [string, number] => [path.replace(`${project}/`, ''), index])
  .filter(([path]) => parts.length === 0 || parts.some((part) => path.includes(part)));
const run: Run = {
  scratch: mkdtempSync(join(tmpdir(), 'dt-')),
  children: new Set(),
  totals: { passed: 0, failed: 0, skipped: 0 },
};
endOnSignal(run);
try {
  const isEndToEnd = ([path]: [string, number]) => path.includes('/e2e/');
  await runAll(
    run,
    files.filter((file) => !isEndToEnd(file)),
    availableParallelism(),
  );
  await runAll(run, files.filter(isEndToEnd), E2E_FILES_MAX);
} finally {
  rmSync(run.scratch, { recursive: true, force: true });
}

const { passed, failed, skipped } = run.totals;
if (files.length === 0) process.stderr.write(`no test file matches: ${parts.join(' ')}\n`);
const counts = [
  `${passed} passed`,
  `${failed} failed`,
  ...(skipped > 0 ? [`${skipped} skipped`] : []),
];
process.stdout.write(`${counts.join(', ')}\n`);
process.exitCode = failed > 0 || files.length === 0 ? 1 : 0;
