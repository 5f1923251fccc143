/**
 * `dagent demo`: a tree of real daemons on this machine, used by the very commands that a user
 * types.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

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

function launcher(): string {
  return join(dirname(createRequire(import.meta.url).resolve('dagent/package.json')), 'bin/dagent');
}

class DemoTree {
  readonly home = mkdtempSync(join(tmpdir(), 'dagent-demo-'));
  readonly #listeners: ChildProcess[] = [];
  readonly #env = { ...process.env, DAGENT_HOME: this.home, DAGENT_VIA: '' };

  /** Runs a command to its end; its output is returned. Throws when it fails. */
  run(args: readonly string[], input = ''): string {
    const result = spawnSync(launcher(), args, { env: this.#env, input, encoding: 'utf8' });
    if (result.status === 0) return result.stdout;
    throw new Error(`dagent ${args.join(' ')}: ${result.stderr.trim()}`);
  }

  /** Shows a command as typed, then what it says. */
  show(args: readonly string[], input = ''): void {
    const words = args.map((arg) => (/[^\w@%+=:,./-]/.test(arg) ? `'${arg}'` : arg));
    const pipe = input === '' ? '' : `echo '${input.trimEnd()}' | `;
    process.stdout.write(`$ ${pipe}dagent ${words.join(' ')}\n`);
    const stdio = ['pipe', 'inherit', 'inherit'] as const;
    const result = spawnSync(launcher(), args, { env: this.#env, input, stdio: [...stdio] });
    if (result.status !== 0) throw new Error(`dagent ${args[0]} ended with ${result.status}`);
    process.stdout.write('\n');
  }

  /** Starts the daemons of one level at the same time. */
  async #startAll(places: readonly Place[]): Promise<void> {
    await Promise.all(
      places.map(({ name, role, parent }) => {
        const socket = join(this.home, 'run', parent ?? '', 'daemon.sock');
        const below = parent === null ? [] : ['--parent', `cd:${socket}`];
        return this.#start(['daemon', 'start', '--name', name, '--role', role, ...below]);
      }),
    );
  }

  #start(args: readonly string[]): Promise<void> {
    const child = spawn(launcher(), args, { env: this.#env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        if (code === 0) resolve();
        else reject(new Error(`dagent ${args.join(' ')}: ${said.trim()}`));
      });
    });
  }

  async start(): Promise<void> {
    for (const role of ['root', 'agent', 'leaf'] as const) {
      await this.#startAll(PLACES.filter((place) => place.role === role));
    }
    for (const { via, name, reply } of SERVICES) {
      const args = ['listen', name, '--via', via, '--reply', reply];
      this.#listeners.push(spawn(launcher(), args, { env: this.#env, stdio: 'ignore' }));
    }
    this.#awaitServices();
  }

  /** The services are there when one can be asked. */
  #awaitServices(): void {
    for (const { name } of SERVICES) {
      for (let attempt = 0; !this.run(['services', '--json']).includes(`"${name}"`); attempt++) {
        if (attempt === 100) throw new Error(`the service ${name} did not come up`);
      }
    }
  }

  top(): number {
    const result = spawnSync(launcher(), ['top'], { env: this.#env, stdio: 'inherit' });
    return result.status ?? EXIT_FAILED;
  }

  /** Ends everything that was started, and removes the home. */
  stop(): void {
    for (const listener of this.#listeners) listener.kill('SIGTERM');
    spawnSync(launcher(), ['daemon', 'stop', '--all'], { env: this.#env, stdio: 'ignore' });
    rmSync(this.home, { recursive: true, force: true });
  }
}

function tour(tree: DemoTree): void {
  const say = (text: string): void => void process.stdout.write(`# ${text}\n`);
  say('nine daemons on this machine, one tree');
  tree.show(['tree']);
  say('a command on one node: its output and its exit status are ours');
  tree.show(['exec', 'web1', 'echo "hello from $DAGENT_TARGET, pid $$"']);
  say('a command on all of them');
  tree.show(['exec', '*', 'uname -sr']);
  say('facts of a host');
  tree.show(['info', 'db1', 'kernel', 'memory', 'load']);
  say('services that any node can ask, by name');
  tree.show(['services']);
  tree.show(['send', 'clock', 'TIME', '--request']);
  say('a message sent from one side of the tree, answered on the other');
  tree.show(
    ['send', 'db2:upper', 'SHOUT', '--data', '-', '--request', '--via', 'web1'],
    'it works\n',
  );
}

/** Runs the demo; returns the exit status. Whatever comes, nothing is left behind. */
export async function runDemo(how: { readonly isTour: boolean }): Promise<number> {
  const tree = new DemoTree();
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    tree.stop();
  };
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.once(signal, () => {
      stop();
      process.exit(status);
    });
  }
  process.stderr.write('starting a root, two agents and six leaves on this machine\n');
  try {
    await tree.start();
    if (!how.isTour) return tree.top();
    tour(tree);
    return 0;
  } finally {
    stop();
  }
}
