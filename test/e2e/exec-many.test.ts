import { writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, recordsOf } from './harness.ts';
import { until } from './poll.ts';

const test = suite('dagent exec on several nodes');
const home = new Home();

test.before(async () => {
  await home.startTree({ root: null, east: 'root', web1: 'east', web10: 'east', db1: 'root' });
});
test.after(() => home.close());

/** The nodes that a selector reaches, by what they print, sorted. */
async function reached(selector: string): Promise<string[]> {
  const stdout = await home.ok(['exec', '-n', selector, 'echo $DAGENT_TARGET']);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, label, name] = /^(\S+) +\| (\S+)$/.exec(line) ?? [];
      assert.is(label, name, line);
      return String(name);
    })
    .sort();
}

test('a target is a comma list, a glob, several of them, or all', async () => {
  assert.equal(await reached('web1,db1'), ['db1', 'web1']);
  assert.equal(await reached('web*'), ['web1', 'web10']);
  assert.equal(await reached('web?'), ['web1']);
  assert.equal(await reached('{web,db}1'), ['db1', 'web1']);
  assert.equal(await reached('db1,*1,db*'), ['db1', 'web1']);
  assert.equal(await reached('*'), ['db1', 'east', 'root', 'web1', 'web10']);
});

test('lines have the name in front, stderr another mark, and stay whole', async () => {
  const words = 'echo out; echo err >&2; printf "no end"';
  const { status, stdout, stderr } = await home.run(['exec', 'web1,web10', words]);
  assert.is(status, 0);
  assert.equal(stdout.trimEnd().split('\n').sort(), [
    'web1  | no end',
    'web1  | out',
    'web10 | no end',
    'web10 | out',
  ]);
  const lines = stderr.trimEnd().split('\n');
  assert.equal(lines.slice(0, 2).sort(), ['web1  ! err', 'web10 ! err']);
  assert.equal(lines.slice(2), ['2 targets: 2 ok']);
});

test('lines come in the order in which they arrive', async () => {
  const fifo = home.file('fifo');
  await home.shell(`mkfifo ${fifo}`);
  const wait = `case $DAGENT_TARGET in web1) read go <${fifo};; esac; echo here`;
  const program = home.start(['exec', '-n', 'web1,db1', wait]);
  await program.sees(/^db1 +\| here$/m);
  assert.not.match(program.text('stdout'), 'web1');
  writeFileSync(fifo, 'go\n');
  const { stdout } = await program.end();
  assert.is(stdout, 'db1  | here\nweb1 | here\n');
});

test('the summary on stderr names those that failed, and how', async () => {
  const words = 'case $DAGENT_TARGET in db1) exit 3;; web1) kill -9 $$;; esac';
  const { status, stdout, stderr } = await home.run(['exec', 'db1,web1,web10', words]);
  assert.is(status, 1);
  assert.is(stdout, '');
  assert.match(stderr, /^3 targets: /m);
  assert.match(stderr, /^ {2}failed +db1 +3$/m);
  assert.match(stderr, /^ {2}signaled +web1 +SIGKILL$/m);
  assert.not.match(stderr, 'web10');
});

test('each target gets all of our stdin', async () => {
  const input = 'x'.repeat(1_000_000);
  const { stdout } = await home.run(['exec', '*', 'wc', '-c'], { input });
  const counts = stdout.trimEnd().split('\n');
  assert.is(counts.length, 5);
  for (const line of counts) assert.match(line, /\| 1000000$/);
});

test('--json tells of each target from its start to its result, and sums up last', async () => {
  const words = 'echo $DAGENT_TARGET; test $DAGENT_TARGET != db1';
  const { status, stdout, stderr } = await home.run(['exec', '--json', 'db1,web1', words]);
  assert.is(status, 1);
  assert.is(stderr, '');
  const records = recordsOf(stdout);
  for (const target of ['db1', 'web1']) {
    const own = records.filter((record) => record.target === target);
    assert.equal(
      own.map(({ type, seq }) => [type, seq]),
      [
        ['start', 0],
        ['out', 1],
        ['result', 2],
      ],
    );
    assert.is(own[1]?.data, `${target}\n`);
    assert.is(own[2]?.verdict, target === 'db1' ? 'failed' : 'ok');
  }
  const summary = records.at(-1);
  assert.is(summary?.type, 'summary');
  assert.is(summary?.target, 'db1,web1');
  assert.is(summary?.targets, 2);
  assert.equal(summary?.counts, { failed: 1, ok: 1 });
  assert.equal(summary?.failed, ['db1']);
});

test('what means nothing, or is no selector, is an error before anything runs', async () => {
  const marks = home.file('marks');
  for (const [selector, wanted] of [
    ['x*,site=oslo', 3],
    ['web1 and db1', 3],
    [',', 2],
    ['web1,db[1', 2],
  ] as const) {
    const { status } = await home.run(['exec', selector, `echo ran >>${marks}`]);
    assert.is(status, wanted, selector);
  }
  assert.is((await home.shell(`test -e ${marks}`)).status, 1);
});

test('a name that nobody has is one target that is not reached; others are', async () => {
  const { status, stdout, stderr } = await home.run(['exec', 'web1,dbx1', 'echo here']);
  assert.is(status, 5);
  assert.is(stdout, 'web1 | here\n');
  assert.match(stderr, /^ {2}unreachable +dbx1 /m);
});

test('a part that no node meets is told, and the others are run', async () => {
  const { status, stdout, stderr } = await home.run(['exec', 'web1,dbx*', 'echo here']);
  assert.is(status, 0);
  assert.is(stdout, 'web1 | here\n');
  assert.match(stderr, /^dagent: no node matches dbx\*\n {2}did you mean: db1/);
});

test('--timeout ends those that are not done, and 124 wins over a failure', async () => {
  const words = 'case $DAGENT_TARGET in web1) sleep 30;; db1) exit 3;; esac';
  const args = ['exec', '--timeout', '300ms', 'web1,db1,web10', words];
  const { status, stderr, ms } = await home.run(args);
  assert.is(status, 124);
  assert.match(stderr, /^ {2}timeout +web1/m);
  assert.match(stderr, /^ {2}failed +db1 +3$/m);
  assert.ok(ms < 5_000, `it took ${ms} ms`);
});

test('who does not answer is in the summary too, and the status is 5', async () => {
  await home.kill9('web10');
  await until('web10 is lost', async () => (await home.tree()).get('web10')?.state === 'lost');
  for (const selector of ['web1,web10', 'web*']) {
    const { status, stdout, stderr } = await home.run(['exec', selector, 'echo here']);
    assert.is(status, 5);
    assert.is(stdout, 'web1  | here\n');
    assert.match(stderr, /^ {2}unreachable +web10 /m);
  }
  const { status, stderr } = await home.run(['exec', 'web10', 'true']);
  assert.is(status, 255);
  assert.match(stderr, /^dagent: web10: unreachable: /);
});

test.run();
