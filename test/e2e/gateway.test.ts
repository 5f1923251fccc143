/** Two networks, and a leaf of one of them that is a peer of the other's root. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, recordsOf } from './harness.ts';
import { until } from './poll.ts';

const test = suite('gateway');
const home = new Home();
const HOLD = ['--hold', '500ms'];

test.before(async () => {
  await Promise.all(
    ['north', 'south'].map((name) => home.daemon(name, ['--realm', name, ...HOLD])),
  );
  const leaf = (name: string, parent: string, ...more: readonly string[]) =>
    home.daemon(name, ['--role', 'leaf', '--parent', home.socketUrl(parent), ...more, ...HOLD]);
  await Promise.all([
    leaf('north1', 'north'),
    leaf('south1', 'south'),
    leaf('gate', 'north', '--peer', home.socketUrl('south')),
  ]);
});
test.after(() => home.close());

async function awaitExec(via: string, target: string): Promise<void> {
  await until(`${via} reaches ${target}`, async () => {
    const { stdout } = await home.run(['exec', '--via', via, target, 'echo', 'here']);
    return stdout === 'here\n';
  });
}

test('a leaf of one network runs commands on a leaf of the other, both ways', async () => {
  await awaitExec('north1', 'south1');
  await awaitExec('south1', 'north1');
});

test('a trace shows the way through the gateway, which goes up by an explicit route', async () => {
  const { stdout, status } = await home.run(['trace', 'north1:', '--via', 'south1', '--json']);
  assert.is(status, 0);
  const hops = recordsOf<{ hop: number; node: string; why: string | null }>(stdout).slice(0, -1);
  assert.equal(
    hops.map(({ hop, node, why }) => [hop, node, why]),
    [
      [0, 'south1', 'default'],
      [1, 'south', 'route'],
      [2, 'gate', 'route'],
      [3, 'north', 'route'],
      [4, 'north1', 'local'],
    ],
  );
});

test('what is sent to all comes through both ways, what is for one realm does not', async () => {
  for (const [via, to] of [
    ['north1', 'south1'],
    ['south1', 'north1'],
  ] as const) {
    const listener = home.start(['listen', `inbox-${to}`, '--via', to, '--json']);
    await until('the listener is heard of', async () => {
      const { status } = await home.run(['send', `${to}:inbox-${to}`, 'READY', '--via', via]);
      return status === 0;
    });
    await home.ok(['send', '?', 'NEAR', '--via', via]);
    await home.ok(['send', '*', 'FAR', '--via', via]);
    await until('the last one came', () => listener.text('stdout').includes('"FAR"'));
    listener.signal('SIGTERM');
    const { stdout } = await listener.end();
    const commands = recordsOf<{ command: string }>(stdout).map(({ command }) => command);
    assert.equal([...new Set(commands)], ['READY', 'FAR']);
  }
});

test('the tree of either network shows the nodes of both, each below its own parent', async () => {
  for (const via of ['north1', 'gate', 'south1']) {
    const parents = [...(await home.tree(['--via', via])).values()].map(
      ({ name, parent }) => `${name} ${parent}`,
    );
    assert.equal(parents.sort(), [
      'gate north',
      'north null',
      'north1 north',
      'south null',
      'south1 south',
    ]);
  }
});

test.run();
