import { totalmem } from 'node:os';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, recordsOf } from './harness.ts';
import { until } from './poll.ts';

const test = suite('dagent --where');
const home = new Home();
const HELD = `memory.total>${Math.floor(totalmem() / 2)} and kernel.name=Linux`;
const NOT_HELD = `memory.total>${totalmem() * 2}`;

test.before(async () => {
  await home.startTree({ root: null, web1: 'root', web2: 'root' });
});
test.after(() => home.close());

test('every command that takes targets takes those whose facts are so', async () => {
  const lines: readonly (readonly [readonly string[], RegExp])[] = [
    [['targets', 'web*'], /^web1\nweb2\n$/],
    [['info', 'web*', 'load', '--json'], /"node":"web[12]"/],
    [['ping', 'web*', '-c', '1'], /web2/],
    [['call', 'web*:', 'node.ping'], /"target":"web2"/],
    [['tree'], /web1/],
    [['job', 'ls'], /^$/],
    [['services', 'web*', '--json'], /^\[\]\n$/],
    [['sniff', '--node', 'web*', '--for', '100ms', '--json'], /summary/],
  ];
  for (const [command, expected] of lines) {
    assert.match(await home.ok([...command, '--where', HELD]), expected);
  }
  const run = await home.ok(['exec', '--json', '--where', HELD, 'web*', 'true']);
  assert.match(run, /"counts":\{"ok":2\}/);
  for (const command of [
    ['targets', '*'],
    ['exec', '*', 'true'],
  ]) {
    const none = await home.run([command[0] ?? '', '--where', NOT_HELD, ...command.slice(1)]);
    assert.is(none.status, 3);
    assert.is(none.stdout, '');
  }
});

test('it is asked before the limit is drawn, and joined with the selector', async () => {
  const one = await home.ok(['targets', '*', '--where', HELD, '--limit', '1']);
  assert.is(one.trim().split('\n').length, 1);
  assert.is(await home.ok(['targets', 'web*', '-x', 'web2', '--where', HELD]), 'web1\n');
  assert.is(await home.ok(['targets', 'web1', '--where', HELD]), 'web1\n');
});

test('a condition that makes no sense ends with 2 and its place', async () => {
  for (const condition of ['memory.total>', 'mem.total>1', 'os=', '']) {
    const { status, stdout, stderr } = await home.run(['exec', '--where', condition, '*', 'true']);
    assert.is(status, 2, condition);
    assert.is(stdout, '');
    assert.match(stderr, /E_WHERE/);
    assert.match(stderr, /\^/);
  }
});

test('a field that hosts do not have is told, and they do not match', async () => {
  const { status, stderr } = await home.run(['targets', '*', '--where', 'os.versionID>1']);
  assert.is(status, 3);
  assert.match(stderr, 'root,web[1-2]: os.versionID: there is no such field');
  assert.match(stderr, 'did you mean os.versionId?');
});

interface Result {
  readonly type: string;
  readonly target: string;
  readonly verdict: string;
}

/** The verdicts of a run with --json, by target. */
function verdictsOf(stdout: string): Record<string, string> {
  const results = recordsOf<Result>(stdout).filter(({ type }) => type === 'result');
  return Object.fromEntries(results.map(({ target, verdict }) => [target, verdict]));
}

test('a node that does not say in time whether it is meant has a verdict of its own', async () => {
  const pid = (await home.status('web2')).pid;
  process.kill(pid, 'SIGSTOP');
  try {
    const argv = ['exec', '--json', '--connect-timeout', '500ms', '--where', HELD, 'web*', 'true'];
    const { status, stdout, stderr } = await home.run(argv);
    assert.equal(verdictsOf(stdout), { web1: 'ok', web2: 'no-reply' });
    assert.is(status, 5);
    assert.match(stderr, '--where: web2 could not be asked: no reply within 500 ms');
    const alone = await home.run(['exec', ...argv.slice(1, -2), 'web2', 'true']);
    assert.equal([alone.status, verdictsOf(alone.stdout)], [5, { web2: 'no-reply' }]);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});

test('a node that cannot be asked is no target that is ok', async () => {
  await home.kill9('web2');
  await until('web2 is lost', async () => (await home.tree()).get('web2')?.state === 'lost');
  const { status, stdout, stderr } = await home.run([
    'exec',
    '--json',
    '--where',
    HELD,
    'web*',
    'true',
  ]);
  assert.equal(verdictsOf(stdout), { web1: 'ok', web2: 'unreachable' });
  assert.is(status, 5);
  assert.match(stderr, /--where: web2 could not be asked: cannot be reached/);
  const others = await home.run(['targets', '--where', HELD, 'web*']);
  assert.equal([others.status, others.stdout], [5, 'web1\n']);
  const none = await home.run(['targets', '--where', HELD, 'web2']);
  assert.equal([none.status, none.stdout], [5, '']);
  assert.match(none.stderr, /E_NOT_JUDGED/);
});

test.run();
