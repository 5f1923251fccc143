import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, PROJECT, recordsOf } from './harness.ts';
import { until } from './poll.ts';
import type { Program } from './program.ts';

const test = suite('calls, pings, and the library');
const home = new Home();

test.before(async () => {
  await home.startTree({ root: null, east: 'root', web1: 'east', db1: 'root' });
});
test.after(() => home.close());

/** Starts a program that uses the library as it is published: `import ... from 'dagent'`. */
function startProgram(lines: readonly string[], env: Record<string, string> = {}): Program {
  const argv = [process.execPath, '--input-type=module', '--eval', lines.join('\n')];
  return home.spawn(argv, { cwd: PROJECT, env });
}

const GREETER = [
  "import { connect } from 'dagent';",
  'const client = await connect();',
  "await client.serve('greeter', {",
  "  'greet.hello': { doc: 'Greets.', args: ['name'], run: ([name]) => 'hello ' + name },",
  "  'greet.fail': { doc: 'Fails.', run: () => { throw new RangeError('too much'); } },",
  '});',
  "process.on('SIGTERM', async () => { await client.close(); console.log('closed'); });",
  "console.log('serving on', client.node, 'of', client.realm);",
];

const ASKER = [
  "import { connect } from 'dagent';",
  'const client = await connect();',
  "console.log(await client.call('greeter', 'greet.hello', ['you']));",
  "const failed = await client.call('greeter', 'greet.fail').catch((error) => error);",
  'console.log(failed.code, failed.message);',
  "const queue = await client.listen('inbox');",
  "await client.register('outbox');",
  "client.send(client.node + ':inbox', 'NOTE', { params: { a: '1' }, data: Buffer.from('x') });",
  "await client.deliver('inbox', 'NOTE2', { from: 'outbox' });",
  'const first = (await queue.next()).value.message;',
  'console.log(first.command, first.params.a, first.data.toString());',
  'console.log((await queue.next()).value.message.from);',
  "const asked = client.request('inbox', 'ASK');",
  "(await queue.next()).value.exchange.reply({ command: 'OK', data: Buffer.from('fine') });",
  'console.log((await asked).command, (await asked).data.toString());',
  "const taken = await client.register('greeter').catch((error) => error);",
  'console.log(taken.code);',
  'await client.close();',
  "console.log('over', await client.closed);",
];

test('a program serves methods that the command line and other programs call', async () => {
  const greeter = startProgram(GREETER, { DAGENT_VIA: 'web1' });
  await greeter.sees(/^serving on web1 of local$/m);
  await until('the service is known', async () =>
    (await home.ok(['services', '--json'])).includes('web1:greeter'),
  );
  assert.is(await home.ok(['call', 'greeter', 'greet.hello', 'world']), 'hello world\n');
  const help = await home.json<Record<string, string>>(['call', 'web1:greeter', 'admin.help']);
  assert.is(help['greet.hello(name)'], 'Greets.');
  const failed = await home.run(['call', 'greeter', 'greet.fail', '--via', 'db1']);
  assert.is(failed.status, 1);
  assert.match(failed.stderr, 'dagent: RangeError at web1:greeter: too much (E_REMOTE at web1)');
  const asker = startProgram(ASKER, { DAGENT_VIA: 'web1' });
  const { status, stdout, stderr } = await asker.end();
  assert.is(stderr, '');
  assert.equal(stdout.trimEnd().split('\n'), [
    'hello you',
    'E_REMOTE RangeError at web1:greeter: too much',
    'NOTE 1 x',
    'web1:outbox',
    'OK fine',
    'E_SERVICE_TAKEN',
    'over undefined',
  ]);
  assert.is(status, 0);
  greeter.signal('SIGTERM');
  assert.is((await greeter.end()).status, 0);
});

test('a program hears that its daemon is gone', async () => {
  const program = startProgram(
    [
      "import { connect } from 'dagent';",
      'const client = await connect({ reconnect: false });',
      "console.log('connected');",
      'const error = await client.closed;',
      'console.log(error.code);',
      "console.log((await client.call('root:', 'node.ping').catch((late) => late)).code);",
    ],
    { DAGENT_VIA: 'db1' },
  );
  await program.sees(/connected/);
  await home.kill9('db1');
  const { status, stdout } = await program.end();
  assert.is(status, 0);
  assert.is(stdout, 'connected\nE_CONNECTION_LOST\nE_CONNECTION_LOST\n');
  await home.ok(['daemon', 'restart', 'db1']);
});

test('a program goes on serving when its daemon is killed and comes back', async () => {
  const program = startProgram(
    [
      "import { connect } from 'dagent';",
      'const onStatus = ({ kind }) => kind === "retrying" || console.log(kind);',
      'const client = await connect({ onStatus });',
      "const doc = 'Doubles a number.';",
      "await client.serve('twice', { 'n.twice': { doc, run: ([n]) => 2 * n } });",
      "const queue = await client.listen('inbox');",
      "const asked = client.request('inbox', 'NEVER').catch((error) => console.log(error.code));",
      "console.log('serving');",
      'await asked;',
      "const stored = client.send('nobody', 'N', { durable: true });",
      "stored.then(() => console.log('stored'));",
      "process.once('SIGTERM', async () => { await client.drain(); console.log('drained'); });",
      'for await (const { message } of queue) console.log(message.command);',
    ],
    { DAGENT_VIA: 'db1' },
  );
  await program.sees(/serving/);
  await home.kill9('db1');
  await program.sees(/disconnected/);
  await home.ok(['daemon', 'restart', 'db1']);
  await program.sees(/\nconnected/);
  assert.is(await home.ok(['call', 'twice', 'n.twice', '21', '--via', 'db1']), '42\n');
  await home.ok(['send', 'inbox', 'AFTER', '--via', 'db1']);
  await program.sees(/AFTER/);
  await program.sees(/stored/);
  program.signal('SIGTERM');
  const { status, stdout } = await program.end();
  assert.is(status, 0);
  // What was asked before has failed, once, and is not asked again.
  assert.is(stdout.match(/E_CONNECTION_LOST/g)?.length, 1);
  assert.is(stdout.match(/NEVER/g)?.length, 1);
  assert.match(stdout, /closed\ndrained\n$|drained\n$/);
});

test('a script without a daemon fails at once, and one that closes ends at once', async () => {
  const lines = ["import { connect } from 'dagent';", 'const client = await connect();'];
  const lone = await startProgram(lines, { DAGENT_HOME: home.file('nothing') }).end();
  assert.is(lone.status, 1);
  assert.match(lone.stderr, /E_NO_DAEMON/);
  const script = startProgram([...lines, "client.send('nobody', 'N');", 'await client.close();']);
  assert.is((await script.end()).status, 0);
});

test('arguments are JSON where they read as such, and stay in their order', async () => {
  const echo = (text: string): Promise<string> => home.ok(['call', 'web1:', 'admin.echo', text]);
  assert.is(await echo('text'), 'text\n');
  assert.is(await echo('[1,"two",null]'), '[1,"two",null]\n');
  assert.is(await echo('-5'), '-5\n');
  assert.is(await echo('{"a":true}'), '{"a":true}\n');
  const { stdout } = await home.run(['call', 'web1:', 'info.get', 'load', 'kernel', 'load']);
  assert.equal(Object.keys(JSON.parse(stdout)), ['load', 'kernel']);
});

test('every node has methods, and names what it does not have', async () => {
  const help = await home.json<Record<string, string>>(['call', 'web1:', 'admin.help']);
  for (const name of ['admin.hello()', 'node.ping()', 'exec.run(spec)', 'tree.top()']) {
    assert.ok(name in help, name);
  }
  const { status, stderr } = await home.run(['call', 'web1:', 'no.such']);
  assert.is(status, 1);
  assert.match(stderr, 'no method no.such');
  assert.match(stderr, 'list them: dagent call web1:dagent --help');
});

test('ping measures the round trip, and tells the figures of all', async () => {
  const args = ['ping', 'web1', 'root', '--count', '2', '--interval', '10ms', '--via', 'db1'];
  const lines = (await home.ok(args)).split('\n');
  assert.match(lines[0] ?? '', /^(web1|root) {2}seq 1 {2}\d+(\.\d+)?ms$/);
  assert.is(lines.filter((line) => /^web1 {2}seq [12] /.test(line)).length, 2);
  const figures =
    /^web1 {2}2 sent, 2 answered, 0% lost {2}min \S+ {2}avg \S+ {2}p95 \S+ {2}max \S+$/;
  assert.match(lines.at(-2) ?? '', figures);
});

test('ping asks several at once, and prints records with --json', async () => {
  const stdout = await home.ok(['ping', '*', '-c', '1', '--json']);
  const records = recordsOf<{ type: string; target: string; seq: number; ms: number }>(stdout);
  const replies = records.filter(({ type }) => type === 'reply');
  assert.equal(replies.map(({ target }) => target).sort(), ['db1', 'east', 'root', 'web1']);
  for (const { seq, ms } of replies) {
    assert.is(seq, 1);
    assert.ok(ms > 0 && ms < 10_000);
  }
  const figures = records.filter(({ type }) => type === 'statistics');
  assert.is(figures.length, 4);
});

test('Ctrl-C ends ping with the figures so far', async () => {
  const ping = home.start(['ping', 'web1', '--count', '1000', '--interval', '1h', '--json']);
  await ping.sees(/"reply"/);
  ping.signal('SIGINT');
  const { status, stdout } = await ping.end();
  assert.is(status, 0);
  assert.match(stdout, /"type":"statistics","target":"web1","sent":1,"received":1/);
});

test('ping of an unknown node ends with 3 and suggests, of a lost one with 5', async () => {
  const unknown = await home.run(['ping', 'wbe1', '-c', '1']);
  assert.is(unknown.status, 3);
  assert.match(unknown.stderr, /did you mean: .*web1/);
  await home.kill9('db1');
  await until('db1 is lost', async () => (await home.tree()).get('db1')?.state === 'lost');
  const lost = await home.run(['ping', 'db1', '-c', '1', '--json']);
  assert.is(lost.status, 5);
  assert.is(recordsOf(lost.stdout)[0]?.type, 'error');
});

test('ping of a node that hangs ends in time, with 124', async () => {
  const pid = await home.signal('web1', 'SIGSTOP');
  const { status, stderr } = await home.run(['ping', 'web1', '-c', '1', '--timeout', '300ms']);
  process.kill(pid, 'SIGCONT');
  assert.is(status, 124);
  assert.match(stderr, 'within 300 ms');
});

test.run();
