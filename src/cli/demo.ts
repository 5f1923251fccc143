/**
 * `dagent demo`: a tree of real daemons on this machine, used by the very commands that a user
 * types.
 */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { EXIT_PIPE, onPipeClosed } from './pipe.ts';

interface Place {
  readonly name: string;
  readonly role: 'root' | 'agent' | 'leaf';
  readonly parent: string | null;
}

const PLACES: readonly Place[] = [
  { name: 'root', role: 'root', parent: null },
  { name: 'east', role: 'agent', parent: 'root' },
  { name: 'west', role: 'agent', parent: 'root' },
  { name: 'web1', role: 'leaf', parent: 'east' },
  { name: 'web2', role: 'leaf', parent: 'east' },
  { name: 'db1', role: 'leaf', parent: 'east' },
  { name: 'web3', role: 'leaf', parent: 'west' },
  { name: 'web4', role: 'leaf', parent: 'west' },
  { name: 'db2', role: 'leaf', parent: 'west' },
];

/** Services of the demo: where each lives, and the shell command that answers. */
const SERVICES = [
  { via: 'db1', name: 'clock', reply: 'date -u +%FT%TZ' },
  { via: 'db2', name: 'upper', reply: 'tr a-z A-Z' },
] as const;

const EXIT_FAILED = 1;
/** A process that a signal ended has this and the number of the signal as its status. */
const EXIT_SIGNAL = 128;
/** Each attempt is a command of its own, so this is some seconds. */
const SERVICE_ATTEMPTS_MAX = 100;

function launcher(): string {
  return join(dirname(createRequire(import.meta.url).resolve('dagent/package.json')), 'bin/dagent');
}

/** Why the demo ends before its end: a signal, or a reader that is gone. */
class Interrupted extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`interrupted (${status})`);
    this.status = status;
  }
}

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function untilEnd(child: ChildProcess): Promise<Ended> {
  const said = { stdout: '', stderr: '' };
  for (const channel of ['stdout', 'stderr'] as const) {
    child[channel]?.on('data', (bytes: Buffer) => {
      said[channel] += bytes.toString();
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, ...said }));
  });
}

class DemoTree {
  readonly home = mkdtempSync(join(tmpdir(), 'dagent-demo-'));
  readonly #listeners: ChildProcess[] = [];
  readonly #env = { ...process.env, DAGENT_HOME: this.home, DAGENT_VIA: '' };
  /** The command that runs now, unless it starts a daemon: those are waited for. */
  #current: ChildProcess | undefined;
  #interruption: number | undefined;

  /** Ends what goes on; whoever waits for it gets {@link Interrupted}. */
  interrupt(status: number): void {
    this.#interruption ??= status;
    this.#current?.kill('SIGTERM');
  }

  #check(): void {
    if (this.#interruption !== undefined) throw new Interrupted(this.#interruption);
  }

  async #run(args: readonly string[], stdio: StdioOptions, input = ''): Promise<Ended> {
    this.#check();
    const child = spawn(launcher(), args, { env: this.#env, stdio });
    this.#current = child;
    // A command that has failed does not read on.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
    const ended = await untilEnd(child);
    this.#current = undefined;
    this.#check();
    return ended;
  }

  /** Shows a command as typed, then what it says. */
  async show(args: readonly string[], input = ''): Promise<void> {
    const words = args.map((arg) => (/[^\w@%+=:,./-]/.test(arg) ? `'${arg}'` : arg));
    const pipe = input === '' ? '' : `echo '${input.trimEnd()}' | `;
    process.stdout.write(`$ ${pipe}dagent ${words.join(' ')}\n`);
    const { status } = await this.#run(args, ['pipe', 'inherit', 'inherit'], input);
    if (status === EXIT_PIPE) throw new Interrupted(EXIT_PIPE);
    if (status !== 0) throw new Error(`dagent ${args[0]} ended with ${status}`);
    process.stdout.write('\n');
  }

  /** Starts the daemons of one level at the same time, and waits for all, whatever comes. */
  async #startAll(places: readonly Place[]): Promise<void> {
    const starts = places.map(({ name, role, parent }) => {
      const socket = join(this.home, 'run', parent ?? '', 'daemon.sock');
      const below = parent === null ? [] : ['--parent', `cd:${socket}`];
      return this.#start(['daemon', 'start', '--name', name, '--role', role, ...below]);
    });
    for (const result of await Promise.allSettled(starts)) {
      if (result.status === 'rejected') throw result.reason;
    }
    this.#check();
  }

  async #start(args: readonly string[]): Promise<void> {
    const stdio = ['ignore', 'ignore', 'pipe'] as const;
    // Apart from our group: a Ctrl-C would end the command and not the daemon that it has started.
    const how = { env: this.#env, stdio: [...stdio], detached: true };
    const { status, stderr } = await untilEnd(spawn(launcher(), args, how));
    if (status !== 0) throw new Error(`dagent ${args.join(' ')}: ${stderr.trim()}`);
  }

  async start(): Promise<void> {
    for (const role of ['root', 'agent', 'leaf'] as const) {
      await this.#startAll(PLACES.filter((place) => place.role === role));
    }
    for (const { via, name, reply } of SERVICES) {
      const args = ['listen', name, '--via', via, '--reply', reply];
      this.#listeners.push(spawn(launcher(), args, { env: this.#env, stdio: 'ignore' }));
    }
    for (const { name } of SERVICES) await this.#awaitService(name);
  }

  /** A service is there when it can be asked. */
  async #awaitService(name: string): Promise<void> {
    for (let attempt = 0; attempt < SERVICE_ATTEMPTS_MAX; attempt++) {
      const { stdout } = await this.#run(['services', '--json'], ['ignore', 'pipe', 'pipe']);
      if (stdout.includes(`"${name}"`)) return;
    }
    throw new Error(`the service ${name} did not come up`);
  }

  async top(): Promise<number> {
    const { status } = await this.#run(['top'], 'inherit');
    return status ?? EXIT_FAILED;
  }

  /** Ends everything that was started, and removes the home. */
  async stop(): Promise<void> {
    await Promise.all(
      this.#listeners.map(async (listener) => {
        if (listener.exitCode !== null || listener.signalCode !== null) return;
        listener.kill('SIGTERM');
        await untilEnd(listener);
      }),
    );
    const how = { env: this.#env, stdio: 'ignore', detached: true } as const;
    await untilEnd(spawn(launcher(), ['daemon', 'stop', '--all'], how));
    rmSync(this.home, { recursive: true, force: true });
  }
}

async function tour(tree: DemoTree): Promise<void> {
  const say = (text: string): void => void process.stdout.write(`# ${text}\n`);
  say('nine daemons on this machine, one tree');
  await tree.show(['tree']);
  say('a command on one node: its output and its exit status are ours');
  await tree.show(['exec', 'web1', 'echo "hello from $DAGENT_TARGET, pid $$"']);
  say('a command on all of them');
  await tree.show(['exec', '*', 'uname -sr']);
  say('facts of a host');
  await tree.show(['info', 'db1', 'kernel', 'memory', 'load']);
  say('services that any node can ask, by name');
  await tree.show(['services']);
  await tree.show(['send', 'clock', 'TIME', '--request']);
  say('a message sent from one side of the tree, answered on the other');
  await tree.show(
    ['send', 'db2:upper', 'SHOUT', '--data', '-', '--request', '--via', 'web1'],
    'it works\n',
  );
}

/** Runs the demo; returns the exit status. Whatever comes, nothing is left behind. */
export async function runDemo(how: { readonly isTour: boolean }): Promise<number> {
  const tree = new DemoTree();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => tree.interrupt(EXIT_SIGNAL + constants.signals[signal]));
  }
  onPipeClosed(() => tree.interrupt(EXIT_PIPE));
  process.stderr.write('starting a root, two agents and six leaves on this machine\n');
  try {
    await tree.start();
    if (!how.isTour) return await tree.top();
    await tour(tree);
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) return error.status;
    throw error;
  } finally {
    await tree.stop();
  }
}
