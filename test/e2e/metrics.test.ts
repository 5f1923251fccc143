import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, PROJECT, recordsOf } from './harness.ts';
import { until } from './poll.ts';

const test = suite('dagent report and metrics');
const home = new Home();

test.before(async () => {
  await home.startTree({ root: null, east: 'root', web1: 'east', web2: 'east' });
});
test.after(() => home.close());

type Series = Readonly<Record<string, unknown>> & { readonly type: string; readonly name: string };

async function metrics(...args: readonly string[]): Promise<Series[]> {
  return recordsOf(await home.ok(['metrics', '--json', ...args])) as Series[];
}

test('counters of all nodes of a subtree add up, and each node has its own', async () => {
  await home.ok(['report', 'orders.paid', '3']);
  await home.ok(['report', 'orders.paid', '4', '--at', 'web1']);
  await home.ok(['report', 'orders.paid', '5', '--at', 'web2']);
  const [all, answer] = await metrics('--name', 'orders.paid');
  assert.equal([all?.node, all?.by, all?.total], ['root', 'subtree', 12]);
  assert.equal([answer?.type, answer?.nodes, answer?.silentCount], ['answer', 4, 0]);
  const own = await metrics('web*', '--name', 'orders.paid');
  const totals = own
    .filter(({ type }) => type === 'series')
    .map(({ node, total }) => [node, total]);
  assert.equal(totals, [
    ['web1', 4],
    ['web2', 5],
  ]);
  const [east] = await metrics('east', '--by', 'subtree', '--name', 'orders.paid');
  assert.is(east?.total, 9);
});

test('percentiles of a subtree are those of all durations together', async () => {
  const lines = (from: number, to: number): string => {
    const all = Array.from({ length: to - from + 1 }, (_, at) => from + at);
    return all.map((ms) => `{"name":"took","value":${ms},"kind":"timing","unit":"ms"}\n`).join('');
  };
  await home.ok(['report', '--stdin', '--at', 'web1'], { input: lines(1, 900) });
  await home.ok(['report', '--stdin', '--at', 'web2'], { input: lines(901, 1_000) });
  const [took] = await metrics('--name', 'took');
  assert.equal([took?.count, took?.min, took?.max], [1_000, 1, 1_000]);
  for (const [name, exact] of [
    ['p50', 500],
    ['p90', 900],
    ['p99', 990],
  ] as const) {
    const off = Math.abs(Number(took?.[name]) - exact);
    assert.ok(off <= exact * 0.01, `${name} is ${took?.[name]}`);
  }
  assert.match(
    await home.ok(['metrics', '--name', 'took']),
    /took +timing +(49|50)\dms +median of 1000/,
  );
});

test('a name keeps its kind: the refusal names both, and is counted', async () => {
  await home.ok(['report', 'depth', '7', '--gauge', '--unit', 'orders']);
  const { status, stderr, stdout } = await home.run(['report', 'depth', '7']);
  assert.is(status, 1);
  assert.is(stdout, '');
  assert.match(stderr, /depth is a gauge in orders, and was reported as a counter.*E_REPORT_KIND/);
  const [refused] = await metrics('root', '--name', 'dagent.reportsRefused');
  assert.is(refused?.total, 1);
});

test('what is no report is refused, before it is sent or after', async () => {
  for (const [args, code] of [
    [['bad name', '1'], 'E_ARGUMENT_INVALID'],
    [['dagent.x', '1'], 'E_ARGUMENT_INVALID'],
    [['x', 'many'], 'E_USAGE'],
    [['x', '0x10'], 'E_USAGE'],
    [['x', ''], 'VALUE is a number, not ""'],
    [['x', '1', '--at', 'web*'], '--at is the name of one node, not web\\*'],
    [['x'], 'E_USAGE'],
    [['x', '1', '--stdin'], 'E_USAGE'],
    [['x', '--', '-1'], 'E_ARGUMENT_INVALID'],
  ] as const) {
    const { status, stderr } = await home.run(['report', ...args]);
    assert.is(status, 2, args.join(' '));
    assert.match(stderr, new RegExp(code), args.join(' '));
  }
  const { status, stderr } = await home.run(['report', '--stdin'], { input: 'nope\n' });
  assert.is(status, 1);
  assert.match(stderr, /line 1: .*JSON/);
});

test('a node that nobody knows is told as that, and the others are shown', async () => {
  const flag = ['orders', 'db', 'slow'];
  const asked = [
    ['report', 'x', '1'],
    ['flag', 'raise', ...flag],
    ['flag', 'lower', ...flag],
  ];
  for (const words of asked) {
    const { status, stderr } = await home.run([...words, '--at', 'wep1']);
    assert.is(status, 3, words.join(' '));
    assert.match(stderr, /no node matches wep1 \(E_NO_TARGET\)\n {2}did you mean: web1/);
  }
  const { status, stdout, stderr } = await home.run(['metrics', 'wep1', 'web1', '--json']);
  assert.is(status, 3);
  assert.match(stderr, /not heard: wep1 \(E_NO_TARGET\)/);
  assert.match(stdout, /"type":"series","node":"web1"/);
  assert.is((await home.run(['metrics', '--name', ''])).status, 2);
});

test('series of one name keep their order', async () => {
  await home.ok(['report', 'same', '1', '--gauge', '--at', 'web1']);
  await home.ok(['report', 'same', '1', '--unit', 'b', '--at', 'web2']);
  await home.ok(['report', 'same', '1', '--unit', 'a']);
  const same = (await metrics('--name', 'same')).filter(({ type }) => type === 'series');
  assert.equal(
    same.map(({ kind, unit }) => `${kind} ${unit}`),
    ['counter a', 'counter b', 'gauge '],
  );
});

test('where nothing was reported the nodes tell of themselves', async () => {
  const [load] = await metrics('east', '--name', 'host.load1');
  assert.is(load?.kind, 'gauge');
  assert.match(await home.ok(['metrics', 'east']), /^dagent\.framesForwarded +counter/m);
  assert.is(/dagent\./.test(await home.ok(['metrics', 'web1'])), false);
  const { status, stdout, stderr } = await home.run(['metrics', '--name', 'nothing.*']);
  assert.equal([status, stdout], [0, '']);
  assert.match(stderr, /nothing with a name such as nothing\.\* was reported/);
});

test('what a plugin reports is there under its name', async () => {
  const plugins = join(PROJECT, 'examples', 'plugins');
  await home.daemon('plug', ['--parent', home.socketUrl('root'), '--plugins', plugins]);
  await until('the plugin has reported', async () => {
    const [up] = await metrics('plug', '--name', 'uptime.up');
    return up?.kind === 'gauge' && up.unit === 'seconds';
  });
  await home.ok(['daemon', 'stop', 'plug']);
});

test('a node that is late is named with those behind it, and the status is 5', async () => {
  await home.signal('east', 'SIGSTOP');
  const { status, stdout, stderr } = await home.run([
    'metrics',
    '--name',
    'orders.paid',
    '--json',
    '--timeout',
    '1s',
  ]);
  await home.signal('east', 'SIGCONT');
  assert.is(status, 5);
  const [paid, silent] = recordsOf(stdout) as Series[];
  assert.is(paid?.total, 3);
  const { type, node, below, code } = silent as Series;
  assert.equal(
    { type, node, below, code },
    { type: 'silent', node: 'east', below: 2, code: 'E_DEADLINE' },
  );
  assert.match(stderr, /not heard: east, and with it 2 below \(E_DEADLINE\)/);
});

test('a root that does not answer is not needed below it', async () => {
  await home.signal('root', 'SIGSTOP');
  try {
    const args = ['metrics', '--via', 'east', '--name', 'orders.paid', '--json'];
    const { status, stdout, stderr } = await home.run(args);
    assert.equal([status, stderr], [0, '']);
    assert.is((recordsOf(stdout) as Series[])[0]?.total, 9);
  } finally {
    await home.signal('root', 'SIGCONT');
  }
});

test('a leaf that does not answer costs its parent nothing: it alone is named', async () => {
  await home.signal('web1', 'SIGSTOP');
  const { status, stdout } = await home.run([
    ...['metrics', '--name', 'orders.paid', '--json', '--timeout', '2s'],
  ]);
  await home.signal('web1', 'SIGCONT');
  assert.is(status, 5);
  const [paid, silent, answer] = recordsOf(stdout) as Series[];
  assert.equal([paid?.total, answer?.nodes], [3 + 5, 3]);
  assert.equal([silent?.node, silent?.below], ['web1', 0]);
});

test('a node that died is named until it is back', async () => {
  await home.kill9('web2');
  await until('it is missed', async () => {
    const { status, stderr } = await home.run(['metrics', '--name', 'orders.paid']);
    return status === 5 && /not heard: web2 \(E_UNREACHABLE\)/.test(stderr);
  });
  await home.ok(['daemon', 'restart', 'web2']);
  const [paid] = await metrics('--name', 'orders.paid');
  assert.is(paid?.total, 3 + 4, 'what was reported to it is gone with it');
});

test.run();
