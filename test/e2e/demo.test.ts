import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, PROJECT } from './harness.ts';
import { until } from './poll.ts';
import { Terminal } from './terminal.ts';

const test = suite('dagent demo');
const home = new Home();

test.after(() => home.close());

const NAMES = ['root', 'east', 'west', 'web1', 'web2', 'web3', 'web4', 'db1', 'db2'];

/** A place for temporary files, in which nothing may be left. */
function place(name: string): { readonly dir: string; readonly env: Record<string, string> } {
  const dir = home.file(name);
  mkdirSync(dir);
  // A daemon or a choice of the person at work is none of the demo's business.
  return { dir, env: { TMPDIR: dir, DAGENT_VIA: 'elsewhere', DAGENT_HOME: home.file('mine') } };
}

/** Processes that were started with this directory in their environment. */
function processesIn(dir: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`DAGENT_HOME=${dir}/`);
      } catch {
        return false;
      }
    });
}

async function assertNothingLeft(dir: string): Promise<void> {
  await until('no process is left', () => processesIn(dir).length === 0);
  assert.equal(readdirSync(dir), []);
}

function assertTour(stdout: string): void {
  for (const name of NAMES) assert.match(stdout, new RegExp(`^[├└│─ ]*${name} `, 'm'));
  assert.match(stdout, /^\$ dagent exec web1 /m);
  assert.match(stdout, /^hello from web1, pid \d+$/m);
  assert.match(stdout, /^\$ dagent exec '\*' /m);
  for (const name of NAMES) assert.match(stdout, new RegExp(`^${name} +\\| Linux `, 'm'));
  assert.match(stdout, /^\$ dagent info db1 /m);
  assert.match(stdout, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/m);
  assert.match(stdout, /^IT WORKS$/m);
}

/** A test must not reinstall what runs it: `npm test` has set up all before. */
function assertSetUp(): void {
  const [wanted, installed] = ['package-lock.json', 'node_modules/.dagent-installed'].map((path) =>
    readFileSync(join(PROJECT, path), 'utf8'),
  );
  assert.ok(wanted === installed, 'the dependencies are not those of the lockfile: run npm test');
}

test('npm start without a terminal takes the tour, ends with 0, and leaves nothing', async () => {
  assertSetUp();
  const { dir, env } = place('start');
  const argv = ['npm', 'start', '--silent'];
  const program = home.spawn(argv, { env: { ...env, npm_config_cache: dir }, cwd: PROJECT });
  const { status, stdout, stderr } = await program.end(60_000);
  assert.is(status, 0, stderr);
  assertTour(stdout);
  assert.not.match(stderr, 'installing');
  const left = readdirSync(dir).filter((name) => name.startsWith('dagent'));
  assert.equal(left, []);
  await until('no process is left', () => processesIn(dir).length === 0);
});

test('demo --tour does so anywhere', async () => {
  const { dir, env } = place('tour');
  const { status, stdout, stderr } = await home.run(['demo', '--tour'], { env, limitMs: 60_000 });
  assert.is(status, 0, stderr);
  assertTour(stdout);
  await assertNothingLeft(dir);
});

test('a tour whose reader goes away, or that is interrupted, leaves nothing', async () => {
  const cut = place('cut');
  const interrupted = place('interrupted');
  const piped = home.shell('dagent demo --tour | head -n 2', { env: cut.env, limitMs: 60_000 });
  const program = home.start(['demo', '--tour'], { env: interrupted.env });
  await until('a daemon runs', () => processesIn(interrupted.dir).length > 2);
  program.signal('SIGTERM');
  const { stderr } = await program.end(60_000);
  assert.not.match(stderr, /\bat .*:\d+:\d+/);
  assert.not.match((await piped).stderr, /\bat .*:\d+:\d+/);
  await assertNothingLeft(interrupted.dir);
  await assertNothingLeft(cut.dir);
});

test('on a terminal it ends in dagent top, and leaves nothing when that is quit', async () => {
  const { dir, env } = place('live');
  const words = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const terminal = await Terminal.open(home, 'demo', `env ${words.join(' ')} dagent demo`);
  const screen = await terminal.sees(/upper[\s\S]*q quit/);
  for (const name of NAMES) assert.match(screen, name);
  await terminal.press('q');
  assert.is(await terminal.end(), 0);
  await assertNothingLeft(dir);
});

test.run();
