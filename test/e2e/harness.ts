/**
 * An installation for a test: a home in a directory of its own, daemons and commands of the built
 * binary in it. Nothing of the source is imported: what is tested is what users run.
 *
 * Closing it ends all that was started in it, and nothing else, whatever state it is in.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { until } from './poll.ts';
import { type Ended, Program, type ProgramOptions } from './program.ts';

export const PROJECT = resolve(import.meta.dirname, '../..');
const BINARY = join(PROJECT, 'bin/dagent');

/** What `daemon start --json` and `daemon status --json` print. */
export interface Status {
  readonly name: string;
  readonly id: string;
  readonly role: string;
  readonly realm: string | null;
  readonly pid: number;
  readonly parent: string | null;
  readonly listen: readonly string[];
  readonly state?: string;
}

/** A node as `tree --json` and `top --once --json` print it. */
export interface TreeNode {
  readonly name: string;
  readonly id: string;
  readonly role: string;
  readonly parent: string | null;
  readonly state: string;
  readonly services: readonly string[];
  readonly rttMs: number | null;
}

/** Names with the names of their parents. */
export type Shape = Readonly<Record<string, string | null>>;

/** What a command may be given besides its words. */
export interface RunOptions extends Omit<ProgramOptions, 'env'> {
  readonly env?: Readonly<Record<string, string>>;
  readonly limitMs?: number;
}

/** Whether a process is there and is no zombie. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

/** Nodes by their distance from the top, those of one level together. */
function levelsOf(shape: Shape): string[][] {
  const levels: string[][] = [];
  for (const name of Object.keys(shape)) {
    let depth = 0;
    for (let at = shape[name]; at != null && at in shape; at = shape[at]) depth++;
    levels[depth] ??= [];
    levels[depth]?.push(name);
  }
  return levels;
}

export class Home {
  readonly dir = mkdtempSync(join(tmpdir(), 'h-'));
  /** For files of the test. */
  readonly scratch = join(this.dir, 'scratch');
  readonly env: Record<string, string>;
  readonly #programs = new Set<Program>();
  readonly #endings: (() => Promise<unknown>)[] = [];

  constructor() {
    mkdirSync(this.scratch);
    const { DAGENT_VIA: _, ...kept } = process.env;
    const path = `${join(PROJECT, 'bin')}:${process.env.PATH}`;
    this.env = { ...kept, PATH: path, DAGENT_HOME: this.dir } as Record<string, string>;
  }

  /** Starts any program, in the environment of the home. */
  spawn(argv: readonly string[], options: RunOptions = {}): Program {
    const env = { ...this.env, ...options.env };
    const program = new Program(argv, { ...options, env });
    this.#programs.add(program);
    void program.ended.then(
      () => this.#programs.delete(program),
      () => this.#programs.delete(program),
    );
    return program;
  }

  /** Starts a command. */
  start(args: readonly string[], options: RunOptions = {}): Program {
    return this.spawn([BINARY, ...args], options);
  }

  /** Runs a command to its end, whatever its status. */
  run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    return this.start(args, options).end(options.limitMs);
  }

  /** Runs a command that must succeed; returns its stdout. */
  async ok(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { status, stdout, stderr } = await this.run(args, options);
    if (status === 0) return stdout;
    throw new Error(`dagent ${args.join(' ')} ended with ${status}\n${stdout}\n${stderr}`);
  }

  /** Runs a command that must succeed, and reads the document that it prints. */
  async json<T>(args: readonly string[], options: RunOptions = {}): Promise<T> {
    return JSON.parse(await this.ok(args, options)) as T;
  }

  /** Runs a line of shell, in which `dagent` is the built one. */
  shell(line: string, options: RunOptions = {}): Promise<Ended> {
    return this.spawn(['sh', '-c', line], options).end(options.limitMs);
  }

  /** Path of a file of the test. */
  file(name: string): string {
    return join(this.scratch, name);
  }

  /** URL of a daemon's own socket. */
  socketUrl(name: string): string {
    return `cd:${join(this.dir, 'run', name, 'daemon.sock')}`;
  }

  /** Starts one daemon. `args` come after its name. */
  daemon(name: string, args: readonly string[] = []): Promise<Status> {
    return this.json<Status>(['daemon', 'start', '--name', name, ...args, '--json']);
  }

  /**
   * Starts a tree over Unix sockets: who has no child is a leaf. The daemons of one level start at
   * the same time. `args` go to each.
   */
  async startTree(shape: Shape, args: readonly string[] = []): Promise<Map<string, Status>> {
    const parents = new Set(Object.values(shape));
    const all = new Map<string, Status>();
    for (const level of levelsOf(shape)) {
      await Promise.all(
        level.map(async (name) => {
          const parent = shape[name] ?? null;
          const role = parent === null ? 'root' : parents.has(name) ? 'agent' : 'leaf';
          const below = parent === null ? [] : ['--parent', this.socketUrl(parent)];
          all.set(name, await this.daemon(name, ['--role', role, ...below, ...args]));
        }),
      );
    }
    return all;
  }

  status(name: string): Promise<Status> {
    return this.json<Status>(['daemon', 'status', name, '--json']);
  }

  /** The nodes of the tree by name. */
  async tree(args: readonly string[] = []): Promise<Map<string, TreeNode>> {
    const { nodes } = await this.json<{ nodes: TreeNode[] }>(['tree', '--json', ...args]);
    return new Map(nodes.map((node) => [node.name, node]));
  }

  /** Sends a signal to a daemon; returns its pid. */
  async signal(name: string, signal: NodeJS.Signals): Promise<number> {
    const { pid } = await this.status(name);
    process.kill(pid, signal);
    return pid;
  }

  /** Ends a daemon as a crash would, and waits until it is gone. */
  async kill9(name: string): Promise<void> {
    const pid = await this.signal(name, 'SIGKILL');
    await until(`${name} is gone`, () => !isRunning(pid));
  }

  /** The pid that a command of the test has written into a file; waits for it. */
  pid(name: string): Promise<number> {
    return until(`a pid in ${name}`, () => {
      const text = existsSync(this.file(name)) ? readFileSync(this.file(name), 'utf8') : '';
      return text.endsWith('\n') && Number(text.trim());
    });
  }

  /** Waits until the processes in these files have ended. */
  async gone(...names: string[]): Promise<void> {
    for (const name of names) {
      const pid = await this.pid(name);
      await until(`the process ${pid} of ${name} has ended`, () => !isRunning(pid));
    }
  }

  /** Pids of the daemons that run here, from what they say of themselves. */
  async #daemonPids(): Promise<number[]> {
    const { stdout } = await this.run(['daemon', 'ls', '--json']);
    const entries = JSON.parse(stdout || '[]') as Status[];
    return entries.filter((entry) => entry.state === 'running').map((entry) => entry.pid);
  }

  /** What commands left behind although they should not: `*.pid` in the scratch directory. */
  #killLeftovers(): void {
    for (const name of readdirSync(this.scratch).filter((each) => each.endsWith('.pid'))) {
      const pid = Number(readFileSync(this.file(name), 'utf8'));
      if (!(pid > 1) || !isRunning(pid)) continue;
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      if (/sleep|yes|cat|sh/.test(words)) process.kill(pid, 'SIGKILL');
    }
  }

  /** Has something done before all that runs here is ended. */
  atEnd(ending: () => Promise<unknown>): void {
    this.#endings.push(ending);
  }

  /** Ends all that runs here and removes the home. */
  async close(): Promise<void> {
    for (const ending of this.#endings) await ending();
    for (const program of this.#programs) program.signal('SIGKILL');
    await Promise.all([...this.#programs].map((program) => program.ended));
    // A stopped process would not hear that it is to end.
    for (const pid of await this.#daemonPids()) process.kill(pid, 'SIGCONT');
    const { status, stderr } = await this.run(['daemon', 'stop', '--all']);
    const left = await this.#daemonPids();
    for (const pid of left) process.kill(pid, 'SIGKILL');
    this.#killLeftovers();
    rmSync(this.dir, { recursive: true, force: true });
    if (status !== 0 || left.length > 0) throw new Error(`daemon stop --all: ${stderr}`);
  }
}

/** The records of a stream, one to a line. */
export function recordsOf<T = Record<string, unknown>>(ndjson: string): T[] {
  return ndjson
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
