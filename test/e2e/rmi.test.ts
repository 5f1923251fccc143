import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, PROJECT, recordsOf } from './harness.ts';
import { until } from './poll.ts';
import type { Program } from './program.ts';

const test = suite('remote objects');
const home = new Home();
const KENNEL = [process.execPath, 'examples/kennel.ts'];

/** A record as `call --json` prints it. */
interface CallRecord {
  readonly type: string;
  readonly target: string;
  readonly status?: string;
  readonly completed?: number;
  readonly value?: unknown;
  readonly error?: { readonly code: string; readonly exception?: Record<string, unknown> };
}

/** The example, at one node. */
async function openKennel(node: string): Promise<Program> {
  const kennel = home.spawn([...KENNEL, 'serve'], { cwd: PROJECT, env: { DAGENT_VIA: node } });
  await kennel.sees(/at your service/, 'stderr');
  return kennel;
}

test.before(async () => {
  await home.startTree({ hq: null, web1: 'hq', web2: 'hq' });
  await Promise.all([openKennel('web1'), openKennel('web2')]);
  await until('the top knows them', async () => {
    const tree = await home.tree();
    return ['web1', 'web2'].every((name) => tree.get(name)?.services.includes('kennel'));
  });
});
test.after(() => home.close());

const bark = (...more: readonly string[]): Promise<string> =>
  home.ok(['call', 'web1:kennel', 'Dog.bark', ...more]);

test('an object is made by its arguments, and its method has its own', async () => {
  assert.is(await bark('hello', '--new', 'Rex', '--kw', 'times=2'), 'Rex: hello hello\n');
  assert.is(await bark('--kw', 'words=ho', '--new-kw', 'name=Ada'), 'Ada: ho\n');
  const { status, stderr } = await home.run(['call', 'web1:kennel', 'Dog.bark', 'hello']);
  assert.is(status, 2);
  assert.match(stderr, 'new Dog: the argument name is missing (E_ARGUMENT_INVALID at web1)');
});

test('versions stand side by side', async () => {
  assert.is(await bark('hello', '--version', '1'), 'hello\n');
  assert.is(await bark('hello', '--version', '2.1', '--new', 'Rex'), 'Rex: hello\n');
  const { status, stderr } = await home.run(['call', 'kennel', 'Dog.bark', 'x', '--version', '3']);
  assert.is(status, 1);
  assert.match(stderr, 'it has 2.1.0, 1.3.0 (E_NO_VERSION at web');
});

test('a service tells what it offers, also of one class or method', async () => {
  const all = await home.ok(['call', 'web1:kennel', '--help']);
  assert.match(all, /^Dog {2}2\.1\.0 {2}A dog, made for each call\.\n {2}new\(name\) /);
  assert.match(all, /^ {2}bark\(words, times\?\) +Barks\.$/m);
  assert.match(all, /^Dog {2}1\.3\.0 /m);
  assert.match(all, /^ {2}cancel\(sn\?, criteria\?\)/m);
  const one = await home.ok(['call', 'web1:kennel', 'Dog.walk', '--help']);
  assert.match(one, '$ dagent call web1:kennel Dog.walk STEPS --new NAME');
  assert.not.match(one, 'bark');
  assert.match(await home.ok(['call', 'web1:', 'info', '--help']), /^ {2}get\(/m);
  const none = await home.run(['call', 'web1:kennel', 'Cat', '--help']);
  assert.is(none.status, 1);
  assert.match(none.stderr, 'web1:kennel has no Cat');
});

test('an exception has its class, its arguments, its state and its origin', async () => {
  const words = ['call', 'kennel', 'Dog.eat', '3', '--new', 'Rex'];
  const { status, stdout, stderr } = await home.run(words);
  assert.is(status, 1);
  assert.is(stdout, '');
  const text = 'Rex wants 3, and there is none \\(E_REMOTE at (web\\d)\\)';
  assert.match(stderr, new RegExp(`^dagent: OutOfBiscuits at web\\d:kennel: ${text}$`, 'm'));
  assert.match(stderr, '  arguments: "Rex", 3\n  bowl: "empty"\n');
  const json = await home.run([...words, '--json']);
  assert.is(json.status, 1);
  const { error } = recordsOf<CallRecord>(json.stdout).at(-1) ?? {};
  assert.is(error?.code, 'E_REMOTE');
  assert.is(error?.exception?.class, 'OutOfBiscuits');
  assert.equal(error?.exception?.args, ['Rex', 3]);
});

test('progress is told on stderr, and streamed as records', async () => {
  const words = ['call', 'web1:kennel', 'Dog.walk', '2', '--new', 'Rex'];
  const { stdout, stderr } = await home.run([...words, '--progress']);
  assert.is(stdout, 'Rex is back\n');
  assert.is(stderr, 'web1:kennel  1/2  50%  sniffs\nweb1:kennel  2/2  100%  sniffs\n');
  const records = recordsOf<CallRecord>(await home.ok([...words, '--json']));
  const told = records.map(({ type, status, completed, value }) => [
    type,
    status ?? completed ?? value,
  ]);
  assert.equal(told, [
    ['status', 'accepted'],
    ['status', 'started'],
    ['progress', 1],
    ['progress', 2],
    ['result', 'Rex is back'],
  ]);
});

test('Ctrl-C cancels there', async () => {
  const words = ['call', 'kennel', 'Dog.walk', '1000', '--new', 'Rex', '--progress'];
  const walk = home.start(words);
  await walk.sees(/1\/1000/, 'stderr');
  walk.signal('SIGINT');
  const { status, stderr } = await walk.end();
  assert.is(status, 130);
  assert.match(stderr, /Dog\.walk of kennel was cancelled \(E_CANCELLED at web\d\)/);
  for (const node of ['web1', 'web2']) {
    assert.equal(await home.json(['call', `${node}:kennel`, 'admin.calls']), []);
  }
});

test('a call that runs on by itself is asked after, picked up, or cancelled', async () => {
  const walk = ['call', 'kennel', 'Dog.walk', '--new', 'Rex', '--async'];
  const { stdout, stderr } = await home.run([...walk, '2']);
  const sn = stdout.trim();
  assert.match(sn, /^[0-9a-f]{16}$/);
  const [, service = ''] = /dagent call (web\d:kennel) admin\.result/.exec(stderr) ?? [];
  assert.is(await home.ok(['call', service, 'admin.result', sn]), 'Rex is back\n');
  const { state } = await home.json<{ state: string }>(['call', service, 'admin.poll', sn]);
  assert.is(state, 'succeeded');
  const group = ['call', 'web1:kennel', 'Dog.walk', '1000', '--new', 'Rex', '--data', 'g2'];
  await home.ok([...group, '--no-reply']);
  const second = (await home.ok([...group, '--async'])).trim();
  const cancel = ['call', 'web1:kennel', 'admin.cancel', '--kw', 'criteria={"eq":"g2"}'];
  const cancelled = await home.json<string[]>(cancel);
  assert.is(cancelled.length, 2);
  assert.ok(cancelled.includes(second));
  assert.is((await home.run(['call', 'web1:kennel', 'admin.result', second])).status, 130);
});

test('many are called at once, and each answers for itself', async () => {
  const words = ['call', 'web[1-2]:kennel', 'Dog.bark', 'hi', '--new', 'Rex'];
  const records = recordsOf<CallRecord>(await home.ok(words));
  assert.equal(records.map(({ type, target }) => `${type} ${target}`).sort(), [
    'result web1',
    'result web2',
  ]);
  const eat = await home.run(['call', 'web*,hq:kennel', 'Dog.eat', '1', '--new', 'Rex']);
  assert.is(eat.status, 5);
  const codes = recordsOf<CallRecord>(eat.stdout).map(({ error }) => error?.code);
  assert.equal(codes.sort(), ['E_NO_SERVICE', 'E_REMOTE', 'E_REMOTE']);
  await home.ok(['call', '*:kennel', 'Dog.bark', 'hi', '--new', 'Rex', '--no-reply']);
  const away = await home.run(['call', 'web9:kennel', 'Dog.bark', 'hi', '--no-reply']);
  assert.is(away.status, 5);
});

test('what cannot travel, and what is no argument, ends with 2', async () => {
  const wrong: [string[], string][] = [
    [['{"__proto__":1}', '--new', 'Rex'], 'the key __proto__'],
    [['hi', '--new', 'Rex', '--kw', 'volume=9'], 'it takes no argument volume'],
    [['hi', '--new', 'Rex', '--version', 'new'], 'new is no version'],
    [['hi', '--kw', 'bad'], 'write name=value'],
    [['hi', '--async', '--no-reply'], 'does not go with'],
  ];
  await Promise.all(
    wrong.map(async ([words, reason]) => {
      const run = await home.run(['call', 'web1:kennel', 'Dog.bark', ...words]);
      assert.is(run.status, 2, run.stderr);
      assert.match(run.stderr, reason);
    }),
  );
});

test('a program has it all: a proxy, callbacks, typed exceptions, a trigger', async () => {
  const play = home.spawn([...KENNEL, 'play'], { cwd: PROJECT, env: { DAGENT_VIA: 'hq' } });
  const { status, stdout } = await play.end();
  assert.is(status, 0);
  const lines = stdout.replace(/web\d/, 'webN').trimEnd().split('\n');
  assert.equal(lines, [
    'Rex: hello hello',
    'Rex has the oak',
    'Rex has the elm',
    '2 sticks',
    'OutOfBiscuits of webN:kennel: [["Rex",3],{"bowl":"empty"}]',
    'E_CANCELLED',
  ]);
});

test.run();
