import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, recordsOf } from './harness.ts';
import { until } from './poll.ts';

interface Node {
  readonly name: string;
  readonly state: string;
  readonly sample: { readonly load1: number } | null;
}

const test = suite('dagent nodes');
const home = new Home();

test.before(async () => {
  await home.startTree({ hq: null, east: 'hq', web1: 'east', web2: 'east', web10: 'east' });
});
test.after(() => home.close());

test('nodes are listed with the figures of their hosts, in the order that is wanted', async () => {
  const lines = (await home.ok(['nodes'])).trimEnd().split('\n');
  assert.match(lines[0] ?? '', /^NAME +ROLE +STATE +PARENT +RTT +LOAD +MEM +FLAGS +VERSION +UP$/);
  assert.match(
    lines[3] ?? '',
    /^web1 +leaf +up +east +\S+ +\d+\.\d\d +\d+% +- +\d+\.\d+\.\d+ +\S+/,
  );
  const names = lines.slice(1).map((line) => line.split(' ')[0]);
  assert.equal(names, ['east', 'hq', 'web1', 'web2', 'web10']);
  const turned = (await home.ok(['nodes', 'web*', '--sort', 'name', '-r'])).split('\n');
  assert.match(turned[1] ?? '', /^web10 /);
});

test('as NDJSON they have all that is known, also of one that is lost', async () => {
  await home.kill9('web2');
  const nodes = recordsOf<Node>(await home.ok(['nodes', 'web*', '--json']));
  assert.equal(
    nodes.map(({ name, state }) => `${name} ${state}`),
    ['web1 up', 'web2 lost', 'web10 up'],
  );
  assert.type(nodes[0]?.sample?.load1, 'number');
});

test('siblings that are alike are one line of the tree, and a box of its graphs', async () => {
  await home.ok(['daemon', 'restart', 'web2']);
  assert.match(await home.ok(['tree']), /^ {3}└─ web\[1-2,10\] {2}leaf {2}3 nodes/m);
  assert.match(await home.ok(['tree', '--all']), /^ {3}└─ web10 {2}leaf/m);
  assert.match(await home.ok(['tree', '--dot']), /n2 \[label="web\[1-2,10\]\\nleaf, 3 nodes"\];/);
  assert.match(await home.ok(['tree', '--mermaid', '--all', 'web1']), /n1 --> n2\n$/);
});

test('services are listed by name, and in short', async () => {
  const names = ['orders', 'orders', 'other'];
  const programs = ['web1', 'web2', 'web10'].map((via, at) =>
    home.start(['listen', names[at] ?? '', '--via', via]),
  );
  await until('all services', async () => /web10:other/.test(await home.ok(['services'])));
  await until('all orders', async () =>
    /^orders +2 +web\[1-2\]$/m.test(await home.ok(['services', '--name', 'ord*', '--fold'])),
  );
  assert.not.match(await home.ok(['services', '--name', 'ord*']), /other/);
  assert.is((await home.run(['services', '--name', 'zz*'])).stderr, 'no service matches zz*\n');
  for (const program of programs) program.signal('SIGTERM');
  await Promise.all(programs.map((program) => program.end()));
});

test('a name that nobody has ends a list with 3, and the others are shown', async () => {
  for (const list of [['nodes'], ['nodes', '--json'], ['tree'], ['services'], ['flag', 'ls']]) {
    const { status, stdout, stderr } = await home.run([...list, 'wep1']);
    assert.equal([status, stdout], [3, ''], list.join(' '));
    assert.match(stderr, /^dagent: no node matches wep1 \(E_NO_TARGET\)\n {2}did you mean: web1/);
  }
  const { status, stdout, stderr } = await home.run(['nodes', 'web1,wep2', '--json']);
  assert.is(status, 3);
  assert.equal(
    recordsOf<Node>(stdout).map(({ name }) => name),
    ['web1'],
  );
  assert.match(stderr, /^dagent: no node matches wep2\n {2}did you mean: web2/);
});

test('with the root away, lists say which part of the tree they show', async () => {
  const lists = [
    ['nodes'],
    ['tree'],
    ['services'],
    ['flag', 'ls'],
    ['flag', 'ls', 'web1'],
    ['metrics'],
  ];
  const note = 'dagent: seen from east, whose parent is away: what is not below it is missing';
  assert.not.match((await home.run(['tree'])).stderr, /seen from/);
  await home.kill9('hq');
  const events = ['events', '--since', '1m', '--count', '1', '--for', '10s'];
  for (const words of [...lists, ['exec', 'web*', '-y', 'true'], events]) {
    const { status, stderr } = await home.run(words);
    assert.is(status, 0, stderr);
    assert.is(stderr.split('\n').filter((line) => line === note).length, 1, words.join(' '));
  }
  const [answer] = recordsOf<{ readonly type: string; readonly cutOffAt?: string }>(
    await home.ok(['metrics', '--json']),
  ).slice(-1);
  assert.equal([answer?.type, answer?.cutOffAt], ['answer', 'east']);
  assert.is((await home.run([...events, '--node', 'east'])).stderr, '', 'of one node it is all');
  const one = await home.run(['exec', 'hq', 'true']);
  assert.equal([one.status, /E_NO_TARGET/.test(one.stderr)], [255, false], one.stderr);
  const none = await home.run(['nodes', 'hq']);
  assert.match(none.stderr, /no node matches hq[^\n]*\n {2}seen from east, whose parent is away/);
});

test.run();
