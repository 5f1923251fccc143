import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home } from './harness.ts';
import { until } from './poll.ts';

interface Named {
  readonly address: string;
  readonly state: string;
  readonly id: string;
}

interface Document {
  readonly node: string;
  readonly isStale: boolean;
  readonly names: readonly Named[];
}

const test = suite('names');
const home = new Home();

test.before(async () => {
  await home.startTree({ hq: null, web1: 'hq' });
});
test.after(() => home.close());

async function read(...args: string[]): Promise<Document & { status: number; stderr: string }> {
  const { stdout, stderr, status } = await home.run(['names', ...args, '--json']);
  return { ...(JSON.parse(stdout) as Document), status: status ?? -1, stderr };
}

/** What the map of web1 says of a service there. */
async function entryOf(service: string): Promise<Named | undefined> {
  const { names, status } = await read(service, '--via', 'web1');
  assert.is(status, 0);
  return names.find(({ address }) => address === `web1:${service}`);
}

test('the name of a killed program is down in the map, and free for the next one', async () => {
  const args = ['listen', 'orders', '--via', 'web1'];
  const first = home.start(args);
  const before = await until('orders is up', async () => {
    const entry = await entryOf('orders');
    return entry?.state === 'up' && entry;
  });
  const { status, stderr } = await home.run(args);
  assert.is(status, 1);
  assert.match(stderr, /E_SERVICE_TAKEN/);
  assert.equal(await entryOf('orders'), before);
  first.signal('SIGKILL');
  await first.ended;
  await until('orders is down', async () => (await entryOf('orders'))?.state === 'down');
  const second = home.start(args);
  await until('orders is up again', async () => (await entryOf('orders'))?.state === 'up');
  assert.is.not((await entryOf('orders'))?.id, before.id);
  second.signal('SIGTERM');
  await second.ended;
});

test('the map is read while its daemon does not answer', async () => {
  const pid = await home.signal('web1', 'SIGSTOP');
  try {
    assert.is((await entryOf('orders'))?.state, 'down');
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});

test('a node knows the names of those below it', async () => {
  const listener = home.start(['listen', 'clock', '--via', 'web1']);
  await until('hq knows web1:clock', async () => {
    const { node, names } = await read();
    return node === 'hq' && names.some((each) => each.address === 'web1:clock');
  });
  const table = await home.ok(['names', 'clock']);
  assert.match(table, /^SERVICE +NODE +STATE .*\nclock +web1 +up /);
  listener.signal('SIGTERM');
  await listener.ended;
});

test('the map of a killed daemon is stale, until the daemon is there again', async () => {
  await home.kill9('web1');
  const dead = await read('orders', '--via', 'web1');
  assert.is(dead.status, 6);
  assert.is(dead.isStale, true);
  assert.equal(
    dead.names.map(({ state }) => state),
    ['stale'],
  );
  assert.match(dead.stderr, /stale.*\n.*E_VIA_UNKNOWN/);
  await home.ok(['daemon', 'restart', 'web1']);
  const next = await read('--via', 'web1');
  assert.is(next.status, 0);
  assert.equal(next.names, []);
  await home.ok(['daemon', 'stop', 'web1']);
  const { status, stdout } = await home.run(['names', '--via', 'web1']);
  assert.is(status, 6);
  assert.is(stdout, '');
});

test('a name that nobody has is said to be none', async () => {
  const { status, stdout, stderr } = await home.run([
    'names',
    'nothing-of-that-name',
    '--via',
    'hq',
  ]);
  assert.equal([status, stdout], [3, '']);
  assert.match(stderr, /hq publishes no name nothing-of-that-name \(E_NAME_UNKNOWN\)/);
});

test.run();
