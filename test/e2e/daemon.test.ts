import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, isRunning, recordsOf, type Status } from './harness.ts';
import { until } from './poll.ts';

const test = suite('dagent daemon');
const home = new Home();

test.after(() => home.close());

test('start and status print one document: name, id, role, pid, parent, listen', async () => {
  const root = await home.daemon('root', ['--listen', 'cd://127.0.0.1:0']);
  assert.match(root.id, /^[0-9a-f]{16}$/);
  assert.is(root.role, 'root');
  assert.is(root.parent, null);
  assert.ok(isRunning(root.pid));
  const [socket, tcp] = root.listen;
  assert.is(socket, home.socketUrl('root'));
  assert.match(tcp ?? '', /^cd:\/\/127\.0\.0\.1:[1-9]\d+$/);
  const status = await home.status('root');
  assert.equal({ ...status, state: undefined }, { ...root, state: undefined });
  assert.is(status.state, 'running');
  const words = await home.ok(['daemon', 'status', 'root']);
  for (const each of ['root', root.id, String(root.pid), tcp ?? '']) assert.match(words, each);
});

test('the role is agent with a parent, and what was said otherwise', async () => {
  const [, url = ''] = (await home.status('root')).listen;
  const [agent, leaf] = await Promise.all([
    home.daemon('agent', ['--parent', url]),
    home.daemon('leaf', ['--parent', home.socketUrl('root'), '--role', 'leaf']),
  ]);
  assert.is(agent.role, 'agent');
  assert.is(agent.parent, 'root');
  assert.is(leaf.role, 'leaf');
  assert.is(leaf.parent, 'root');
  const nodes = await home.tree();
  assert.equal([...nodes.keys()].sort(), ['agent', 'leaf', 'root']);
});

test('a second daemon of the same name is refused, and the first one lives', async () => {
  const { status, stdout, stderr } = await home.run(['daemon', 'start', '--name', 'root']);
  const { pid } = await home.status('root');
  assert.is(status, 1);
  assert.is(stdout, '');
  assert.match(stderr, `a daemon named root is running already (pid ${pid})`);
  assert.match(stderr, 'dagent daemon stop root');
  assert.is((await home.tree()).size, 3);
});

test('ls shows the running ones nearest the root first, then those that are stopped', async () => {
  await home.ok(['daemon', 'stop', 'agent']);
  const all = await home.json<Status[]>(['daemon', 'ls', '--json']);
  assert.equal(
    all.map(({ name, state }) => `${name} ${state}`),
    ['root running', 'leaf running', 'agent stopped'],
  );
  assert.is(all[0]?.pid, (await home.status('root')).pid);
  const keys = ['name', 'id', 'role', 'pid', 'parent', 'listen', 'state'];
  for (const entry of all)
    for (const key of keys) assert.ok(key in entry, `${key} of ${entry.name}`);
  const table = await home.ok(['daemon', 'ls']);
  assert.match(table, /^NAME +ROLE +STATE +PID +PARENT +LISTEN\n/);
  assert.match(table, /^leaf +leaf +running +\d+ +root +cd:\//m);
  assert.match(table, /^agent +agent +stopped/m);
});

test('stop ends the process and takes its files away; status then exits with 3', async () => {
  const { pid } = await home.status('leaf');
  const { stderr } = await home.run(['daemon', 'stop', 'leaf']);
  assert.match(stderr, 'leaf stopped');
  assert.not(isRunning(pid));
  assert.not(existsSync(join(home.dir, 'run/leaf/daemon.sock')));
  const { status, stdout } = await home.run(['daemon', 'status', 'leaf', '--json']);
  assert.is(status, 3);
  assert.is(JSON.parse(stdout).state, 'stopped');
  const again = await home.run(['daemon', 'stop', 'leaf']);
  assert.is(again.status, 0);
  assert.match(again.stderr, 'nothing to stop');
});

test('restart starts a stopped daemon as it was last started, and a running one anew', async () => {
  const first = await home.json<Status>(['daemon', 'restart', 'leaf', '--json']);
  assert.is(first.role, 'leaf');
  assert.is(first.parent, 'root');
  const second = await home.json<Status>(['daemon', 'restart', 'leaf', '--json']);
  assert.is(second.id, first.id);
  assert.is.not(second.pid, first.pid);
  assert.not(isRunning(first.pid));
});

test('a port that is taken is the reason for the failure, and nothing is left', async () => {
  const [, url = ''] = (await home.status('root')).listen;
  const args = ['daemon', 'start', '--name', 'late', '--listen', url];
  const { status, stderr } = await home.run(args);
  assert.is(status, 1);
  assert.match(stderr, `cannot listen on ${url}: the address is in use`);
  assert.is((await home.run(['daemon', 'status', 'late'])).status, 3);
  assert.not(existsSync(join(home.dir, 'run/late/daemon.sock')));
});

test('bad options end with 2 and say what is wrong', async () => {
  const wrong: [string[], string][] = [
    [['--name', 'a b'], 'a b cannot be a name'],
    [['--role', 'root', '--parent', 'cd:/x'], 'a root has no --parent'],
    [['--role', 'leaf'], 'needs a --parent'],
    [['--parent', 'http://x'], 'not a URL'],
    [['--listen', 'cd://0.0.0.0:0'], 'not on loopback'],
    [['--hold', '1ms'], '--hold is at least'],
    [['--timeout', 'soon'], 'soon is not a duration'],
    [['--home', join(home.dir, 'x'.repeat(120))], 'use a shorter home'],
  ];
  await Promise.all(
    wrong.map(async ([args, reason]) => {
      const { status, stderr } = await home.run(['daemon', 'start', ...args]);
      assert.is(status, 2, `${args.join(' ')}: ${stderr}`);
      assert.match(stderr, reason);
    }),
  );
});

test('in the foreground it stays until SIGTERM, with log and pid file as asked for', async () => {
  const log = home.file('fore.log');
  const pidFile = home.file('fore.pid');
  const words = ['-f', '--name', 'fore', '-L', log, '-P', pidFile, '--json'];
  const program = home.start(['daemon', 'start', ...words]);
  await program.sees(/^\}$/m);
  const said = JSON.parse(program.text('stdout')) as Status;
  assert.is(said.name, 'fore');
  assert.is(said.pid, program.pid);
  assert.is(Number(readFileSync(pidFile, 'utf8')), program.pid);
  assert.is((await home.status('fore')).pid, program.pid);
  program.signal('SIGTERM');
  const { status, stderr } = await program.end();
  assert.is(status, 0);
  assert.is(stderr, '');
  assert.not(existsSync(pidFile));
  const last = recordsOf(readFileSync(log, 'utf8')).at(-1);
  assert.is(last?.msg, 'stopped');
});

test('in the foreground it logs to stderr unless said otherwise', async () => {
  const program = home.start(['daemon', 'start', '-f', '--name', 'loud']);
  await until(
    'loud is up',
    async () => (await home.run(['daemon', 'status', 'loud'])).status === 0,
  );
  program.signal('SIGINT');
  const { status, stdout, stderr } = await program.end();
  assert.is(status, 0);
  assert.is(stdout, '');
  assert.ok(recordsOf(stderr).some(({ msg }) => msg === 'stopping'));
});

test('SIGTERM drains: what runs is ended and its caller hears why', async () => {
  const words = 'echo $$ > "$1"; echo begun; sleep 60';
  const exec = home.start(['exec', 'leaf', 'sh', '-c', words, 'sh', home.file('drained.pid')]);
  await exec.sees(/begun/);
  await home.ok(['daemon', 'stop', 'leaf']);
  const { status, stderr } = await exec.end();
  assert.is(status, 130);
  assert.match(stderr, /dagent: leaf: cancelled: .*shut/);
  await home.gone('drained.pid');
  assert.not((await home.tree()).has('leaf'), 'it said goodbye, and so is no loss');
});

test('logs shows the last lines, as they are or for people, and follows', async () => {
  await home.daemon('logged', ['--role', 'leaf', '--parent', home.socketUrl('root')]);
  const records = recordsOf(await home.ok(['daemon', 'logs', 'logged', '--json']));
  assert.ok(records.some(({ msg }) => msg === 'uplink up'));
  const [line, ...more] = (await home.ok(['daemon', 'logs', 'logged', '-n', '1'])).split('\n');
  assert.equal(more, ['']);
  assert.match(line ?? '', /^\d{4}-\d\d-\d\dT\S+ info +\S/);
  const follower = home.start(['daemon', 'logs', 'root', '-f', '-n', '1']);
  await follower.sees(/\n/);
  const before = follower.text('stdout').length;
  await home.ok(['daemon', 'stop', 'logged']);
  await follower.sees(/child down +child=logged/);
  assert.ok(follower.text('stdout').length > before);
  follower.signal('SIGINT');
  assert.is((await follower.end()).status, 0);
});

test('a name that is unknown, or missing among several, is told with what to do', async () => {
  const unknown = await home.run(['daemon', 'status', 'nobody']);
  assert.is(unknown.status, 3);
  assert.match(unknown.stderr, 'no daemon named nobody');
  await home.ok(['daemon', 'restart', 'agent']);
  const ambiguous = await home.run(['daemon', 'stop']);
  assert.is(ambiguous.status, 2);
  assert.match(ambiguous.stderr, 'name one of them');
});

test('homes live side by side, and stop --all ends those of one', async () => {
  const other = new Home();
  try {
    const root = await other.daemon('root');
    assert.is((await other.tree()).size, 1);
    assert.is((await home.run(['daemon', 'status', 'root', '--home', other.dir])).status, 0);
    const { stderr } = await home.run(['daemon', 'stop', '--all']);
    assert.match(stderr, 'root stopped');
    assert.ok(isRunning(root.pid));
    const all = await home.json<Status[]>(['daemon', 'ls', '--json']);
    assert.ok(all.every(({ state }) => state === 'stopped'));
  } finally {
    await other.close();
  }
});

test('the name is that of the host, unless it is said', async () => {
  const other = new Home();
  try {
    const { name } = await other.json<Status>(['daemon', 'start', '--json']);
    assert.is(name, hostname().split('.')[0]);
    const none = await home.run(['daemon', 'status', '--home', join(home.dir, 'none')]);
    assert.is(none.status, 6);
  } finally {
    await other.close();
  }
});

test.run();
