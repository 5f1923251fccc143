import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, recordsOf } from './harness.ts';
import { until } from './poll.ts';

interface Line {
  readonly type: string;
  readonly node: string;
  readonly service?: string;
  readonly via?: string | null;
  readonly metric?: number;
  readonly state?: string;
  readonly defaultVia?: string | null;
  readonly matched?: number;
  readonly shown?: number;
}

const test = suite('route');
const home = new Home();

test.before(async () => {
  await home.startTree({ hq: null, east: 'hq', web1: 'east', web2: 'east' });
});
test.after(() => home.close());

async function tableOf(...args: string[]): Promise<Line[]> {
  return recordsOf<Line>(await home.ok(['route', ...args, '--json']));
}

test('a node shows where it sends what', async () => {
  const lines = await tableOf('hq', '--via', 'web1');
  assert.is(lines[0]?.type, 'table');
  const routes = lines.filter(({ type }) => type === 'route');
  const shown = routes.map(({ node, via, metric }) => `${node} ${via} ${metric}`).sort();
  assert.equal(shown, ['east east 1', 'web1 east 2', 'web2 east 2']);
  const [leaf] = await tableOf('web1');
  assert.is(leaf?.defaultVia, 'east');
});

test('--where and --limit choose, and lines are for people', async () => {
  const lines = await tableOf('--where', 'node=web*', '--limit', '1');
  assert.equal(lines.filter(({ type }) => type === 'route').length, 1);
  assert.equal([lines.at(-1)?.matched, lines.at(-1)?.shown], [2, 1]);
  const { stdout, stderr } = await home.run(['route', '--limit', '1']);
  assert.match(stdout, /^hq \(root, realm \w+\): 3 routes, 0 lost; default route: none$/m);
  assert.match(stdout, /^NODE +VIA +HOPS +REACH +OTHER WAYS$/m);
  assert.match(stderr, '2 more');
});

test('a node shows who answered for what it had to ask for upwards', async () => {
  const listener = home.start(['listen', 'orders', '--via', 'web2', '--reply', 'cat']);
  await until('orders is there', async () => (await home.ok(['services'])).includes('orders'));
  await home.ok(['send', 'orders', 'NEW', '--request', '--via', 'web1']);
  const hints = (await tableOf('web1')).filter(({ type }) => type === 'hint');
  assert.equal(
    hints.map(({ service, node }) => [service, node]),
    [['orders', 'web2']],
  );
  assert.match(await home.ok(['route', 'web1']), /^orders +web2 +\d+/m);
  listener.signal('SIGTERM');
  await listener.end();
});

test('a lost node is shown as lost', async () => {
  await home.kill9('web2');
  await until('it is lost', async () => {
    const lost = await tableOf('--where', 'state=lost');
    return lost.some(({ node, via }) => node === 'web2' && via === null);
  });
});

test('what cannot be shown says why', async () => {
  assert.is((await home.run(['route', '--where', 'colour=red'])).status, 2);
  assert.is((await home.run(['route', 'nobody'])).status, 3);
});

test.run();
