import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, type Status } from './harness.ts';
import { until } from './poll.ts';

const test = suite('peers');
const home = new Home();
const HOLD = ['--hold', '500ms'];

type PeerStatus = Status & { readonly peers: readonly string[] };

test.before(async () => {
  const start = (name: string, peer: string) =>
    home.daemon(name, ['--realm', name, '--peer', home.socketUrl(peer), ...HOLD]);
  await start('north', 'south');
  await start('south', 'north');
  await Promise.all(
    ['north', 'south'].map((name) =>
      home.daemon(`${name}1`, ['--role', 'leaf', '--parent', home.socketUrl(name), ...HOLD]),
    ),
  );
});
test.after(() => home.close());

async function awaitPeers(name: string, ...peers: string[]): Promise<void> {
  await until(`${name} has the peers ${peers}`, async () => {
    assert.equal(((await home.status(name)) as PeerStatus).peers, peers);
    return true;
  });
}

async function awaitExec(via: string, target: string): Promise<void> {
  await until(`${via} reaches ${target}`, async () => {
    const { stdout } = await home.run(['exec', '--via', via, target, 'echo', 'here']);
    return stdout === 'here\n';
  });
}

test('two roots that dial each other are linked once, each with its own realm', async () => {
  await awaitPeers('north', 'south');
  await awaitPeers('south', 'north');
  assert.is((await home.status('north')).realm, 'north');
  assert.is((await home.status('south')).realm, 'south');
});

test('what is below one is reached from below the other', async () => {
  await awaitExec('north1', 'south1');
  await awaitExec('south1', 'north1');
});

test('a peer that was killed is linked again when it is back', async () => {
  await home.kill9('south');
  await awaitPeers('north');
  await home.ok(['daemon', 'restart', 'south']);
  await awaitPeers('north', 'south');
  await awaitExec('north1', 'south1');
});

test('the parent of a node is no peer of it, and the tree does not mind', async () => {
  const parent = home.socketUrl('north');
  await home.daemon('kin', ['--role', 'leaf', '--parent', parent, '--peer', parent, ...HOLD]);
  await until('it is told', async () =>
    (await home.ok(['daemon', 'logs', 'kin'])).includes('so it cannot be its peer'),
  );
  await awaitExec('kin', 'north1');
});

test.run();
