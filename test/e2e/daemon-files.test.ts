import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, type Status } from './harness.ts';

const test = suite('what a daemon leaves, and finds');
const home = new Home();

test.before(async () => {
  await home.daemon('root', ['--listen', 'cd://127.0.0.1:0']);
});
test.after(() => home.close());

/** What several daemons answered that were started at the same time with one name. */
async function startAtOnce(name: string, count: number): Promise<(number | null)[]> {
  const starts = Array.from({ length: count }, () => home.run(['daemon', 'start', '--name', name]));
  const ended = await Promise.all(starts);
  return ended.map(({ status }) => status).sort();
}

test('restart works after a kill -9, on the same port and with the same id', async () => {
  const [, url = ''] = (await home.status('root')).listen;
  await home.daemon('crashed', ['--role', 'leaf', '--parent', url, '--listen', 'cd://127.0.0.1:0']);
  await home.kill9('crashed');
  const left = readdirSync(join(home.dir, 'run/crashed'));
  assert.ok(left.includes('daemon.sock') && left.includes('daemon.pid'), 'both are stale');
  assert.is((await home.run(['daemon', 'status', 'crashed'])).status, 3);
  const status = await home.json<Status>(['daemon', 'restart', 'crashed', '--json']);
  assert.is(status.parent, 'root');
  assert.is(status.listen.length, 2);
  assert.is(await home.ok(['exec', 'crashed', 'echo', 'back']), 'back\n');
});

test('what a dead daemon left is no obstacle to start, whatever its lock says', async () => {
  const pidFile = join(home.dir, 'run/crashed/daemon.pid');
  // A pid is used again: here by this test. Or the machine died before the pid was written.
  for (const left of [`${process.pid} 1\n`, '', 'nonsense\n']) {
    await home.kill9('crashed');
    rmSync(pidFile);
    writeFileSync(pidFile, left);
    await home.json<Status>(['daemon', 'restart', 'crashed', '--json']);
  }
});

test('of several that are started at once with one name, one comes up', async () => {
  assert.equal(await startAtOnce('single', 4), [0, 1, 1, 1]);
  await home.kill9('single');
  assert.equal(await startAtOnce('single', 4), [0, 1, 1, 1]);
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
  const all = await home.json<Status[]>(['daemon', 'ls', '--json']);
  const broken = all.find(({ name }) => name === 'broken');
  assert.equal([broken?.state, broken?.pid], ['broken', null]);
  assert.match(await home.ok(['daemon', 'ls']), /^broken +- +broken/m);
  rmSync(join(home.dir, 'data/broken'), { recursive: true });
});

test.run();
