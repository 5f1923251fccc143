import { hostname, release } from 'node:os';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, recordsOf } from './harness.ts';
import { until } from './poll.ts';

const test = suite('dagent info');
const home = new Home();
const nowhere = { env: { DAGENT_HOME: '' } };

test.before(async () => {
  nowhere.env.DAGENT_HOME = home.file('nowhere');
  await home.startTree({ root: null, web1: 'root', web2: 'root' });
});
test.after(() => home.close());

const CLASSES = [
  ...['kernel', 'os', 'cpu', 'memory', 'disks', 'network', 'users', 'load', 'uptime'],
] as const;

type Facts = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

test('without classes it tells the usual ones, in tables', async () => {
  const stdout = await home.ok(['info', 'web1']);
  assert.match(stdout, /^kernel/im);
  assert.match(stdout, release());
  assert.not.match(stdout, '\u001b');
});

test('each class can be asked for by its name', async () => {
  for (const args of [['web1'], ['--local']]) {
    const stdout = await home.ok(['info', ...args, '--json', ...CLASSES]);
    const [record, ...more] = recordsOf<Facts>(stdout);
    assert.equal(more, []);
    assert.equal(Object.keys(record ?? {}), ['node', ...CLASSES]);
    assert.is(record?.kernel?.release, release());
  }
});

test('only what was asked for is told', async () => {
  const stdout = await home.ok(['info', 'web1', 'memory', 'kernel', '--json']);
  const [record] = recordsOf<Facts>(stdout);
  assert.equal(Object.keys(record ?? {}).sort(), ['kernel', 'memory', 'node']);
  const words = await home.ok(['info', 'web1', 'load']);
  assert.match(words, /^load/im);
  assert.not.match(words, release());
});

test('of several nodes each is one record, or one part under its name', async () => {
  const stdout = await home.ok(['info', 'web*', 'kernel', '--json']);
  const names = recordsOf<{ node: string }>(stdout).map(({ node }) => node);
  assert.equal(names.sort(), ['web1', 'web2']);
  const words = await home.ok(['info', '*', 'uptime']);
  for (const name of ['root', 'web1', 'web2']) assert.match(words, new RegExp(`^== ${name}$`, 'm'));
});

interface Users {
  readonly users: { readonly which: string; readonly accounts: readonly { name: string }[] };
}

async function usersOf(args: readonly string[]): Promise<readonly [string, readonly string[]]> {
  const [record] = recordsOf<Users>(await home.ok(['info', ...args, '--json']));
  const { which, accounts } = record?.users ?? { which: '', accounts: [] };
  return [which, accounts.map(({ name }) => name)];
}

test('of the users one is told, or those of people, or those of the system, or all', async () => {
  for (const target of ['web1', '--local']) {
    assert.equal(await usersOf([target, 'users', '--user', 'root']), ['one', ['root']]);
    const [, all] = await usersOf([target, 'users']);
    const [which, system] = await usersOf([target, 'users', '--system']);
    const [, normal] = await usersOf([target, 'users', '--normal']);
    assert.is(which, 'system');
    assert.ok(system.includes('root'));
    assert.not(normal.includes('root'));
    assert.equal([...system, ...normal].sort(), [...all].sort());
  }
});

test('what is said of users goes with users only, and one way at a time', async () => {
  for (const args of [
    ['kernel', '--system'],
    ['users', '--system', '--normal'],
    ['users', '--user', 'root', '--system'],
  ]) {
    assert.is((await home.run(['info', 'web1', ...args])).status, 2);
  }
});

test('an account that is not there ends it with 1, and the sentence is told', async () => {
  for (const target of [['web1'], ['--local'], ['web1', '--json'], ['*']]) {
    const nobody = await home.run(['info', ...target, 'users', '--user', 'no-such']);
    assert.is(nobody.status, 1, target.join(' '));
    assert.match(nobody.stdout, 'its host has no user named no-such');
    assert.match(nobody.stderr, 'its host has no user named no-such (E_ACCOUNT_UNKNOWN)');
  }
});

test('packages and services are told by what looks after them', async () => {
  const stdout = await home.ok(['info', 'web1', 'packages', 'services', '--json']);
  const [record] = recordsOf<Facts>(stdout);
  for (const name of ['packages', 'services']) {
    // A host may have neither: then it says so.
    const { manager, error } = record?.[name] ?? {};
    assert.match(String(manager ?? JSON.stringify(error)), /^[a-z]+$|E_PROBE_FAILED/);
  }
});

test('--local answers without any daemon, for this host', async () => {
  const stdout = await home.ok(['info', '--local', 'kernel', '--json'], nowhere);
  assert.is(recordsOf<{ node: string }>(stdout)[0]?.node, hostname());
  assert.match(await home.ok(['info', '--local'], nowhere), release());
});

test('a class that does not exist ends with 2 and names those that do', async () => {
  for (const args of [
    ['web1', 'kernal'],
    ['--local', 'kernal'],
  ]) {
    const { status, stdout, stderr } = await home.run(['info', ...args]);
    assert.is(status, 2);
    assert.is(stdout, '');
    assert.match(stderr, 'kernal');
    assert.match(stderr, 'kernel');
  }
});

test('no target ends with 2, an unknown one with 3 and a suggestion', async () => {
  const none = await home.run(['info'], { input: 'web1\n' });
  assert.is(none.status, 2);
  assert.match(none.stderr, '--local');
  const unknown = await home.run(['info', 'wbe1']);
  assert.is(unknown.status, 3);
  assert.match(unknown.stderr, 'did you mean: web1');
});

test('a node that does not answer is told beside those that do, with status 5', async () => {
  await home.kill9('web2');
  await until('web2 is lost', async () => (await home.tree()).get('web2')?.state === 'lost');
  const { status, stdout, stderr } = await home.run(['info', 'web*', 'load', '--json']);
  assert.is(status, 5);
  const records = recordsOf<{ node: string; error?: { code: string } }>(stdout);
  assert.is(records.find(({ node }) => node === 'web2')?.error?.code, 'E_UNREACHABLE');
  assert.is(records.find(({ node }) => node === 'web1')?.error, undefined);
  assert.match(stderr, /^dagent: web2: /m);
});

test.run();
