import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, recordsOf } from './harness.ts';
import { until } from './poll.ts';

interface Entry {
  readonly id: number;
  readonly address: string;
  readonly port: number;
  readonly status: number;
  readonly leased: number;
}

interface Granted {
  readonly lease: string;
  readonly nodes: readonly Entry[];
}

const test = suite('dagent hub');
const home = new Home();

test.before(async () => {
  await home.startTree({ root: null, web1: 'root', web2: 'root' });
});
test.after(() => home.close());

/** What each in the hub has free, by its address. */
async function statuses(args: readonly string[] = []): Promise<Record<string, number>> {
  const entries = await home.json<Entry[]>(['hub', 'ls', '--json', ...args]);
  return Object.fromEntries(entries.map(({ address, status }) => [address, status]));
}

test('an id is given to a node and to a program, once for each place', async () => {
  assert.is(await home.ok(['hub', 'register', 'web1', '--capacity', '3']), '1\n');
  assert.is(await home.ok(['hub', 'register', '192.0.2.7:8080', '--via', 'web2']), '2\n');
  const again = await home.run(['hub', 'register', 'web1']);
  assert.is(again.status, 1);
  assert.match(again.stderr, /node 1 \(E_HUB_TAKEN at root\)/);
  await home.ok(['hub', 'register', 'web2', '--capacity', '2']);
  assert.match(await home.ok(['hub', 'ls']), /^1 +web1 +3 +0 +available$/m);
});

test('the list can be had by what is free and by address', async () => {
  assert.equal(await statuses(['--available']), { web1: 3, web2: 2 });
  assert.equal(await statuses(['--idle']), { '192.0.2.7': 0 });
  assert.equal(await statuses(['--status', '2']), { web2: 2 });
  assert.equal(await statuses(['--addr', '192.0.2.7:8080']), { '192.0.2.7': 0 });
  assert.equal(await statuses(['--addr', '192.0.2.8']), {});
});

test('what is free is set by id and by place', async () => {
  await home.ok(['hub', 'set', '2', '4']);
  await home.ok(['hub', 'set', 'web2', '1']);
  assert.equal(await statuses(), { web1: 3, '192.0.2.7': 4, web2: 1 });
});

test('many who reserve at the same time get exactly what there is', async () => {
  const asked = Array.from({ length: 12 }, () => home.run(['hub', 'request', '1', '--json']));
  const ended = await Promise.all(asked);
  const granted = ended.filter(({ status }) => status === 0);
  assert.is(granted.length, 8);
  for (const { status, stderr } of ended.filter((each) => !granted.includes(each))) {
    assert.is(status, 3);
    assert.match(stderr, /E_HUB_SHORT/);
  }
  assert.equal(await statuses(), { web1: 0, '192.0.2.7': 0, web2: 0 });
  for (const { stdout } of granted) {
    await home.ok(['hub', 'release', (JSON.parse(stdout) as Granted).lease]);
  }
  assert.equal(await statuses(), { web1: 3, '192.0.2.7': 4, web2: 1 });
});

test('a lease ends by itself', async () => {
  const { stdout, stderr } = await home.run(['hub', 'request', '9', '--lease', '1s']);
  assert.equal(stdout.trim().split('\n').sort(), ['192.0.2.7:8080', 'web1', 'web2']);
  assert.match(stderr, /^only 3 of 9; lease [0-9a-f]{8} for 1\.0s/);
  await until('the lease is over', async () => (await statuses()).web2 === 1);
  assert.equal(await home.json(['hub', 'leases', '--json']), []);
});

test('places are reserved at nodes whose facts are so', async () => {
  const args = ['hub', 'request', '3', '--json', '--where', 'kernel.name=Linux'];
  const { lease, nodes } = await home.json<Granted>(args);
  assert.equal(nodes.map(({ address }) => address).sort(), ['web1', 'web2']);
  await home.ok(['hub', 'release', lease]);
  assert.is((await home.run([...args.slice(0, 5), 'kernel.name=Plan9'])).status, 3);
  assert.is((await home.run([...args.slice(0, 5), 'kernel.name'])).status, 2);
});

test('exec --pick runs where there is a free place, and gives it back', async () => {
  const stdout = await home.ok(['exec', '--json', '--pick', '2', '*', 'true']);
  const results = recordsOf<{ type: string; target: string }>(stdout);
  const targets = results.filter(({ type }) => type === 'result').map(({ target }) => target);
  assert.equal(targets.sort(), ['web1', 'web2']);
  assert.equal(await statuses(), { web1: 3, '192.0.2.7': 4, web2: 1 });
  const many = await home.run(['exec', '--pick', '3', '*', 'true']);
  assert.is(many.status, 3);
  assert.match(many.stderr, /2 nodes have a free place, and 3 are wanted/);
});

test('the place is held while the command runs', async () => {
  const fifo = home.file('go');
  await home.shell(`mkfifo ${fifo}`);
  const running = home.start(['exec', '--pick', '1', 'web2', `cat ${fifo}`]);
  await until('the place is taken', async () => (await statuses()).web2 === 0);
  assert.is((await home.run(['exec', '--pick', '1', 'web2', 'true'])).status, 3);
  await home.shell(`echo done > ${fifo}`);
  assert.is((await running.end()).status, 0);
  assert.is((await statuses()).web2, 1);
});

test('wrong words end with 2, and who is not there with 3', async () => {
  const bad = [
    ['register', 'a b'],
    ['register', '192.0.2.7:0'],
    ['register', 'x', '--capacity', 'many'],
    ['set', 'web1', 'many'],
    ['set', 'web1'],
    ['request', '0'],
    ['request', 'many'],
    ['request', '1', '--lease', '1ms'],
    ['request', '1', '--lease', '0'],
    ['release', 'x'],
    ['ls', '--available', '--idle'],
    ['ls', '--addr', '?'],
  ];
  const ended = await Promise.all(bad.map((args) => home.run(['hub', ...args])));
  for (const [at, { status, stdout }] of ended.entries()) {
    assert.is(status, 2, bad[at]?.join(' '));
    assert.is(stdout, '');
  }
  for (const args of [
    ['deregister', '99'],
    ['set', 'web9', '1'],
    ['release', '00000000'],
  ]) {
    assert.is((await home.run(['hub', ...args])).status, 3, args.join(' '));
  }
});

test('a node that is lost is a zombie until it is back', async () => {
  await home.kill9('web2');
  await until('web2 is a zombie', async () => (await statuses()).web2 === -1);
  assert.match(await home.ok(['hub', 'ls', '--status=-1']), /web2 +-1 +0 +zombie/);
  await home.ok(['daemon', 'restart', 'web2']);
  await until('web2 is back', async () => (await statuses()).web2 === 1);
});

test('who is no node is told when it is registered', async () => {
  const { status, stderr } = await home.run(['hub', 'register', 'web9']);
  assert.is(status, 0);
  assert.match(stderr, 'no node is named web9: it is a zombie until one is');
  await home.ok(['hub', 'deregister', 'web9']);
});

test('where nobody has a free place no facts are asked', async () => {
  const before = await statuses();
  for (const place of ['web1', 'web2']) await home.ok(['hub', 'set', place, '0']);
  const { status, stderr } = await home.run(['hub', 'request', '1', '--where', 'load.one>=0']);
  assert.is(status, 3);
  assert.match(stderr, '0 nodes have a free place, and 1 are wanted (E_HUB_SHORT at root)');
  for (const place of ['web1', 'web2']) await home.ok(['hub', 'set', place, `${before[place]}`]);
});

test('the hub is what it was after kill -9 of the root, leases too', async () => {
  const { lease } = await home.json<Granted>(['hub', 'request', '3', '--lease', '10m', '--json']);
  await home.ok(['hub', 'deregister', '2']);
  await home.kill9('root');
  const asWeb1 = ['--via', 'web1'];
  await until('web1 has no parent', async () => (await home.status('web1')).parent === null);
  for (const words of [['ls'], ['register', 'web2'], ['leases']]) {
    const refused = await home.run(['hub', ...words, ...asWeb1]);
    assert.is(refused.status, 5, words.join(' '));
    assert.match(refused.stderr, 'web1 has no way up now (E_HUB_ELSEWHERE at web1)');
  }
  await home.ok(['daemon', 'restart', 'root']);
  await until('both are back', async () => {
    const { web1, web2 } = await statuses();
    return web1 === 2 && web2 === 0;
  });
  await home.ok(['hub', 'release', lease]);
  assert.equal(await statuses(), { web1: 3, web2: 1 });
  assert.is(await home.ok(['hub', 'register', '192.0.2.7:8080']), '5\n');
});

test.run();
