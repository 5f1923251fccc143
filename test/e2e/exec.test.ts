import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, recordsOf } from './harness.ts';

const test = suite('dagent exec on one node');
const home = new Home();

test.before(async () => {
  await home.startTree({ root: null, east: 'root', web1: 'east' });
});
test.after(() => home.close());

/** A record of `exec --json`. */
interface ExecRecord {
  readonly type: string;
  readonly target: string;
  readonly data?: string;
  readonly enc?: string;
  readonly verdict?: string;
  readonly code?: number;
  readonly signal?: string;
  readonly ms?: number;
}

test('several words are an argument list, which no shell looks at', async () => {
  const words = ['a b', '$HOME', '*', '', "it's", 'a b', '--', '-n', ';', '--json'];
  const { stdout } = await home.run(['exec', 'web1', 'printf', '[%s]', ...words]);
  assert.is(stdout, words.map((word) => `[${word}]`).join(''));
});

test('an argument list may be long, and one that is too long is refused', async () => {
  const words = Array.from({ length: 20_000 }, (_, index) => String(index));
  const { stdout, ms } = await home.run(['exec', 'web1', 'echo', ...words]);
  assert.is(stdout, `${words.join(' ')}\n`);
  assert.ok(ms < 5_000, `it took ${ms} ms`);
  const { status, stderr } = await home.run(['exec', 'web1', 'echo', ...words, ...words, ...words]);
  assert.is(status, 125);
  assert.match(stderr, 'at most 262144 are allowed');
});

test('the target may come after a --, as may the command', async () => {
  for (const words of [
    ['--', 'web1', 'echo', 'a', 'b'],
    ['web1', '--', 'echo', 'a', 'b'],
    ['-n', '--', 'web1', 'echo', 'a', 'b'],
  ]) {
    assert.is(await home.ok(['exec', ...words]), 'a b\n');
  }
});

test('one word goes to sh -c', async () => {
  const stdout = await home.ok(['exec', 'web1', 'x=1; echo $x-$((x+1)) | tr - +']);
  assert.is(stdout, '1+2\n');
});

test('flags are ours up to the command, and its own from there on', async () => {
  const before = await home.ok(['exec', '--timeout', '9s', 'web1', 'echo', '--timeout', '-n']);
  assert.is(before, '--timeout -n\n');
  const behind = await home.ok(['exec', 'web1', '--timeout', '9s', 'printf', '%s', '--help']);
  assert.is(behind, '--help');
  const unknown = await home.run(['exec', '--tiemout', '9s', 'web1', 'true']);
  assert.is(unknown.status, 2);
  assert.match(unknown.stderr, '--tiemout');
});

test('stdout goes to stdout and stderr to stderr, byte for byte', async () => {
  const bytes = randomBytes(300_000);
  writeFileSync(home.file('bytes'), bytes);
  const words = ['cat "$1"; cat "$1" >&2', 'sh', home.file('bytes')];
  const { stdoutBytes, stderr, status } = await home.run(['exec', 'web1', 'sh', '-c', ...words]);
  assert.is(status, 0);
  assert.ok(stdoutBytes.equals(bytes));
  assert.is(stderr, bytes.toString('utf8'));
});

test('its exit status is ours', async () => {
  const wanted: [string[], number][] = [
    [['true'], 0],
    [['exit 7'], 7],
    [['exit 255'], 255],
    [['kill -TERM $$'], 143],
    [['kill -KILL $$'], 137],
    [['no-such-program', 'x'], 127],
    [['/etc/passwd', 'x'], 126],
    [['no-such-program'], 127],
  ];
  await Promise.all(
    wanted.map(async ([command, status]) => {
      const ended = await home.run(['exec', 'web1', ...command]);
      assert.is(ended.status, status, `${command.join(' ')}: ${ended.stderr}`);
    }),
  );
  const missing = await home.run(['exec', 'web1', 'no-such-program', 'x']);
  assert.is(missing.stderr, 'dagent: web1: not-started: no such program: no-such-program\n');
});

test('output appears while it runs, and stdin is passed on as it comes', async () => {
  const words = 'echo first; read line; echo "second $line"; cat';
  const program = home.start(['exec', 'web1', words], { isStdinOpen: true });
  await program.sees(/first\n/);
  program.stdin.write('one\n');
  await program.sees(/second one\n/);
  program.stdin.end('two\n');
  const { status, stdout } = await program.end();
  assert.is(status, 0);
  assert.is(stdout, 'first\nsecond one\ntwo\n');
});

test('stdin arrives as it is, with its end', async () => {
  const input = randomBytes(1_000_000);
  const { stdout } = await home.run(['exec', 'web1', 'sha256sum'], { input });
  assert.is(stdout.slice(0, 64), createHash('sha256').update(input).digest('hex'));
  assert.is(await home.ok(['exec', 'web1', 'cat'], { input: '' }), '');
});

test('with -n the command has no stdin, and ours stays unread', async () => {
  const { stdout } = await home.shell('printf "a\\nb\\n" | (dagent exec -n web1 wc -c; cat)');
  assert.equal(stdout.split(/\s+/), ['0', 'a', 'b', '']);
});

test('a command that does not read its stdin ends at once', async () => {
  const program = home.start(['exec', 'web1', 'echo', 'done'], { isStdinOpen: true });
  const { status, stdout } = await program.end();
  assert.is(status, 0);
  assert.is(stdout, 'done\n');
});

test('the environment is small, and the same whoever started the daemon', async () => {
  const stdout = await home.ok(['exec', 'web1', 'env'], { env: { SECRET: 'x' } });
  const names = stdout.split('\n').map((line) => line.split('=')[0] ?? '');
  assert.ok(names.includes('DAGENT_TARGET'));
  assert.not(names.includes('SECRET'));
  assert.not(names.includes('DAGENT_HOME'));
  assert.match(stdout, 'DAGENT_TARGET=web1\n');
});

test('what the command leaves in the background does not hold us up', async () => {
  const words = 'sleep 20 & echo $! > "$1"; echo done';
  const args = ['exec', 'web1', 'sh', '-c', words, 'sh', home.file('background.pid')];
  const { stdout, ms } = await home.run(args);
  assert.is(stdout, 'done\n');
  assert.ok(ms < 10_000, `it took ${ms} ms`);
  process.kill(await home.pid('background.pid'), 'SIGKILL');
});

test('--json prints start, out, err, result, and a summary last', async () => {
  const args = ['exec', '--json', 'web1', 'echo one; echo two >&2; printf "\\377"; exit 3'];
  const { status, stdout, stderr } = await home.run(args);
  assert.is(status, 3);
  assert.is(stderr, '');
  const records = recordsOf<ExecRecord>(stdout);
  assert.is(records[0]?.type, 'start');
  assert.is(records.at(-1)?.type, 'summary');
  assert.ok(records.every(({ target }) => target === 'web1'));
  const [out, binary] = records.filter(({ type }) => type === 'out');
  assert.is(out?.data, 'one\n');
  assert.is(binary?.enc, 'base64');
  assert.is(Buffer.from(binary?.data ?? '', 'base64').toString('hex'), 'ff');
  assert.is(records.find(({ type }) => type === 'err')?.data, 'two\n');
  const result = records.find(({ type }) => type === 'result');
  assert.is(result?.verdict, 'failed');
  assert.is(result?.code, 3);
  assert.type(result?.ms, 'number');
});

test('--json says by which signal a command ended', async () => {
  const { stdout } = await home.run(['exec', '--json', 'web1', 'kill -9 $$']);
  const result = recordsOf<ExecRecord>(stdout).find(({ type }) => type === 'result');
  assert.is(result?.verdict, 'signaled');
  assert.is(result?.signal, 'SIGKILL');
});

test('an unknown target ends with 3, and the nearest names are suggested', async () => {
  for (const args of [['web2'], ['wbe1'], ['--json', 'web2']]) {
    const { status, stdout, stderr } = await home.run(['exec', ...args, 'true']);
    assert.is(status, 3);
    assert.is(stdout, '');
    assert.match(stderr, /^dagent: no node matches \S+ \(E_NO_TARGET\)\n {2}did you mean: web1/);
    assert.not.match(stderr, /\bat .*:\d+:\d+/);
  }
});

test('an unknown target ends it also while our stdin stays open', async () => {
  const program = home.start(['exec', 'nobody', 'cat'], { isStdinOpen: true });
  assert.is((await program.end()).status, 3);
});

test('who writes a second target for the command hears how several are written', async () => {
  const { status, stderr } = await home.run(['exec', 'web1', 'east', 'uptime']);
  assert.is(status, 127);
  const [first, second] = stderr.split('\n');
  assert.is(first, 'dagent: web1: not-started: no such program: east');
  assert.is(second, '  east is a node: several targets are one word: web1,east');
  const { stderr: other } = await home.run(['exec', 'web1', 'nosuch', 'uptime']);
  assert.is(other, 'dagent: web1: not-started: no such program: nosuch\n');
});

test('what is missing of a command line is named', async () => {
  const says = async (...args: string[]) => (await home.run(['exec', ...args])).stderr;
  assert.match(await says(), 'TARGET and COMMAND are missing: dagent exec TARGET');
  assert.match(await says('-u', 'web1', 'true'), 'true is the TARGET, and the COMMAND is missing');
  assert.match(
    await says('--async', '--group', 'web1', 'true'),
    '--group does not go with --async',
  );
});

test('no command, or an empty one, ends with 2, and stdin is not taken for it', async () => {
  for (const args of [['web1'], ['web1', ''], ['web1', '--']]) {
    const { status, stderr } = await home.run(['exec', ...args], { input: 'echo oops\n' });
    assert.is(status, 2, stderr);
    assert.not.match(stderr, 'oops');
  }
});

test('a command that has ended can be asked about by its id', async () => {
  const { stdout, status } = await home.run(['exec', 'web1', 'echo $DAGENT_JOB_ID; exit 7']);
  assert.is(status, 7);
  const id = stdout.trim();
  assert.is((await home.run(['job', 'wait', id])).status, 7);
  assert.is(await home.ok(['job', 'output', id]), stdout);
  assert.match(
    await home.ok(['job', 'ls', '--all']),
    new RegExp(`^${id} +failed +web1 +exec of ${userInfo().username}@root `, 'm'),
  );
  assert.not.match(await home.ok(['job', 'ls']), id);
  await home.ok(['job', 'rm', id]);
  assert.is((await home.run(['job', 'show', id])).status, 3);
});

test('where no daemon runs it ends with 6, and says how to start one', async () => {
  const nowhere = { DAGENT_HOME: home.file('nowhere') };
  for (const args of [['exec', 'web1', 'true'], ['tree'], ['send', 'a', 'B'], ['top', '--once']]) {
    const { status, stdout, stderr } = await home.run(args, { env: nowhere });
    assert.is(status, 6);
    assert.is(stdout, '');
    assert.match(
      stderr,
      /^dagent: no daemon is running in .*\n {2}start one: dagent daemon start$/m,
    );
    assert.not.match(stderr, /\bat .*:\d+:\d+/);
  }
});

test.run();
