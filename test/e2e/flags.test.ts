import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, recordsOf } from './harness.ts';
import { until } from './poll.ts';

interface Flag {
  readonly node: string;
  readonly nodeState: string;
  readonly flag: string;
  readonly state: string;
  readonly count: number;
}

const test = suite('dagent flag');
const home = new Home();

test.before(async () => {
  await home.startTree({ hq: null, east: 'hq', web1: 'east' });
});
test.after(() => home.close());

async function list(...args: string[]): Promise<string[]> {
  const flags = recordsOf<Flag>(await home.ok(['flag', 'ls', '--json', ...args]));
  return flags.map(({ node, nodeState, flag, state }) => `${node} ${nodeState} ${flag} ${state}`);
}

/** Waits until the top knows of it. */
function listed(...expected: string[]): Promise<unknown> {
  return until(`flags ${expected.join()}`, async () => (await list()).join() === expected.join());
}

async function flag(what: 'raise' | 'lower', name: string, ...more: string[]): Promise<void> {
  await home.ok(['flag', what, 'orders', 'db', name, ...more]);
}

test('a flag far below is seen at the top, shown, told as an event, and lowered', async () => {
  const events = home.start(['events', 'flag=orders/*', '--json']);
  await events.sees(/"type":"open"/);
  await flag('raise', 'slow', '--at', 'web1', '-m', 'p99 is 2 s', '--tag', 'db');
  await listed('web1 up slow raised');
  await events.sees(/"flag-raised","node":"web1","flag":"orders\/db\/slow"/);
  assert.match(await home.ok(['events', '--since', '1m', '--for', '100ms']), /warning +p99 is 2 s/);
  const { nodes } = await home.json<{ nodes: { name: string; flags?: unknown }[] }>([
    ...['top', '--once', '--json'],
  ]);
  const flags = { count: 1, worst: 'warning' };
  assert.equal(nodes.find(({ name }) => name === 'web1')?.flags, flags);
  assert.match(await home.ok(['flag', 'ls']), /^web1 +warning +orders\/db\/slow +raised .*p99/m);
  assert.match(await home.ok(['flag', 'show', 'orders', 'db', 'slow']), /^message +p99 is 2 s$/m);
  assert.equal(await list('--tag', 'other'), []);
  assert.equal(await list('--priority', 'error'), []);
  assert.equal(await list('east'), []);
  assert.equal(await list('web*', '--tag', 'db'), ['web1 up slow raised']);
  await flag('lower', 'slow', '--at', 'web1');
  await events.sees(/"flag-lowered"/);
  await listed();
  events.signal('SIGINT');
  assert.is((await events.end()).status, 0);
});

test('flags are there after kill -9; meanwhile they are those of a lost node', async () => {
  await flag('raise', 'down', '--at', 'web1', '--manual-down', '--priority', 'critical');
  await flag('lower', 'down', '--at', 'web1');
  await listed('web1 up down cleared');
  await home.kill9('web1');
  await listed('web1 lost down cleared');
  await home.kill9('east');
  await home.ok(['daemon', 'restart', 'east']);
  await home.ok(['daemon', 'restart', 'web1']);
  await listed('web1 up down cleared');
  const { status, stderr } = await home.run(['flag', 'lower', 'orders', 'db', 'down']);
  assert.is(status, 0);
  assert.match(stderr, /orders\/db\/down is not up on hq/);
  await flag('lower', 'down', '--at', 'web1', '--by-hand');
  await listed();
});

test('a file of flags that is broken is set aside, and the daemon starts', async () => {
  await flag('raise', 'kept', '--at', 'web1');
  await home.ok(['daemon', 'stop', 'web1']);
  const path = join(home.dir, 'data', 'web1', 'flags.json');
  writeFileSync(path, '{"revision":');
  await home.ok(['daemon', 'restart', 'web1']);
  assert.ok(existsSync(`${path}.broken`));
  assert.match(await home.ok(['daemon', 'logs', 'web1']), /set aside/);
  await flag('raise', 'new', '--at', 'web1');
  await listed('web1 up new raised');
});

test('a full disk refuses a flag, and keeps those that are there', async () => {
  const data = join(home.dir, 'data', 'small');
  mkdirSync(data, { recursive: true });
  const mount = ['-t', 'tmpfs', '-o', 'size=256k', 'none', data];
  if (spawnSync('mount', mount).status !== 0) {
    process.stderr.write('skipped: a disk cannot be mounted here\n');
    return;
  }
  try {
    await home.daemon('small', ['--role', 'leaf', '--parent', home.socketUrl('hq')]);
    await flag('raise', 'before', '--at', 'small');
    spawnSync('dd', ['if=/dev/zero', `of=${join(data, 'ballast')}`, 'bs=4k'], { stdio: 'ignore' });
    const { status, stderr } = await home.run([
      ...['flag', 'raise', 'orders', 'db', 'during', '--at', 'small'],
    ]);
    assert.is(status, 1);
    assert.match(stderr, /cannot write .*: the disk is full \(E_CANNOT_WRITE at small\)/);
    rmSync(join(data, 'ballast'));
    await home.kill9('small');
    await home.ok(['daemon', 'restart', 'small']);
    await flag('raise', 'after', '--at', 'small');
    await until('both flags', async () => (await list('small')).length === 2);
    await home.ok(['daemon', 'stop', 'small']);
  } finally {
    spawnSync('umount', ['-l', data]);
  }
});

test('a daemon raises a flag of its own when its uplink comes and goes', async () => {
  await home.daemon('flappy', ['--role', 'leaf', '--parent', home.socketUrl('east')]);
  for (let at = 0; at < 3; at++) {
    await home.kill9('east');
    await home.ok(['daemon', 'restart', 'east']);
    await until('flappy', async () => (await home.run(['exec', 'flappy', 'true'])).status === 0);
  }
  const flapping = 'flappy up flapping raised';
  await until(flapping, async () => (await list('flappy')).includes(flapping), 60_000);
  const shown = await home.ok(['flag', 'show', 'dagent', 'uplink', 'flapping', '--at', 'flappy']);
  assert.match(shown, /^message +the link to the parent was lost 3 times in 10m$/m);
  await home.ok(['daemon', 'stop', 'flappy']);
});

test('what is wrong is told with a code', async () => {
  const unknown = await home.run(['flag', 'show', 'orders', 'db', 'nothing']);
  assert.is(unknown.status, 3);
  assert.match(unknown.stderr, /no flag orders\/db\/nothing is up on any node \(E_FLAG_UNKNOWN\)/);
  const own = await home.run(['flag', 'raise', 'dagent', 'disk', 'full']);
  assert.is(own.status, 2);
  assert.match(own.stderr, /raised by the daemon itself/);
  const words = await home.run(['flag', 'raise', 'orders', 'db']);
  assert.is(words.status, 2);
});

test.run();
