import { type AddressInfo, createServer } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, type Status } from './harness.ts';
import { until } from './poll.ts';

const test = suite('peers');
const home = new Home();
const HOLD = ['--hold', '500ms'];

interface WantedPeer {
  readonly url: string;
  readonly node: string | null;
  readonly error: { readonly code: string } | null;
}

type PeerStatus = Status & {
  readonly peers: readonly string[];
  readonly wantedPeers: readonly WantedPeer[];
};

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

test('a peer that is there is linked when start returns, and nothing is said of it', async () => {
  const url = home.socketUrl('north');
  const { status, stdout, stderr } = await home.run([
    ...['daemon', 'start', '--name', 'near', '--realm', 'near', '--peer', url],
  ]);
  assert.equal([status, stderr], [0, '']);
  assert.match(stdout, /^near .* is up/);
  assert.equal(((await home.status('near')) as PeerStatus).wantedPeers, [
    { url, node: 'north', error: null },
  ]);
  const lines = (await home.ok(['daemon', 'status', 'near'])).split('\n');
  assert.ok(lines.includes(`  peer    north at ${url}`));
});

test('start and status say of a peer that is not there why it is not linked', async () => {
  const url = home.socketUrl('nobody');
  const start = await home.run(['daemon', 'start', '--name', 'lone', '--peer', url]);
  assert.is(start.status, 0);
  assert.match(start.stdout, /^lone .* is up/);
  assert.ok(start.stderr.startsWith(`peer ${url} is not linked yet: `), start.stderr);
  assert.match(start.stderr, /; tried again until it is\n$/);
  const [wanted] = ((await home.status('lone')) as PeerStatus).wantedPeers;
  assert.equal([wanted?.url, wanted?.node, wanted?.error?.code], [url, null, 'E_CONNECT']);
  const text = await home.ok(['daemon', 'status', 'lone']);
  assert.ok(text.includes(`  peer    ${url} is not linked: `), text);
  await home.daemon('nobody', ['--realm', 'nobody']);
  await awaitPeers('lone', 'nobody');
  const linked = ((await home.status('lone')) as PeerStatus).wantedPeers;
  assert.equal(linked, [{ url, node: 'nobody', error: null }]);
});

test('start and status say of a peer that refuses why it does', async () => {
  const url = home.socketUrl('south');
  const other = home.file('other');
  const env = { DAGENT_HOME: other };
  const words = ['--name', 'south1', '--realm', 'else', '--peer', url];
  try {
    const start = await home.run(['daemon', 'start', ...words], { env });
    assert.is(start.status, 0);
    assert.match(start.stderr, /is not linked yet: the name south1 is taken/);
    const text = await home.ok(['daemon', 'status', 'south1'], { env });
    assert.match(text, /is not linked: the name south1 is taken/);
  } finally {
    await home.run(['daemon', 'stop', 'south1'], { env });
  }
});

test('start waits PEERS_TRIED_MS_MAX for a peer that says nothing, and says so', async () => {
  const mute = createServer();
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  const url = `cd://127.0.0.1:${(mute.address() as AddressInfo).port}`;
  mute.on('connection', (socket) => {
    socket.on('error', () => 'the daemon gives it up');
    home.atEnd(async () => socket.destroy());
  });
  home.atEnd(async () => mute.close());
  const { status, stderr } = await home.run(['daemon', 'start', '--name', 'ear', '--peer', url]);
  assert.is(status, 0);
  assert.is(stderr, `peer ${url} is not linked yet: no answer yet; tried again until it is\n`);
});

test.run();
