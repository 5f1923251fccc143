import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, recordsOf } from './harness.ts';
import { until } from './poll.ts';

interface Hop {
  readonly type: string;
  readonly hop: number;
  readonly node: string;
  readonly from: { readonly name: string };
  readonly to: { readonly name: string } | null;
  readonly why: string | null;
  readonly fate: string;
  readonly ms: number;
}

interface End {
  readonly type: string;
  readonly outcome: string;
  readonly hops: number;
  readonly error: { readonly code: string } | null;
}

const test = suite('trace');
const home = new Home();

test.before(async () => {
  await home.startTree({ hq: null, east: 'hq', web1: 'east', web2: 'east', db1: 'hq' });
});
test.after(() => home.close());

async function trace(...args: string[]): Promise<{ hops: Hop[]; end: End; status: number | null }> {
  const { stdout, status } = await home.run(['trace', ...args, '--json']);
  const records = recordsOf<Hop & End>(stdout);
  return { hops: records.slice(0, -1), end: records.at(-1) as End, status };
}

test('a trace names every node on the way, which link it took, and why', async () => {
  const { hops, end, status } = await trace('db1:', '--via', 'web1');
  assert.is(status, 0);
  assert.equal(
    hops.map(({ hop, node, to, why }) => [hop, node, to?.name, why]),
    [
      [0, 'web1', 'east', 'default'],
      [1, 'east', 'hq', 'default'],
      [2, 'hq', 'db1', 'route'],
      [3, 'db1', 'dagent', 'local'],
    ],
  );
  assert.equal([end.outcome, end.hops, end.error], ['delivered', 4, null]);
  for (const { ms } of hops) assert.ok(ms > 0 && ms < 10_000);
});

test('lines are for people', async () => {
  const lines = (await home.ok(['trace', 'web2:'])).split('\n');
  assert.match(lines[0] ?? '', /^ 0 {2}hq +root .* -> east .*route to web2, 2 hops away$/);
  assert.match(lines.at(-2) ?? '', /^delivered to web2:, answered after /);
});

test('a dry trace finds the nearest, and hands nothing over', async () => {
  const listener = home.start(['listen', 'orders', '--via', 'web2']);
  await until('orders is there', async () => (await home.ok(['services'])).includes('orders'));
  const dry = await trace('orders', '--via', 'web1', '--dry');
  assert.is(dry.status, 0);
  assert.equal([dry.end.outcome, dry.hops.at(-1)?.fate], ['dry', 'dry']);
  assert.is(dry.hops[1]?.why, 'anycast');
  const wet = await trace('web2:orders', 'HELLO');
  // A listener that answers nothing says that it did not understand: it has it all the same.
  assert.is(wet.status, 0);
  assert.equal([wet.end.outcome, wet.end.error?.code], ['delivered', 'E_NOT_UNDERSTOOD']);
  listener.signal('SIGTERM');
  const { stdout } = await listener.end();
  assert.is(stdout.trim().split('\n').length, 1);
  assert.match(stdout, /HELLO/);
});

test('where it ends is named, with the exit status of the reason', async () => {
  const service = await trace('web1:nothing');
  assert.equal([service.status, service.end.outcome], [5, 'rejected']);
  assert.equal([service.hops.at(-1)?.node, service.end.error?.code], ['web1', 'E_NO_SERVICE']);
  const node = await trace('nobody:', '--via', 'web1');
  assert.equal([node.status, node.end.error?.code], [5, 'E_UNREACHABLE']);
  assert.equal([node.hops.at(-1)?.node, node.hops.at(-1)?.fate], ['hq', 'rejected']);
  assert.is((await home.run(['trace', ':'])).status, 2);
});

test('a node that hangs leaves the hops before it, and ends with 124', async () => {
  const pid = await home.signal('web1', 'SIGSTOP');
  const { status, hops, end } = await trace('web1:', '--timeout', '300ms');
  process.kill(pid, 'SIGCONT');
  assert.equal(
    hops.map(({ node }) => node),
    ['hq', 'east'],
  );
  assert.equal([status, end.outcome, end.error?.code], [124, 'lost', 'E_DEADLINE']);
});

test.run();
