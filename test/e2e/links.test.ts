import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, recordsOf, type Status } from './harness.ts';
import { until } from './poll.ts';

const test = suite('links and routing');
const home = new Home();
/** Time without a word after which a link is dead, in milliseconds. */
const HOLD_MS = 500;
const HOLD = ['--hold', `${HOLD_MS}ms`];

test.before(async () => {
  await home.startTree({ root: null, a: 'root', b: 'a', c: 'b', deep: 'c', near: 'root' }, HOLD);
});
test.after(() => home.close());

/** Waits until a node has a state in the tree. */
async function awaitState(name: string, state: string): Promise<void> {
  await until(`${name} is ${state}`, async () => {
    assert.is((await home.tree()).get(name)?.state ?? 'gone', state);
    return true;
  });
}

/** Waits until a command runs on a node. */
async function awaitExec(node: string, args: string[] = []): Promise<void> {
  const words = ['exec', ...args, node, 'echo', 'here'];
  await until(`exec on ${node}`, async () => (await home.run(words)).stdout === 'here\n');
}

test('a tree knows every node, its parent and its role, at any depth', async () => {
  const nodes = await home.tree();
  const parents = Object.fromEntries([...nodes.values()].map(({ name, parent }) => [name, parent]));
  assert.equal(parents, { root: null, a: 'root', b: 'a', c: 'b', deep: 'c', near: 'root' });
  assert.is(nodes.get('deep')?.role, 'leaf');
  assert.is(nodes.get('c')?.role, 'agent');
  for (const { state, services, id } of nodes.values()) {
    assert.is(state, 'up');
    assert.equal(services, []);
    assert.match(id, /^[0-9a-f]{16}$/);
  }
  const lines = (await home.ok(['tree'])).split('\n');
  assert.ok(lines.some((line) => /^│ {8}└─ deep +leaf/.test(line)));
});

test('every node reaches every other: down, up, and across', async () => {
  const pairs = [
    ['root', 'deep'],
    ['deep', 'root'],
    ['deep', 'near'],
    ['near', 'deep'],
    ['b', 'b'],
    ['deep', 'a'],
  ];
  await Promise.all(
    pairs.map(async ([via = '', target = '']) => {
      const stdout = await home.ok(['exec', '--via', via, target, 'echo', via]);
      assert.is(stdout, `${via}\n`);
    }),
  );
});

test('a glob means the whole tree from wherever it is asked', async () => {
  const { stdout } = await home.run(['exec', '--json', '--via', 'deep', '*', 'true']);
  assert.equal(recordsOf(stdout).at(-1)?.counts, { ok: 6 });
});

/** The node on which `listen` has registered, as `services` tells it from there. */
async function chosenNode(args: string[], env: Record<string, string> = {}): Promise<string> {
  const listener = home.start(['listen', 'probe', ...args], { env });
  const found = await until('the service is there', async () => {
    const services = await home.json<{ service: string; node: string }[]>(['services', '--json']);
    return services.find(({ service }) => service === 'probe')?.node;
  });
  listener.signal('SIGTERM');
  assert.is((await listener.end()).status, 0);
  const isGone = async (): Promise<boolean> =>
    JSON.parse(await home.ok(['services', '--json'])).length === 0;
  await until('the service is gone', isGone);
  return found;
}

test('a command talks to the daemon nearest the root unless told otherwise', async () => {
  assert.is(await chosenNode([]), 'root');
  assert.is(await chosenNode(['--via', 'c']), 'c');
  assert.is(await chosenNode(['--via', home.socketUrl('b')]), 'b');
  assert.is(await chosenNode([], { DAGENT_VIA: 'deep' }), 'deep');
  assert.is(await chosenNode(['--via', 'near'], { DAGENT_VIA: 'deep' }), 'near');
});

test('--via a name that does not run, or a URL where nobody is, ends with 6', async () => {
  const unknown = await home.run(['tree', '--via', 'nobody']);
  assert.is(unknown.status, 6);
  assert.match(unknown.stderr, 'no daemon named nobody is running');
  const [port, wrong] = await Promise.all([
    home.run(['tree', '--via', 'cd://127.0.0.1:1']),
    home.run(['tree'], { env: { DAGENT_VIA: 'not a name' } }),
  ]);
  assert.is(port.status, 6);
  assert.match(port.stderr, 'cannot connect to cd://127.0.0.1:1');
  assert.is(wrong.status, 2);
});

test('links over TCP are as good, and a client may come that way too', async () => {
  const gate = await home.daemon('gate', [
    ...['--parent', home.socketUrl('root'), '--listen', 'cd://127.0.0.1:0'],
    ...['--listen', 'cd://[::1]:0', ...HOLD],
  ]);
  const [, v4 = '', v6 = ''] = gate.listen;
  assert.match(v6, /^cd:\/\/\[::1\]:[1-9]\d+$/);
  await Promise.all([
    home.daemon('tcp4', ['--role', 'leaf', '--parent', v4, ...HOLD]),
    home.daemon('tcp6', ['--role', 'leaf', '--parent', v6, ...HOLD]),
  ]);
  assert.is(await home.ok(['exec', '--via', 'deep', 'tcp4', 'echo', 'yes']), 'yes\n');
  assert.is(await home.ok(['exec', '--via', v6, 'tcp4', 'echo', 'yes']), 'yes\n');
  assert.is(await home.ok(['exec', '--via', 'tcp4', 'tcp6', 'echo', 'yes']), 'yes\n');
});

test('a killed agent is lost at once with all below it, and the rest works on', async () => {
  await home.kill9('b');
  await awaitState('b', 'lost');
  const nodes = await home.tree();
  assert.is(nodes.get('c')?.state, 'lost');
  assert.is(nodes.get('deep')?.state, 'lost');
  assert.is(nodes.get('a')?.state, 'up');
  const { status, stderr } = await home.run(['exec', 'deep', 'true']);
  assert.is(status, 255);
  assert.match(stderr, 'dagent: deep: unreachable');
  await awaitExec('near');
  // Below the gap they still have each other.
  await awaitExec('deep', ['--via', 'c']);
});

test('when it returns, those below it come back by themselves', async () => {
  await home.ok(['daemon', 'restart', 'b']);
  await awaitState('deep', 'up');
  await awaitExec('deep');
  await awaitExec('near', ['--via', 'deep']);
  assert.is((await home.status('c')).parent, 'b');
});

test('a root that is killed and returns finds its tree again', async () => {
  const listTree = async (): Promise<string[]> =>
    [...(await home.tree()).values()].map(({ name, id, state }) => `${name} ${id} ${state}`).sort();
  const before = await listTree();
  await home.kill9('root');
  await home.ok(['daemon', 'restart', 'root']);
  await until('the tree is whole', async () => {
    assert.equal(await listTree(), before);
    return true;
  });
  await awaitExec('deep', ['--via', 'near']);
});

test('a node that falls silent is lost within its hold time, and up when it wakes', async () => {
  for (const name of ['near', 'b']) {
    const pid = await home.signal(name, 'SIGSTOP');
    const stoppedAtMs = performance.now();
    await awaitState(name, 'lost');
    const ms = performance.now() - stoppedAtMs;
    assert.ok(ms < HOLD_MS + 2_000, `${name} was lost after ${ms} ms`);
    process.kill(pid, 'SIGCONT');
    await awaitState(name, 'up');
    await awaitExec(name);
  }
  await awaitState('deep', 'up');
});

test('a parent that falls silent is noticed by its children, who wait for its return', async () => {
  const pid = await home.signal('c', 'SIGSTOP');
  await until('deep has no parent', async () => (await home.status('deep')).parent === null);
  process.kill(pid, 'SIGCONT');
  await until('deep has its parent', async () => (await home.status('deep')).parent === 'c');
  await awaitExec('deep');
});

test('a node that is stopped says goodbye and is gone from the tree', async () => {
  await home.ok(['daemon', 'stop', 'tcp6']);
  await awaitState('tcp6', 'gone');
  const all = await home.json<Status[]>(['daemon', 'ls', '--json']);
  assert.is(all.find(({ name }) => name === 'tcp6')?.state, 'stopped');
});

test.run();
