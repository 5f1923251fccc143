import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, recordsOf } from './harness.ts';

const test = suite('how dagent exec shows the output of several nodes');
const home = new Home();

test.before(async () => {
  await home.startTree({ root: null, web1: 'root', web2: 'root', web3: 'root', db1: 'root' });
});
test.after(() => home.close());

const ODD = 'case $DAGENT_TARGET in web3) echo odd; exit 3;; *) echo same;; esac';

test('--group tells once what ended alike, the odd ones last', async () => {
  const { status, stdout, stderr } = await home.run(['exec', '--group', 'web*,db1', ODD]);
  assert.is(status, 1);
  const groups = ['---- db1,web[1-2] (3 of 4) ok', 'same', '---- web3 (1 of 4) failed 3', 'odd'];
  assert.is(stdout, `${groups.join('\n')}\n`);
  assert.match(stderr, '4 targets: 3 ok, 1 failed');
});

test('--live --group does both in one run', async () => {
  const { stdout } = await home.run(['exec', '--live', '--group', 'web*', ODD]);
  assert.match(stdout, /^web1 \| same$/m);
  assert.match(stdout, /^---- web\[1-2\] \(2 of 3\) ok\nsame\n---- web3 .*\nodd\n$/m);
});

test('--diff shows what is different from the most', async () => {
  const { stdout } = await home.run(['exec', '--diff', 'web*', ODD]);
  const change = ['--- web[1-2]', '+++ web3', '@@ -1,1 +1,1 @@', '-same', '+odd', ''];
  assert.match(stdout, `---- web3 (1 of 3) failed 3\n${change.join('\n')}`);
});

test('--mask-host makes one of what differs in the own name only', async () => {
  const args = ['--group', '--mask-host', 'web*', 'echo $DAGENT_TARGET at $(uname -n)'];
  assert.is(await home.ok(['exec', ...args]), '---- web[1-3] (3 of 3) ok\n{host} at {host}\n');
});

test('--sort prints in the order of the targets, whoever ends first', async () => {
  const words = 'case $DAGENT_TARGET in web3) ;; *) read x <$0; sleep 0.3;; esac; echo here';
  const args = ['exec', '--sort', 'web*', 'sh', '-c', words, '/dev/null'];
  assert.is(await home.ok(args), 'web1 | here\nweb2 | here\nweb3 | here\n');
});

test('--no-empty leaves out who said nothing', async () => {
  const words = 'test $DAGENT_TARGET != web2 || echo hi';
  const stdout = await home.ok(['exec', '--group', '--no-empty', 'web*', words]);
  assert.is(stdout, '---- web2 (1 of 3) ok\nhi\n');
});

test('--max-output shows the beginning and the end, and counts the rest', async () => {
  const args = ['exec', '--max-output', '20', 'web1', 'seq 1000'];
  const gap = '[... 3874 bytes are not shown ...]\n';
  assert.is(await home.ok(args), `1\n2\n3\n4\n5\n${gap}999\n1000\n`);
});

test('of very much output little is sent, and groups are told apart by all of it', async () => {
  const words = 'seq 1 9000000; test $DAGENT_TARGET != web3 || echo odd; seq 1 9000';
  const args = ['exec', '--group', '--max-output', '20', 'web*', words];
  const { stdout, ms } = await home.run(args);
  assert.match(stdout, /^---- web\[1-2\] \(2 of 3\) ok$/m);
  assert.match(stdout, /^---- web3 \(1 of 3\) ok$/m);
  assert.match(stdout, /\[\.\.\. 709327\d\d bytes are not shown/);
  assert.ok(ms < 20_000, `it took ${ms} ms`);
});

test('--log-dir has all of it in files, beside what is shown', async () => {
  const dir = home.file('logs');
  const args = ['exec', '--log-dir', dir, '--max-output', '4', '-q', 'web*', `${ODD}; seq 99`];
  const { stderr } = await home.run(args);
  assert.is(stderr, '');
  const read = (name: string): string => readFileSync(`${dir}/${name}`, 'utf8');
  assert.is(read('hosts.succeeded'), 'web1\nweb2\n');
  assert.is(read('hosts.failed'), 'web3\n');
  assert.is(read('web3.stdout'), 'odd\n');
  assert.match(read('web1.stdout'), /^same\n1\n[0-9\n]*\n99\n$/);
});

test('--group --json ends with a record for each group, and the summary', async () => {
  const { stdout } = await home.run(['exec', '--json', '--group', 'web*', ODD]);
  const records = recordsOf(stdout);
  const types = records.map(({ type }) => type);
  assert.equal(types.slice(-3), ['group', 'group', 'summary']);
  assert.not(types.includes('out'));
  assert.is(records.at(-3)?.targets, 'web[1-2]');
});

test.run();
