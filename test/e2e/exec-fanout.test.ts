import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, recordsOf } from './harness.ts';
import { Terminal } from './terminal.ts';

const test = suite('how dagent exec goes about many, and how it ends');
const home = new Home();

test.before(async () => {
  await home.startTree({ root: null, web1: 'root', web2: 'root', web3: 'root', web4: 'root' });
});
test.after(() => home.close());

test('--canary stops the rest when the first one fails, with 7', async () => {
  const words = 'test $DAGENT_TARGET != web1';
  const { status, stderr } = await home.run(['exec', '--canary', '1', 'web*', words]);
  assert.is(status, 7);
  assert.match(stderr, '4 targets: 1 failed, 3 skipped');
  assert.match(stderr, /^ {2}skipped +web\[2-4\] {2}the canary failed$/m);
});

test('--batch goes on with the next ones when all of these have ended', async () => {
  const file = home.file('order');
  const words = `echo $DAGENT_RANK >> ${file}`;
  await home.ok(['exec', '--batch', '1', '--pause', '10ms', 'web*', words]);
  assert.is(readFileSync(file, 'utf8'), '0\n1\n2\n3\n');
});

test('--max-fail bears so many, and stops at one more', async () => {
  const borne = await home.run(['exec', '--batch', '50%', '--max-fail', '2', 'web*', 'exit 3']);
  assert.is(borne.status, 1);
  assert.match(borne.stderr, '4 targets: 4 failed');
  const stopped = await home.run(['exec', '--fanout', '1', '--max-fail', '0', 'web*', 'exit 3']);
  assert.is(stopped.status, 7);
  assert.match(stopped.stderr, '4 targets: 1 failed, 3 skipped');
});

test('in batches each gets all of stdin as well, and --stdin=first gives it to one', async () => {
  const input = 'x'.repeat(100_000);
  const all = await home.run(['exec', '--sort', '--batch', '2', 'web*', 'wc -c'], { input });
  assert.equal(all.stdout.match(/\d+$/gm), Array(4).fill('100000'));
  const args = ['exec', '--sort', '--stdin', 'first', 'web*', 'wc -c'];
  const { stdout } = await home.run(args, { input });
  assert.equal(stdout.match(/\d+$/gm), ['100000', '0', '0', '0']);
});

test('--expect-count starts nothing where others match', async () => {
  const words = `echo x >> ${home.file('never')}`;
  const { status, stderr } = await home.run(['exec', '--expect-count', '5', 'web*', words]);
  assert.is(status, 3);
  assert.match(stderr, '4 targets match, and 5 are expected (E_TARGET_COUNT)');
  assert.throws(() => readFileSync(home.file('never')), /ENOENT/);
  assert.is((await home.run(['exec', '--expect-count', '4', 'web*', 'true'])).status, 0);
});

test('--dry-run tells what would run, and --plan runs exactly that', async () => {
  const file = home.file('planned');
  const words = `echo $WHAT $DAGENT_TARGET >> ${file}`;
  const args = ['exec', '--dry-run', '-e', 'WHAT=ran', '--fanout', '1', 'web[1-2]', words];
  const stdout = await home.ok(args);
  assert.match(stdout, /^2 targets: web\[1-2\]\n {2}root > web\[1-2\]\ncommand: sh -c /);
  assert.throws(() => readFileSync(file), /ENOENT/);
  const [, id = ''] = /dagent exec --plan (\w+)\n$/.exec(stdout) ?? [];
  await home.ok(['exec', '-q', '--plan', id]);
  assert.is(readFileSync(file, 'utf8'), 'ran web1\nran web2\n');
  const other = await home.run(['exec', '--plan', id, '-t', '1s']);
  assert.is(other.status, 2);
  assert.match(other.stderr, 'leave out --timeout');
  assert.is((await home.run(['exec', '--plan', '0123456789abcdef'])).status, 3);
});

test('--dry-run tells umask in octal, as it is typed', async () => {
  const words = ['exec', '--dry-run', '--umask', '027', 'web1', 'true'];
  assert.match(await home.ok(words), /^settings: --umask 027$/m);
  const { command } = JSON.parse(await home.ok(['exec', '--json', ...words.slice(1)])) as {
    readonly command: object;
  };
  assert.equal(command, { argv: ['sh', '-c', 'true'], umask: '027' });
});

test('for many it must be said that they are meant', async () => {
  const many = await home.run(['exec', 'n[1-101]', 'true']);
  assert.is(many.status, 2);
  assert.match(many.stderr, '--yes, or --expect-count 101');
  const sure = await home.run(['exec', '-q', '-y', 'n[1-101]', 'true']);
  assert.is(sure.status, 5);
});

test('at the question before many Ctrl-C ends with 130, and Ctrl-D declines', async () => {
  for (const [key, status, code] of [
    ['C-c', 130, 'E_INTERRUPTED'],
    ['C-d', 1, 'E_DECLINED'],
  ] as const) {
    const line = `dagent exec 'n[1-101]' true`;
    const terminal = await Terminal.open(home, key, line);
    await terminal.sees(/type their number to go on:/);
    await terminal.press(key);
    assert.is(await terminal.end(), status);
    const screen = await terminal.sees(new RegExp(code));
    assert.not.match(screen, 'internal error');
  }
});

test('without a number of targets a batch is refused, as are pauses without batches', async () => {
  for (const flags of [
    ['--batch', '0'],
    ['--batch', '0%'],
    ['--canary', '0'],
    ['--pause', '1s'],
  ]) {
    const { status, stderr } = await home.run(['exec', ...flags, 'web*', 'true']);
    assert.is(status, 2, flags.join(' '));
    assert.match(stderr, 'E_USAGE');
  }
});

test('a timeout says which it was and how long it ran, and --grace bounds its end', async () => {
  const words = 'trap "" TERM; sleep 60 & sleep 60; sleep 60';
  const args = ['exec', '-t', '300ms', '--grace', '200ms', 'web1', words];
  const { status, stderr, ms } = await home.run(args);
  assert.is(status, 124);
  assert.match(stderr, /^dagent: web1: timeout: --timeout after \d+ms, SIGKILL, \d processes$/m);
  assert.ok(ms < 4_000, `it took ${ms} ms`);
});

test('--overall bounds all of it: those that run, and those that never did', async () => {
  const args = ['exec', '--overall', '600ms', '--fanout', '2', '--json', 'web*', 'sleep 60'];
  const { status, stdout } = await home.run(args);
  assert.is(status, 124);
  const results = recordsOf(stdout).filter(({ type }) => type === 'result');
  assert.is(results.length, 4);
  for (const { verdict, limit } of results) assert.equal([verdict, limit], ['timeout', 'overall']);
});

test('--connect-timeout gives up a node that does not say that it has the command', async () => {
  await home.signal('web4', 'SIGSTOP');
  try {
    const { status, stderr, ms } = await home.run([
      ...['exec', '--connect-timeout', '500ms', 'web4', 'true'],
    ]);
    assert.is(status, 124);
    assert.match(stderr, 'web4: timeout: --connect-timeout after 5');
    assert.ok(ms < 4_000, `it took ${ms} ms`);
  } finally {
    await home.signal('web4', 'SIGCONT');
  }
});

test('--exit chooses how the verdicts become our status', async () => {
  const words = 'exit $DAGENT_RANK';
  const modes = ['auto 1', 'max 3', 'any 1', 'passthrough 1', 'zero 0'];
  for (const [mode = '', status] of modes.map((each) => each.split(' '))) {
    assert.is(
      (await home.run(['exec', '--exit', mode, 'web*', words])).status,
      Number(status),
      mode,
    );
  }
  assert.is((await home.run(['exec', '--exit', 'passthrough', 'web*', 'exit 9'])).status, 9);
});

test('who reads no further ends it quietly', async () => {
  const line = 'dagent exec "web*" "yes; echo" | head -n 3 | wc -l';
  const { stdout, stderr } = await home.shell(line);
  assert.is(stdout.trim(), '3');
  assert.is(stderr, '');
});

test('on a terminal a line says how far it is, and Enter asks for it', async () => {
  const line = 'dagent exec "web*" "test $DAGENT_RANK != 0 || sleep 7"; echo over';
  const terminal = await Terminal.open(home, 'progress', line.replaceAll('$', '\\$'));
  await terminal.sees(/^3\/4 ok {2}1 running {2}slowest web1 00:0\d/m);
  await terminal.press('Enter');
  await terminal.sees(/3\/4 ok.*\n+3\/4 ok/);
  await terminal.sees(/waiting for web1/);
  const screen = await terminal.sees(/4 targets: 4 ok/);
  assert.not.match(screen, /waiting/);
});

test.run();
