import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, type RunOptions, type Status } from './harness.ts';
import { until } from './poll.ts';
import type { Ended } from './program.ts';

const test = suite('joining a tree');
const home = new Home();
/** For daemons whose names are taken in the first home. */
const other = new Home();

test.before(async () => {
  await home.startTree({ root: null, east: 'root', west: 'root', leaf: 'east', twig: 'west' });
});
test.after(async () => {
  await other.close();
  await home.close();
});

/** Tries to start a daemon of the other home below one of the first. */
function join(name: string, parent: string, args: string[] = []): Promise<Ended> {
  const words = ['daemon', 'start', '--name', name, '--role', 'leaf', '--parent', parent, ...args];
  return other.run(words);
}

/** Nothing runs in the other home, and the tree is as it was. */
async function assertNothingChanged(): Promise<void> {
  const entries = await other.json<Status[]>(['daemon', 'ls', '--json']);
  assert.equal(
    entries.filter(({ state }) => state === 'running'),
    [],
  );
  const nodes = await home.tree();
  assert.equal([...nodes.keys()].sort(), ['east', 'leaf', 'root', 'twig', 'west']);
  assert.ok([...nodes.values()].every(({ state }) => state === 'up'));
  assert.is(await home.ok(['exec', 'leaf', 'echo', 'here']), 'here\n');
}

/** A port on which nobody listens, or on which `greeting` is said. */
async function withServer<T>(greeting: string, use: (url: string) => Promise<T>): Promise<T> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write(greeting);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    return await use(`cd://127.0.0.1:${port}`);
  } finally {
    server.close();
  }
}

test("a name that another child of the parent has is refused, with that one's place", async () => {
  const { status, stderr } = await join('leaf', home.socketUrl('east'));
  assert.is(status, 1);
  assert.match(stderr, 'the name leaf is taken by the node at east/leaf');
  assert.match(stderr, 'choose another: --name NAME');
  await assertNothingChanged();
});

test('a name that is taken below another agent is refused by their common ancestor', async () => {
  const { status, stderr } = await join('leaf', home.socketUrl('west'));
  assert.is(status, 1);
  assert.match(stderr, 'the name leaf is taken by the node at east/leaf; the one at west/leaf');
  await assertNothingChanged();
});

test('the names of those above are taken too', async () => {
  for (const name of ['east', 'root', 'west']) {
    const { status, stderr } = await join(name, home.socketUrl('east'));
    assert.is(status, 1, stderr);
    assert.match(stderr, `the name ${name} is taken`);
  }
  await assertNothingChanged();
});

test('a leaf as parent refuses at once', async () => {
  const { status, stderr, ms } = await join('below', home.socketUrl('leaf'));
  assert.is(status, 6);
  assert.match(stderr, 'leaf is a leaf and takes no children');
  assert.ok(ms < 5_000, `it took ${ms} ms`);
  await assertNothingChanged();
});

test('a parent of another realm refuses, with status 4', async () => {
  const { status, stderr } = await join('stranger', home.socketUrl('root'), ['--realm', 'mine']);
  assert.is(status, 4);
  assert.match(stderr, /realm/);
  await assertNothingChanged();
});

test('a parent that cannot be reached is the reason after --timeout', async () => {
  const url = await withServer('', (closed) => Promise.resolve(closed));
  const { status, stderr, ms } = await join('alone', url, ['--timeout', '700ms']);
  assert.is(status, 6);
  assert.match(stderr, 'no parent answered within 700 ms');
  assert.match(stderr, 'nobody listens there');
  assert.ok(ms > 700 && ms < 6_000, `it took ${ms} ms`);
  await assertNothingChanged();
});

test('a parent that accepts and says nothing is no answer either', async () => {
  const { status, stderr } = await withServer('', (url) => join('alone', url, ['--timeout', '1s']));
  assert.is(status, 6);
  assert.match(stderr, 'no parent answered within 1000 ms');
});

test('a parent that speaks something else is not one of ours', async () => {
  const greeting = 'SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'.repeat(8);
  const [daemon, client] = await withServer(greeting, (url) =>
    Promise.all([join('alone', url), other.run(['tree', '--via', url])]),
  );
  for (const { status, stderr, ms } of [daemon, client]) {
    assert.is(status, 6);
    assert.match(stderr, 'the other side does not speak the protocol of dagent');
    assert.match(stderr, 'something else listens there');
    assert.ok(ms < 5_000, `it took ${ms} ms`);
  }
  await assertNothingChanged();
});

test('of several parents the first that takes it is the one', async () => {
  const closed = await withServer('', (url) => Promise.resolve(url));
  const args = ['--parent', home.socketUrl('west'), '--json'];
  const { stdout } = await join('second', closed, args);
  assert.is(JSON.parse(stdout).parent, 'west');
  await other.ok(['daemon', 'stop', 'second']);
});

test('in the foreground it fails for the same reasons, when it has a timeout', async () => {
  const options: RunOptions = { limitMs: 15_000 };
  const parent = ['--parent', home.socketUrl('west'), '--timeout', '5s'];
  const words = ['daemon', 'start', '-f', '--name', 'leaf', '--role', 'leaf', ...parent];
  const { status, stderr } = await other.run(words, options);
  assert.is(status, 1);
  assert.match(stderr, 'the name leaf is taken by the node at east/leaf');
});

test('the same node may come back while its parent does not know yet that it went', async () => {
  await home.kill9('leaf');
  const { parent } = await home.json<Status>(['daemon', 'restart', 'leaf', '--json']);
  assert.is(parent, 'east');
  await assertNothingChanged();
});

test('an evicted name is free again once its holder has gone', async () => {
  await home.ok(['daemon', 'stop', 'leaf']);
  await until('the root has heard of it', async () => !(await home.tree()).has('leaf'));
  const { status, stderr } = await join('leaf', home.socketUrl('west'));
  assert.is(status, 0, stderr);
  assert.is((await home.tree()).get('leaf')?.parent, 'west');
});

test('a node that runs and whose name another one has got says so in its status', async () => {
  await home.daemon('hall', ['--realm', 'hall']);
  const words = ['--role', 'leaf', '--parent', home.socketUrl('hall')];
  await home.daemon('twin', words);
  const pid = await home.signal('twin', 'SIGSTOP');
  await home.ok(['daemon', 'restart', 'hall']);
  await other.daemon('twin', words);
  process.kill(pid, 'SIGCONT');
  await until('it says why it has no parent', async () => {
    const text = await home.ok(['daemon', 'status', 'twin']);
    return /parent {2}not connected: the name twin is taken by the node at hall\/twin/.test(text);
  });
  const { parent, parentError } = (await home.status('twin')) as Status & {
    readonly parentError: { readonly code: string };
  };
  assert.equal([parent, parentError.code], [null, 'E_NAME_TAKEN']);
  await other.ok(['daemon', 'stop', 'twin']);
});

test.run();
