import { writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, isRunning } from './harness.ts';
import { until } from './poll.ts';

const test = suite('parents that are full, many, or dead');
const home = new Home();
const HOLD_MS = 500;
const HOLD = ['--hold', `${HOLD_MS}ms`];
/** What a command of the test takes on a busy machine, and the shortest backoff. */
const GRACE_MS = 3_000;

test.before(async () => {
  await home.daemon('root', HOLD);
  for (const name of ['a', 'b']) {
    await home.daemon(name, ['--parent', home.socketUrl('root'), ...HOLD]);
  }
});
test.after(() => home.close());

async function parentOf(name: string): Promise<string | null> {
  return (await home.status(name)).parent;
}

/** How long it takes until a message from the root arrives at the leaf. */
async function measureMs(sinceMs: number): Promise<number> {
  await until('a message arrives', async () => {
    const { status } = await home.run(['send', '--via', 'root', 'leaf:probe', 'HELLO']);
    return status === 0;
  });
  return performance.now() - sinceMs;
}

test('when its parent is killed a leaf is below the next one, and messages arrive', async () => {
  const parents = ['a', 'b'].flatMap((name) => ['--parent', home.socketUrl(name)]);
  await home.daemon('leaf', ['--role', 'leaf', ...parents, ...HOLD]);
  const listener = home.start(['listen', '--via', 'leaf', 'probe', '--json']);
  await measureMs(performance.now());
  assert.is(await parentOf('leaf'), 'a');
  await home.kill9('a');
  const ms = await measureMs(performance.now());
  assert.is(await parentOf('leaf'), 'b');
  assert.ok(ms < HOLD_MS + GRACE_MS, `it took ${ms} ms`);
  listener.signal('SIGTERM');
  await listener.end();
});

test('when its parent falls silent a leaf is elsewhere soon after the hold time', async () => {
  await home.ok(['daemon', 'restart', 'a']);
  const pid = await home.signal('b', 'SIGSTOP');
  const sinceMs = performance.now();
  await until('leaf is below a', async () => (await parentOf('leaf')) === 'a');
  const ms = performance.now() - sinceMs;
  process.kill(pid, 'SIGCONT');
  assert.ok(ms < HOLD_MS + GRACE_MS, `it took ${ms} ms`);
});

test('who has another parent leaves one that has lost the root', async () => {
  const below = ['a', 'b'].flatMap((name) => ['--parent', home.socketUrl(name)]);
  await home.daemon('mid', ['--parent', home.socketUrl('a'), ...HOLD]);
  await home.daemon('twig', [
    ...['--role', 'leaf', '--parent', home.socketUrl('mid'), ...below, ...HOLD],
  ]);
  assert.is(await parentOf('twig'), 'mid');
  await home.ok(['daemon', 'stop', 'a']);
  await until('twig is below b', async () => (await parentOf('twig')) === 'b');
  await home.ok(['daemon', 'restart', 'a']);
});

test('a full node sends a child on to an agent below it', async () => {
  const top = ['--max-children', '1', '--listen', 'cd://127.0.0.1:0', '--realm', 'full', ...HOLD];
  await home.daemon('top', ['--role', 'root', ...top]);
  const parent = ['--parent', home.socketUrl('top'), ...HOLD];
  await home.daemon('first', [...parent, '--listen', 'cd://127.0.0.1:0', '--max-children', '1']);
  await home.daemon('second', ['--role', 'leaf', ...parent]);
  assert.is(await parentOf('first'), 'top');
  assert.is(await parentOf('second'), 'first');
  const third = ['daemon', 'start', '--name', 'third', '--role', 'leaf', '--timeout', '1s'];
  const { status, stderr } = await home.run([...third, ...parent]);
  assert.is(status, 6);
  assert.match(stderr, /top has as many children as it takes \(1\)/);
  assert.match(stderr, /first has as many children as it takes \(1\)/);
});

test('a name in the file of hosts stands for the addresses of all its lines', async () => {
  const { listen } = await home.daemon('gate', [
    ...['--parent', home.socketUrl('root'), '--listen', 'cd://127.0.0.1:0', ...HOLD],
  ]);
  const port = listen[1]?.split(':').at(-1);
  const hosts = home.file('hosts');
  writeFileSync(hosts, '127.0.0.1 localhost\n127.0.0.9 gate.test\n127.0.0.1 gate.test\n');
  const inside = (line: string) =>
    home.spawn(['unshare', '-m', 'sh', '-c', `mount --bind "$0" /etc/hosts && ${line}`, hosts]);
  // Who may not change what a process sees of the files cannot try it.
  if ((await inside('true').end()).status !== 0) return;
  const words = `dagent daemon start --name named --role leaf --parent cd://gate.test:${port}`;
  const { status, stderr } = await inside(words).end();
  assert.is(status, 0, stderr);
  const { pid } = await home.status('named');
  assert.ok(isRunning(pid));
  assert.is(await parentOf('named'), 'gate');
  const log = await home.ok(['daemon', 'logs', 'named']);
  assert.match(log, `cd://127.0.0.9:${port}`);
  assert.match(log, `cd://127.0.0.1:${port}`);
});

test.run();
