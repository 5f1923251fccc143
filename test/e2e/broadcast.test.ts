/** Messages to many, through five daemons. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, recordsOf } from './harness.ts';
import { until } from './poll.ts';
import type { Program } from './program.ts';

const test = suite('broadcast');
const home = new Home();
const NODES = ['root', 'east', 'web1', 'web2', 'db1'] as const;

test.before(async () => {
  await home.startTree({ root: null, east: 'root', web1: 'east', web2: 'east', db1: 'root' });
});
test.after(() => home.close());

interface Heard {
  readonly from: string;
  readonly to: string;
  readonly command: string;
  readonly params: Readonly<Record<string, string>>;
}

/** Listeners of one service on some nodes, all of them known in the tree. */
async function listen(service: string, vias: readonly string[]): Promise<Program[]> {
  const listeners = vias.map((via) => home.start(['listen', service, '--via', via, '--json']));
  await until(`${service} is known`, async () => {
    const all = await home.json<{ address: string }[]>(['services', '--json']);
    return vias.every((via) => all.some(({ address }) => address === `${via}:${service}`));
  });
  return listeners;
}

/** Sends a last message, waits until all have it, and ends them: what came before it. */
async function finish(listeners: readonly Program[]): Promise<Heard[][]> {
  await home.ok(['send', '*', 'LAST']);
  return Promise.all(
    listeners.map(async (each) => {
      await until('the last one came', () => each.text('stdout').includes('"LAST"'));
      each.signal('SIGTERM');
      const { status, stdout } = await each.end();
      assert.is(status, 0);
      return recordsOf<Heard>(stdout).filter(({ command }) => command !== 'LAST');
    }),
  );
}

test('one to * or ? comes once to every listener of the realm, from wherever it is', async () => {
  const listeners = await listen('news', NODES);
  for (const via of ['web1', 'root', 'db1']) {
    await home.ok(['send', '*', 'ALL', `n=${via}`, '--via', via]);
    await home.ok(['send', '?', 'REALM', `n=${via}`, '--via', via]);
  }
  const heard = await finish(listeners);
  for (const records of heard) {
    const texts = records.map(({ to, command, params }) => `${to} ${command} ${params.n}`);
    const expected = ['web1', 'root', 'db1'].flatMap((n) => [`* ALL ${n}`, `? REALM ${n}`]);
    assert.equal(texts, expected);
  }
  assert.match(heard[0]?.[0]?.from ?? '', /^web1:~\d+$/);
});

test('one to a service comes to those who listen under that name only', async () => {
  const [caches, others] = [await listen('cache', ['web1', 'db1']), await listen('log', ['web1'])];
  await home.ok(['send', '*:cache', 'FLUSH', 'all=1', '--via', 'web2']);
  await home.ok(['send', '?:log', 'ROTATE', '--via', 'web2']);
  await home.ok(['send', '*:nobody', 'X', '--via', 'web2']);
  const heard = await finish([...caches, ...others]);
  const texts = heard.map((records) => records.map(({ to, command }) => `${to} ${command}`));
  assert.equal(texts, [['*:cache FLUSH'], ['*:cache FLUSH'], ['?:log ROTATE']]);
});

test('one to . stays on its node', async () => {
  const [here, there] = await listen('near', ['web1', 'web2']);
  if (here === undefined || there === undefined) throw new Error('no listeners');
  await home.ok(['send', '.', 'HERE', '--via', 'web1']);
  const [near, far] = await finish([here, there]);
  assert.equal(
    near?.map(({ to, command }) => `${to} ${command}`),
    ['. HERE'],
  );
  assert.equal(far, []);
});

test('send ends with 0 when the daemon has it, and says so with --json', async () => {
  assert.is(await home.ok(['send', '*', 'X', '--via', 'web1']), '');
  const record = await home.json(['send', '*:nobody', 'X', '--via', 'web1', '--json']);
  assert.equal(record, { to: '*:nobody', takenBy: 'web1' });
});

test('nobody can answer for many, and what is no address is none', async () => {
  const asked = await home.run(['send', '*:clock', 'TIME', '--request']);
  assert.is(asked.status, 2);
  assert.match(asked.stderr, /\*:clock means many.*\(E_BROADCAST\)\n {2}send it a message/);
  for (const address of ['*:', '**', '?:~1', '.:a:b', '*.x']) {
    const { status, stderr } = await home.run(['send', address, 'X']);
    assert.is(status, 2, address);
    assert.match(stderr, 'E_ADDRESS_INVALID');
  }
  assert.is((await home.run(['call', '?', 'admin.echo', 'x'])).status, 2);
});

test('nobody waits for the receiver of what goes to many', async () => {
  for (const flag of [['--wait'], ['--cache', '1h'], ['--request']]) {
    const { status, stdout, stderr } = await home.run(['send', '*:cache', 'X', ...flag]);
    assert.is(status, 2, stderr);
    assert.is(stdout, '');
    assert.match(stderr, 'E_BROADCAST');
  }
  await home.ok(['send', '*:cache', 'X', '--cache', 'no']);
});

test.run();
