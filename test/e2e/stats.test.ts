import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home } from './harness.ts';
import { until } from './poll.ts';

interface Told {
  readonly node: string;
  readonly tracks: readonly { readonly id: string; readonly values: readonly (number | null)[] }[];
}

const test = suite('dagent stats');
const home = new Home();

test.before(async () => {
  await home.startTree({ hq: null, east: 'hq', web1: 'east' });
  await until('web1 is remembered', () => home.ok(['stats', 'web1']));
});
test.after(() => home.close());

test('the last hour of a node is shown, a line for each figure', async () => {
  const lines = (await home.ok(['stats', 'web1'])).split('\n');
  assert.match(lines[0] ?? '', /^FIGURE +NOW +MEAN +MOST +LAST HOUR$/);
  assert.match(
    lines.find((line) => line.startsWith('memoryUsedBytes')) ?? '',
    / [KMGT]iB +.*[▁-█]$/,
  );
});

interface Summed {
  readonly nodes: number;
  readonly silent: readonly { readonly node: string }[];
  readonly figures: readonly {
    readonly id: string;
    readonly nodes: number;
    readonly sum: number;
  }[];
}

test('with --subtree it adds up what a node and all below it have now', async () => {
  const lines = (await home.ok(['stats', 'hq', '--subtree'])).split('\n');
  assert.match(lines[0] ?? '', /^FIGURE +SUM +MEAN +LEAST +MOST +NODES$/);
  const sized = / [KMGT]iB +.* [KMGT]iB +3$/;
  assert.match(lines.find((line) => line.startsWith('memoryTotalBytes')) ?? '', sized);
  const cpusOf = async (node: string): Promise<number> => {
    const { figures } = await home.json<Summed>(['stats', node, '--subtree', '--json']);
    return figures.find(({ id }) => id === 'cpus')?.sum ?? 0;
  };
  assert.is(await cpusOf('hq'), 3 * (await cpusOf('web1')));
  assert.is(await cpusOf('east'), 2 * (await cpusOf('web1')));
});

test('its parent remembers it when it is lost', async () => {
  await home.kill9('web1');
  const history = await home.json<Told>(['stats', 'web1', '--json']);
  assert.is(history.node, 'web1');
  const load = history.tracks.find(({ id }) => id === 'load1');
  assert.is(load?.values.length, 60);
  assert.ok(load?.values.some((value) => value !== null));
});

test('of a lost node it says so, and when it was heard last', async () => {
  const { status, stdout, stderr } = await home.run(['stats', 'web1']);
  assert.is(status, 0);
  assert.match(stderr, /^web1 is lost; heard last (within the last minute|\d+m ago)$/m);
  for (const line of stdout.trimEnd().split('\n').slice(1)) assert.match(line, /^\w+ +- /);
  assert.match((await home.run(['stats', 'east'])).stderr, /^east is up$/m);
});

test('with --subtree a node that is lost is named, and the status says so', async () => {
  const { status, stdout, stderr } = await home.run(['stats', 'hq', '--subtree']);
  assert.is(status, 5);
  assert.match(stderr, /not heard: web1 \(E_UNREACHABLE\)/);
  assert.match(stdout, /^cpus .* 2$/m);
  assert.is((await home.run(['stats', 'web1', '--subtree'])).status, 5);
});

test('what is no name is refused in words of the command line', async () => {
  const { status, stderr } = await home.run(['stats', 'web*']);
  assert.is(status, 2);
  assert.match(stderr, 'NODE is the name of one node, not web*');
});

test('of a name that nobody has it says so, with those that are like it', async () => {
  const { status, stderr } = await home.run(['stats', 'wep1']);
  assert.is(status, 3);
  assert.match(stderr, /wep1/);
  assert.match(stderr, /web1/);
  assert.is((await home.run(['stats', 'wep1', '--subtree'])).status, 3);
});

test.run();
