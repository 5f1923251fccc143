import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, recordsOf } from './harness.ts';
import { until } from './poll.ts';
import type { Program } from './program.ts';

const test = suite('messages');
const home = new Home();

test.before(async () => {
  await home.startTree({ root: null, east: 'root', web1: 'east', web2: 'east', db1: 'root' });
});
test.after(() => home.close());

interface Entry {
  readonly service: string;
  readonly node: string;
  readonly address: string;
}

interface MessageRecord {
  readonly sn: string;
  readonly from: string;
  readonly to: string;
  readonly command: string;
  readonly params: Readonly<Record<string, string>>;
  readonly data: string;
  readonly enc?: string;
  readonly at: string;
}

function services(): Promise<Entry[]> {
  return home.json<Entry[]>(['services', '--json']);
}

/** Starts a listener and waits until the whole tree knows of it. */
async function listen(service: string, via: string, args: string[] = []): Promise<Program> {
  const program = home.start(['listen', service, '--via', via, ...args]);
  await until(`${via}:${service} is known`, async () => {
    if (program.isOver) throw new Error(program.text('stderr'));
    return (await services()).some(({ address }) => address === `${via}:${service}`);
  });
  return program;
}

/** Tells a listener to end; what it printed. */
async function finish(listener: Program): Promise<string> {
  listener.signal('SIGTERM');
  const { status, stdout } = await listener.end();
  assert.is(status, 0);
  return stdout;
}

test('send delivers, and listen prints a line for each message', async () => {
  const listener = await listen('printer', 'web1', ['--count', '2']);
  const words = ['send', 'web1:printer', 'PRINT', 'copies=2', 'page=A4 long', '--via', 'db1'];
  assert.is(await home.ok(words), '');
  await home.ok(['send', 'web1:printer', 'STOP']);
  const { status, stdout } = await listener.end();
  assert.is(status, 0);
  const [first = '', second = ''] = stdout.split('\n');
  assert.match(first, /^db1:\S+ PRINT copies=2 page=A4 long$/);
  assert.match(second, /^root:\S+ STOP$/);
});

test('listen --json prints sn, from, to, command, params, data, at', async () => {
  const listener = await listen('records', 'web2', ['--json', '-c', '2']);
  const binary = Buffer.from([0, 255, 10]);
  await home.ok(['send', 'web2:records', 'TEXT', 'a=1', '--data', '-'], { input: 'line\n' });
  await home.ok(['send', 'web2:records', 'BYTES', '--data', '-'], { input: binary });
  const { stdout } = await listener.end();
  const [text, bytes] = recordsOf<MessageRecord>(stdout);
  assert.equal(Object.keys(text ?? {}), ['sn', 'from', 'to', 'command', 'params', 'data', 'at']);
  assert.match(text?.sn ?? '', /^[0-9a-f]{16}$/);
  assert.match(text?.from ?? '', /^root:/);
  assert.is(text?.to, 'web2:records');
  assert.is(text?.command, 'TEXT');
  assert.equal(text?.params, { a: '1' });
  assert.is(text?.data, 'line\n');
  assert.ok(Math.abs(Date.parse(text?.at ?? '') - Date.now()) < 60_000);
  assert.is(bytes?.enc, 'base64');
  assert.is(bytes?.data, binary.toString('base64'));
  assert.is.not(bytes?.sn, text?.sn);
});

test('messages of one sender come in their order', async () => {
  const listener = await listen('ordered', 'web1', ['--json', '--count', '20']);
  const sends = Array.from({ length: 20 }, (_, index) => `dagent send web1:ordered N n=${index}`);
  assert.is((await home.shell(sends.join(' && '))).status, 0);
  const records = recordsOf<MessageRecord>((await listener.end()).stdout);
  assert.equal(
    records.map(({ params }) => Number(params.n)),
    Array.from({ length: 20 }, (_, index) => index),
  );
});

test('a request is answered by the command of --reply, with the data on its stdin', async () => {
  const listener = await listen('upper', 'web1', ['--reply', 'tr a-z A-Z; echo $DAGENT_PARAM_x']);
  const words = ['send', 'web1:upper', 'SHOUT', 'x=end', '--request', '--data', '-'];
  for (const via of ['root', 'web2', 'web1']) {
    const stdout = await home.ok([...words, '--via', via], { input: 'hello ' });
    assert.is(stdout, 'HELLO end\n');
  }
  const stdout = await home.ok([...words, '--json'], { input: 'x' });
  assert.is(recordsOf(stdout)[0]?.data, 'Xend\n');
  assert.is((await finish(listener)).split('\n').length, 5);
});

test('a full megabyte goes along, and one byte more is refused before it is sent', async () => {
  const data = randomBytes(1_048_576);
  writeFileSync(home.file('data'), data);
  const listener = await listen('sum', 'web1', ['--reply', 'sha256sum | head -c 64']);
  const words = ['send', 'web1:sum', 'SUM', '--request', '--via', 'db1', '--data'];
  const stdout = await home.ok([...words, home.file('data')]);
  assert.is(stdout, createHash('sha256').update(data).digest('hex'));
  writeFileSync(home.file('data'), Buffer.alloc(1_048_577));
  const { status, stderr } = await home.run([...words, home.file('data')]);
  assert.is(status, 2);
  assert.match(stderr, 'at most 1048576');
  await finish(listener);
});

test('a --reply that fails rejects the request, and does not stop the next one', async () => {
  const listener = await listen('picky', 'web1', ['--reply', 'test "$DAGENT_COMMAND" = GOOD']);
  const bad = await home.run(['send', 'web1:picky', 'BAD', '--request']);
  assert.is(bad.status, 1);
  assert.match(bad.stderr, 'exit status 1');
  assert.is((await home.run(['send', 'web1:picky', 'GOOD', '--request'])).status, 0);
  await finish(listener);
});

test('a request that nobody there understands is rejected at once', async () => {
  const listener = await listen('mute', 'web1');
  const { status, stderr, ms } = await home.run(['send', 'web1:mute', 'WHAT', '--request']);
  assert.is(status, 1);
  assert.match(stderr, 'web1:mute does not understand WHAT');
  assert.ok(ms < 5_000, `it took ${ms} ms`);
  await finish(listener);
});

test('a service alone means the nearest: here, then below, then above', async () => {
  const far = await listen('clock', 'db1', ['--reply', 'echo db1']);
  const ask = (via: string): Promise<string> =>
    home.ok(['send', 'clock', 'TIME', '--request', '--via', via]);
  assert.is(await ask('web1'), 'db1\n');
  const near = await listen('clock', 'web1', ['--reply', 'echo web1']);
  assert.is(await ask('web1'), 'web1\n');
  assert.is(await ask('web2'), 'web1\n');
  assert.is(await ask('db1'), 'db1\n');
  await finish(near);
  await finish(far);
});

test('a name that is taken on the node is refused, and free again after its end', async () => {
  const first = await listen('single', 'web1');
  const { status, stderr } = await home.run(['listen', 'single', '--via', 'web1']);
  assert.is(status, 1);
  assert.match(stderr, 'the service single is registered on web1 already');
  const elsewhere = await listen('single', 'web2');
  await finish(elsewhere);
  first.signal('SIGKILL');
  await first.end();
  const again = await listen('single', 'web1');
  await finish(again);
  const invalid = await home.run(['listen', 'no such name']);
  assert.is(invalid.status, 2);
});

test('services lists them with their nodes, and the tree shows them', async () => {
  const [one, two] = await Promise.all([listen('alpha', 'web1'), listen('beta', 'db1')]);
  const all = await services();
  assert.equal(all, [
    { service: 'alpha', node: 'web1', address: 'web1:alpha' },
    { service: 'beta', node: 'db1', address: 'db1:beta' },
  ]);
  const table = await home.ok(['services', '--via', 'web2']);
  assert.match(table, /^SERVICE +NODE +ADDRESS\nalpha +web1 +web1:alpha\nbeta +db1 +db1:beta\n$/);
  assert.equal((await home.tree()).get('web1')?.services, ['alpha']);
  assert.match(await home.ok(['tree']), /db1 .*beta/);
  await Promise.all([finish(one), finish(two)]);
  await until('the services are gone', async () => (await services()).length === 0);
  assert.match((await home.run(['services'])).stderr, 'no services');
});

test('what cannot be delivered comes back with the node that gave up, and why', async () => {
  const noService = await home.run(['send', 'web1:nobody', 'X', '--via', 'db1']);
  assert.is(noService.status, 5);
  assert.match(noService.stderr, /web1 has no service .*nobody.*\(E_NO_SERVICE at web1\)/);
  const noNode = await home.run(['send', 'nowhere:printer', 'X', '--via', 'web1']);
  assert.is(noNode.status, 5);
  assert.match(noNode.stderr, /nowhere.*cannot be reached.*\(E_UNREACHABLE at root\)/);
  const nearest = await home.run(['send', 'nobody', 'X', '--request']);
  assert.is(nearest.status, 5);
  assert.match(nearest.stderr, /\(E_UNREACHABLE at root\)/);
});

test('a request whose receiver dies ends at once', async () => {
  const listener = await listen('dying', 'web1', ['--reply', 'sleep 20']);
  const request = home.start(['send', 'web1:dying', 'X', '--request']);
  await listener.sees(/X\n/);
  listener.signal('SIGKILL');
  const { status, stderr, ms } = await request.end();
  assert.is(status, 5);
  assert.match(stderr, 'web1:dying was lost');
  assert.ok(ms < 10_000, `it took ${ms} ms`);
});

test('a request has its time, and what is over it ends with 124', async () => {
  const listener = await listen('slow', 'web1', ['--reply', 'read never; sleep 3']);
  const words = ['send', 'web1:slow', 'X', '--request', '--timeout', '300ms'];
  const { status, stderr } = await home.run(words);
  assert.is(status, 124);
  assert.match(stderr, 'no reply');
  assert.match(stderr, 'within 300 ms');
  listener.signal('SIGKILL');
});

test('bad addresses, parameters and data end with 2', async () => {
  const wrong = [
    ['send', 'a b', 'X'],
    ['send', 'web1:printer', 'X', 'novalue'],
    ['send', 'web1:printer', 'X', '--data', home.file('missing')],
    ['send', 'web1:printer'],
    ['listen'],
    ['call', 'web1:'],
  ];
  await Promise.all(
    wrong.map(async (args) => {
      const { status, stderr } = await home.run(args, { input: 'X\n' });
      assert.is(status, 2, `${args.join(' ')}: ${stderr}`);
      assert.not.match(stderr, /\bat .*:\d+:\d+/);
    }),
  );
});

test('the command of send is data, and no control character of it reaches the screen', async () => {
  const listener = await listen('raw', 'web1', ['--count', '1']);
  await home.ok(['send', 'web1:raw', 'X', 'a=\u001b[2J\r\nfake']);
  const { stdout } = await listener.end();
  assert.is(stdout.split('\n').length, 2);
  assert.not.match(stdout, '\u001b');
});

test.run();
