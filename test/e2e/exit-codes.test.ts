import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home } from './harness.ts';

const test = suite('exit codes, as docs/EXIT-CODES.md has them');
const home = new Home();

test.before(async () => {
  await home.startTree({ root: null, web1: 'root', web2: 'root', web3: 'root' });
});
test.after(() => home.close());

/** What is typed behind `dagent`, and the status that it ends with. */
type Row = readonly [status: number, ...words: string[]];

/** Runs all of them, four at a time, and says which end otherwise. */
async function check(rows: readonly Row[]): Promise<void> {
  const wrong: string[] = [];
  const left = [...rows];
  const work = async (): Promise<void> => {
    for (let row = left.shift(); row !== undefined; row = left.shift()) {
      const [wanted, ...words] = row;
      const { status, stderr } = await home.run(words);
      if (status !== wanted) wrong.push(`${words.join(' ')}: ${status}, not ${wanted}\n${stderr}`);
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  assert.equal(wrong, []);
}

const LATE = ['-t', '300ms', '--grace', '100ms'];

test('one target that is named in full', () =>
  check([
    [0, 'exec', 'web1', 'true'],
    [1, 'exec', 'web1', 'false'],
    [42, 'exec', 'web1', 'exit 42'],
    [2, 'exec', 'web1'],
    [2, 'exec', '--no-such-flag', 'web1', 'true'],
    [3, 'exec', 'nobody', 'true'],
    [6, 'exec', '--via', 'nobody', 'web1', 'true'],
    [124, 'exec', ...LATE, 'web1', 'sleep 60'],
    [125, 'exec', '--cwd', '/no/such/directory', 'web1', 'true'],
    [126, 'exec', 'web1', '/etc/passwd', 'x'],
    [127, 'exec', 'web1', 'no-such-program', 'x'],
    [137, 'exec', 'web1', 'kill -KILL $$'],
    [143, 'exec', 'web1', 'kill -TERM $$'],
  ]));

test('several targets', () =>
  check([
    [0, 'exec', 'web*', 'true'],
    [1, 'exec', 'web*', 'test $DAGENT_RANK != 1'],
    [1, 'exec', 'web*', 'kill -KILL $$'],
    [1, 'exec', 'web*', 'no-such-program', 'x'],
    [3, 'exec', 'db*', 'true'],
    [3, 'exec', '--expect-count', '4', 'web*', 'true'],
    [5, 'exec', 'web1,nobody', 'true'],
    [7, 'exec', '--canary', '1', 'web*', 'false'],
    [7, 'exec', '--fanout', '1', '--max-fail', '0', 'web*', 'false'],
    [124, 'exec', ...LATE, 'web*', 'sleep 60'],
    [124, 'exec', '--overall', '300ms', '--grace', '100ms', 'web*', 'sleep 60'],
    [0, 'exec', '--exit', 'zero', 'web*', 'false'],
    [0, 'exec', '--exit', 'reached', 'web1,nobody', 'true'],
    [1, 'exec', '--exit', 'reached', 'web1,nobody', 'false'],
    [5, 'exec', '--exit', 'reached', 'nobody,noone', 'true'],
    [3, 'exec', '--exit', 'max', 'web*', 'exit $((DAGENT_RANK + 1))'],
  ]));

test('where several apply the first of 7, 124, 5, 1 wins', () =>
  check([
    [5, 'exec', 'web1,nobody', 'false'],
    [124, 'exec', ...LATE, 'web*', 'test $DAGENT_RANK = 1 || sleep 60'],
    [124, 'exec', ...LATE, 'web1,nobody', 'sleep 60'],
    [7, 'exec', ...LATE, '--canary', '1', 'web*', 'sleep 60'],
    [7, 'exec', '--canary', '1', 'nobody,web1', 'true'],
  ]));

test('interrupted: 130, or by which signal, also where others were skipped', async () => {
  const ends: [NodeJS.Signals, number][] = [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ];
  await Promise.all(
    ends.map(async ([signal, status]) => {
      const program = home.start(['exec', '--fanout', '1', 'web*', 'echo begun; sleep 60']);
      await program.sees(/begun/);
      program.signal(signal);
      const ended = await program.end();
      assert.is(ended.status, status, ended.stderr);
      assert.match(ended.stderr, '3 targets: 1 cancelled, 2 skipped');
    }),
  );
});

test('nobody reads on: 141, and not a word', async () => {
  const line = '{ dagent exec web1 yes; echo $? >&3; } 3>&2 | head -n 1';
  const { stdout, stderr } = await home.shell(line);
  assert.equal([stdout, stderr], ['y\n', '141\n']);
});

test('about jobs: what nobody has is 3, and what is no id is 2', () =>
  check([
    [3, 'job', 'show', '0123456789abcdef0123'],
    [3, 'job', 'show', '0123456789abcdef0123', '--on', 'nobody'],
    [3, 'job', 'ls', 'nobody'],
    [2, 'job', 'ls', '0123456789abcdef0123'],
    [2, 'job', 'show', 'web1'],
    [2, 'exec', '--async', '--group', 'web1', 'true'],
  ]));

test('cancelling a job that had ended says so, and is no failure', async () => {
  const id = (await home.ok(['exec', '--async', 'web1', 'exit 4'])).trim();
  assert.is((await home.run(['job', 'wait', id])).status, 4);
  const { status, stderr } = await home.run(['job', 'cancel', id]);
  assert.is(status, 0);
  assert.match(stderr, /^dagent: it had ended before on web1\n1 target: 1 failed$/m);
});

test('a job that could not be started is told at once, and known by its id', async () => {
  const { status, stdout, stderr } = await home.run(['exec', '--async', 'web1', 'nosuch', 'x']);
  assert.is(status, 127);
  assert.is(stderr, 'dagent: web1: not-started: no such program: nosuch\n');
  const known = await home.run(['job', 'wait', stdout.trim()]);
  assert.equal([known.status, known.stderr], [127, stderr]);
  const many = await home.run(['exec', '--async', 'web1,nobody', 'sleep 60']);
  assert.is(many.status, 5);
  assert.match(many.stderr, /^2 targets: 1 unreachable, 1 begun$/m);
  const cancelled = await home.run(['job', 'cancel', many.stdout.trim()]);
  assert.is(cancelled.status, 5);
  assert.match(cancelled.stderr, /^2 targets: 1 unreachable, 1 cancelled$/m);
});

test('another realm is not permitted: 4', async () => {
  const { status } = await home.run([
    ...['daemon', 'start', '--name', 'stranger', '--realm', 'other'],
    ...['--parent', home.socketUrl('root')],
  ]);
  assert.is(status, 4);
});

test('the way there broke: 255 of one, 5 among several', async () => {
  const words = 'echo begun; sleep 60';
  const one = home.start(['exec', 'web3', words]);
  const many = home.start(['exec', 'web3,web2', 'test $DAGENT_TARGET = web2 || sleep 60']);
  await one.sees(/begun/);
  await home.kill9('web3');
  const statuses = [(await one.end()).status, (await many.end()).status];
  assert.equal(statuses, [255, 5]);
});

test.run();
