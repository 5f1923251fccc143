import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, isRunning, recordsOf, type Status } from './harness.ts';
import { until } from './poll.ts';

const test = suite('dagent daemon');
const home = new Home();

test.after(() => home.close());

/** What several daemons answered that were started at the same time with one name. */
async function startAtOnce(name: string, count: number): Promise<(number | null)[]> {
  const starts = Array.from({ length: count }, () => home.run(['daemon', 'start', '--name', name]));
  const ended = await Promise.all(starts);
  return ended.map(({ status }) => status).sort();
}

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

test('restart works after a kill -9, on the same port and with the same id', async () => {
  const [, url = ''] = (await home.status('root')).listen;
  await home.daemon('crashed', ['--role', 'leaf', '--parent', url, '--listen', 'cd://127.0.0.1:0']);
  await home.kill9('crashed');
  assert.ok(existsSync(join(home.dir, 'run/crashed/daemon.sock')), 'a stale socket');
  assert.ok(existsSync(join(home.dir, 'run/crashed/daemon.pid')), 'a stale pid file');
  assert.is((await home.run(['daemon', 'status', 'crashed'])).status, 3);
  const status = await home.json<Status>(['daemon', 'restart', 'crashed', '--json']);
  assert.is(status.parent, 'root');
  assert.is(status.listen.length, 2);
  assert.is(await home.ok(['exec', 'crashed', 'echo', 'back']), 'back\n');
});

test('what a dead daemon left is no obstacle to start, whatever is in its pid file', async () => {
  const pidFile = join(home.dir, 'run/crashed/daemon.pid');
  // A pid is used again: here by this test. Or the machine died before the pid was written.
  for (const left of [`${process.pid} 1\n`, '', 'nonsense\n']) {
    await home.kill9('crashed');
    writeFileSync(pidFile, left);
    await home.json<Status>(['daemon', 'restart', 'crashed', '--json']);
  }
});

test('of several that are started at once with one name, one comes up', async () => {
  assert.equal(await startAtOnce('single', 4), [0, 1, 1, 1]);
  await home.kill9('single');
  assert.equal(await startAtOnce('single', 4), [0, 1, 1, 1]);
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

test('a file that cannot be written is the reason, in the foreground as well', async () => {
  const [taken, missing] = [home.file('taken'), home.file('missing/file')];
  writeFileSync(taken, '');
  const wrong: [string[], string][] = [
    [['--home', taken], 'there is a file where a directory should be'],
    [['-L', missing], `cannot write ${missing}: there is no such directory`],
    [['-P', missing], `cannot write ${missing}: there is no such directory`],
    [['-L', home.scratch], 'it is a directory'],
  ];
  for (const mode of [[], ['-f']]) {
    for (const [args, reason] of wrong) {
      const ended = await home.run(['daemon', 'start', '--name', 'bad', ...mode, ...args]);
      assert.is(ended.status, 1, ended.stderr);
      assert.match(ended.stderr, reason);
      assert.not.match(ended.stderr, /\bat .*:\d+:\d+/);
    }
  }
});

test('files are where the one who started it named them, and stay when another fails', async () => {
  const words = ['daemon', 'start', '--name', 'near', '-L', 'near.log', '-P', 'near.pid'];
  const status = JSON.parse(await home.ok([...words, '--json'], { cwd: home.scratch })) as Status;
  assert.is(Number(readFileSync(home.file('near.pid'), 'utf8')), status.pid);
  assert.match(readFileSync(home.file('near.log'), 'utf8'), '"started"');
  const socket = home.socketUrl('near');
  const late = ['daemon', 'start', '--name', 'late', '-P', home.file('near.pid')];
  assert.is((await home.run([...late, '--listen', socket])).status, 1);
  assert.ok(existsSync(home.file('near.pid')));
  await home.ok(['daemon', 'stop', 'near']);
  assert.not(existsSync(home.file('near.pid')));
});

test('a home holds everything: nothing is written to the usual places', async () => {
  const elsewhere = home.file('elsewhere');
  mkdirSync(elsewhere);
  const env = { HOME: elsewhere, XDG_STATE_HOME: elsewhere, XDG_RUNTIME_DIR: elsewhere };
  await home.ok(['daemon', 'start', '--name', 'tidy'], { env });
  await home.ok(['exec', '--via', 'tidy', 'tidy', 'true'], { env });
  await home.ok(['daemon', 'stop', 'tidy'], { env });
  assert.equal(readdirSync(elsewhere), []);
});

test('another socket that a dead daemon left is no obstacle either', async () => {
  const url = `cd:${home.file('extra.sock')}`;
  await home.daemon('extra', ['--listen', url]);
  assert.match(await home.ok(['tree', '--via', url]), 'extra');
  await home.kill9('extra');
  await home.ok(['daemon', 'restart', 'extra']);
  assert.match(await home.ok(['tree', '--via', url]), 'extra');
  const { status, stderr } = await home.run(['daemon', 'start', '--name', 'late', '--listen', url]);
  assert.is(status, 1);
  assert.match(stderr, 'in use');
  assert.match(await home.ok(['tree', '--via', url]), 'extra');
  await home.ok(['daemon', 'stop', 'extra']);
});

test('a node that forgot who it is says so, and its file is left to be mended', async () => {
  await home.daemon('broken');
  await home.ok(['daemon', 'stop', 'broken']);
  const config = join(home.dir, 'data/broken/node.json');
  writeFileSync(config, '{');
  for (const verb of [
    ['restart', 'broken'],
    ['start', '--name', 'broken'],
  ]) {
    const { status, stderr } = await home.run(['daemon', ...verb]);
    assert.is(status, 1);
    assert.match(stderr, `cannot read ${config}`);
  }
  assert.is(readFileSync(config, 'utf8'), '{');
  assert.is((await home.run(['daemon', 'ls'])).status, 0);
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
  const records = recordsOf(await home.ok(['daemon', 'logs', 'crashed', '--json']));
  assert.ok(records.some(({ msg }) => msg === 'uplink up'));
  const [line, ...more] = (await home.ok(['daemon', 'logs', 'crashed', '-n', '1'])).split('\n');
  assert.equal(more, ['']);
  assert.match(line ?? '', /^\d{4}-\d\d-\d\dT\S+ info +\S/);
  const follower = home.start(['daemon', 'logs', 'root', '-f', '-n', '1']);
  await follower.sees(/\n/);
  const before = follower.text('stdout').length;
  await home.ok(['daemon', 'stop', 'crashed']);
  await follower.sees(/child down +child=crashed/);
  assert.ok(follower.text('stdout').length > before);
  follower.signal('SIGINT');
  assert.is((await follower.end()).status, 0);
});

test('a name that is unknown, or missing among several, is told with what to do', async () => {
  const unknown = await home.run(['daemon', 'status', 'nobody']);
  assert.is(unknown.status, 3);
  assert.match(unknown.stderr, 'no daemon named nobody');
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
