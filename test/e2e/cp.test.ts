import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CopyHome } from './copies.ts';

const test = suite('copying files to nodes and from them');
const home = new CopyHome();
const LEAVES = ['web1', 'web2', 'db1'];
const MIB = 1_048_576;

test.before(async () => {
  await home.startNodes({ hq: null, east: 'hq', web1: 'east', web2: 'east' });
  const below = (parent: string) => ['--parent', home.socketUrl(parent)];
  await home.startNode('west', ['--role', 'agent', '--max-spool', '2Mi', ...below('hq')]);
  await home.startNode('db1', ['--role', 'leaf', ...below('west')]);
});
test.after(() => home.close());

function write(name: string, bytes: Buffer | string): string {
  writeFileSync(home.file(name), bytes);
  return home.file(name);
}

test('a file comes to a node whole, with its mode, and is not sent again', async () => {
  const bytes = randomBytes(MIB + 7);
  const file = write('app', bytes);
  chmodSync(file, 0o750);
  const first = await home.run(['cp', file, 'web1:']);
  assert.equal([first.status, first.stdout], [0, '']);
  assert.match(first.stderr, `${home.at('web1', 'app')} copied: 1.0 MiB, in `);
  assert.ok(readFileSync(home.at('web1', 'app')).equals(bytes));
  assert.is(statSync(home.at('web1', 'app')).mode & 0o777, 0o750);
  const { status, stderr } = await home.run(['cp', file, 'web1:']);
  assert.equal([status, stderr], [0, `${home.at('web1', 'app')} is unchanged\n`]);
  const [result, summary] = await home.copy(file, `web1:${home.at('web1')}/`, '--mode', '640');
  assert.equal([result?.change, result?.sentBytes], ['attributes', 0]);
  assert.equal(summary?.changes, { attributes: 1 });
  assert.is(statSync(home.at('web1', 'app')).mode & 0o777, 0o640);
});

test('each link carries each block once, however many targets are behind it', async () => {
  const size = 8 * MIB;
  const file = write('large', randomBytes(size));
  const links = [
    ...[['hq', 'east'] as const, ['hq', 'west'] as const],
    ...[['east', 'web1'] as const, ['east', 'web2'] as const, ['west', 'db1'] as const],
  ];
  const look = () => Promise.all(links.map(([node, peer]) => home.traffic(node, peer)));
  const before = await look();
  const records = await home.copy(file, 'role=leaf:');
  const after = await look();
  assert.equal(records.at(-1)?.counts, { ok: 3 });
  assert.is(records.at(-1)?.sentBytes, 3 * size);
  for (const [at, [node, peer]] of links.entries()) {
    const sentBytes = (after[at]?.sentBytes ?? 0) - (before[at]?.sentBytes ?? 0);
    assert.ok(sentBytes > size, `${node} has sent ${sentBytes} bytes to ${peer}`);
    assert.ok(sentBytes < size * 1.05, `${node} has sent ${sentBytes} bytes to ${peer}`);
    const heardBytes = (after[at]?.heardBytes ?? 0) - (before[at]?.heardBytes ?? 0);
    assert.ok(heardBytes < size * 0.05, `${node} has heard ${heardBytes} bytes from ${peer}`);
  }
  const spooledBytes = (node: string) => statSync(join(home.dir, 'data', node, 'blocks')).size;
  assert.ok(spooledBytes('east') >= size);
  assert.is(spooledBytes('west'), 2 * MIB, 'it keeps no more than it may');
  for (const node of LEAVES) {
    assert.not(existsSync(join(home.dir, 'data', node, 'blocks')), 'a leaf keeps none');
    assert.ok(readFileSync(home.at(node, 'large')).equals(readFileSync(file)));
    rmSync(home.at(node, 'large'));
  }
});

test('files are gathered into a directory for each node, or as one file', async () => {
  for (const node of LEAVES) writeFileSync(home.at(node, 'name'), `I am ${node}\n`);
  const { status, stderr } = await home.run(['cp', 'role=leaf:name', home.file('out')]);
  assert.is(status, 0, stderr);
  assert.match(stderr, /^3 targets: 3 ok\n3 copied: 29 B, in /);
  for (const node of LEAVES) {
    assert.is(readFileSync(join(home.file('out'), node, 'name'), 'utf8'), `I am ${node}\n`);
  }
  const again = await home.run(['cp', 'role=leaf:name', home.file('out')]);
  assert.match(again.stderr, '3 unchanged');
  await home.ok(['cp', 'web2:name', home.file('named')]);
  assert.is(readFileSync(home.file('named'), 'utf8'), 'I am web2\n');
  await home.ok(['cp', 'web2:/proc/version', '.'], { cwd: home.scratch });
  assert.match(readFileSync(home.file('version'), 'utf8'), 'Linux');
});

test('what is gathered stays in the directory of its node', async () => {
  mkdirSync(home.file('in'));
  symlinkSync(home.dir, join(home.file('in'), 'web1'));
  const { status, stderr } = await home.run(['cp', 'web1,web2:name', home.file('in')]);
  assert.is(status, 1);
  assert.match(stderr, 'cannot read');
  assert.not(existsSync(join(home.dir, 'name')));
});

test('a directory goes with all that is in it, and comes back', async () => {
  const tree = home.file('tree');
  mkdirSync(join(tree, 'deep', 'deeper'), { recursive: true });
  for (const name of ['a', 'deep/b', 'deep/deeper/c']) writeFileSync(join(tree, name), name);
  writeFileSync(join(tree, 'deep', 'large'), randomBytes(MIB));
  symlinkSync('a', join(tree, 'link'));
  const plain = await home.run(['cp', tree, 'web1,db1:']);
  assert.is(plain.status, 1);
  assert.match(plain.stderr, /it is a directory \(say -r\) \(E_CANNOT_READ\)/);
  const { status, stderr } = await home.run(['cp', '-r', tree, 'web1,db1:']);
  assert.is(status, 0, stderr);
  assert.match(stderr, '1 entry that is neither file nor directory left out');
  assert.is(readFileSync(home.at('db1', 'tree/deep/deeper/c'), 'utf8'), 'deep/deeper/c');
  await home.ok(['cp', '-r', 'web1,db1:tree', home.file('back')]);
  for (const node of ['web1', 'db1']) {
    const names = readdirSync(join(home.file('back'), node, 'tree'), { recursive: true });
    assert.equal(names.sort(), [
      'a',
      'deep',
      'deep/b',
      'deep/deeper',
      'deep/deeper/c',
      'deep/large',
    ]);
  }
  const records = await home.copy('-r', tree, 'web1,db1:');
  assert.equal(records.at(-1)?.changes, { unchanged: 2 });
});

test('several files go into a directory', async () => {
  const files = [write('one', '1'), write('two', '2')];
  await home.ok(['cp', ...files, 'web2:']);
  assert.ok(['one', 'two'].every((name) => existsSync(home.at('web2', name))));
});

test('each target has its verdict, and the status says what they are together', async () => {
  const file = write('small', 'small');
  mkdirSync(home.at('web2', 'small/small'), { recursive: true });
  const { status, stderr } = await home.run(['cp', file, 'web1,web2,gone:small']);
  assert.is(status, 5);
  assert.match(stderr, '3 targets: 1 unreachable, 1 ok, 1 failed');
  assert.match(stderr, /failed +web2 {2}cannot write .*small: it is a directory/);
  assert.match(stderr, 'once more where it failed: dagent cp ');
  rmSync(home.at('web2', 'small'), { recursive: true });
  const again = /failed: dagent (cp .*)\n/.exec(stderr)?.[1]?.replaceAll("'", '').split(' ');
  const second = await home.run(again ?? []);
  assert.match(second.stderr, '2 targets: 1 unreachable, 1 ok');
  const records = await home.copy(file, 'web1,web2:no/such/');
  assert.equal(records.at(-1)?.counts, { failed: 2 });
  assert.match(records[0]?.reason ?? '', 'there is no such directory');
});

test('wrong words, and targets that are not there, have their own statuses', async () => {
  const file = write('small', 'small');
  const statuses = async (...all: string[][]) =>
    Promise.all(all.map(async (args) => (await home.run(['cp', ...args])).status));
  assert.equal(
    await statuses(
      [file],
      [file, 'web1:', '--mode', '9'],
      [file, 'gone:'],
      ['gone:x', '.'],
      [home.file('missing'), 'web1:'],
      ['web1:missing', '.'],
      [file, 'web1:', '--expect-count', '2'],
      [file, '-f', home.file('missing-list'), ':'],
    ),
    [2, 2, 3, 3, 1, 1, 3, 2],
  );
});

test('targets may come from a file, or from stdin', async () => {
  const file = write('listed', 'listed');
  const list = write('hosts', 'web1\ndb1 # the database\n');
  const [first, , summary] = await home.copy(file, ':', '-f', list);
  assert.equal([first?.verdict, summary?.counts], ['ok', { ok: 2 }]);
  const { stderr } = await home.run(['cp', file, ':', '-f', '-'], { input: 'web2\n' });
  assert.match(stderr, '1 target: 1 ok');
});

test('a disk that is full is told as such, and nothing is left on it', async () => {
  if (process.getuid?.() !== 0) return;
  const disk = home.at('web1', 'disk');
  mkdirSync(disk);
  const { status } = await home.shell(`mount -t tmpfs -o size=1m tmpfs ${disk}`);
  if (status !== 0) return;
  home.atEnd(() => home.shell(`umount ${disk}`));
  const file = write('too-large', randomBytes(3 * MIB));
  const [result, summary] = await home.copy(file, `web1:${disk}/`);
  assert.equal([result?.verdict, result?.errno], ['failed', 'ENOSPC']);
  assert.match(result?.reason ?? '', 'the disk is full');
  assert.equal(summary?.counts, { failed: 1 });
  assert.equal(readdirSync(disk), []);
  await home.shell(`mount -o remount,ro ${disk}`);
  const [refused] = await home.copy(write('small', 'small'), `web1:${disk}/`);
  assert.equal([refused?.verdict, refused?.errno], ['failed', 'EROFS']);
});

test('a directory that one may not write in says so', async () => {
  // Root may write anywhere.
  if (process.getuid?.() === 0) return;
  mkdirSync(home.at('web1', 'closed'), { mode: 0o500 });
  const [result] = await home.copy(write('small', 'small'), 'web1:closed/');
  assert.equal([result?.verdict, result?.errno], ['failed', 'EACCES']);
});

test('the owner may be said, by name', async () => {
  if (process.getuid?.() !== 0) return;
  const file = write('owned', 'owned');
  await home.ok(['cp', file, 'web1:', '--owner', 'nobody']);
  assert.is.not(statSync(home.at('web1', 'owned')).uid, 0);
  const { status, stderr } = await home.run(['cp', file, 'web1:', '--owner', 'no-such-user']);
  assert.is(status, 1);
  assert.match(stderr, 'its host has no user named no-such-user');
});

test.run();
