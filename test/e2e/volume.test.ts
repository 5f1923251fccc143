import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, type Status } from './harness.ts';
import { until } from './poll.ts';

const test = suite('much data, slow readers, and none');
const home = new Home();
const BIG_BYTES = 50_000_000;
/** A daemon that buffers what it passes on would have far more than this. */
const DAEMON_BYTES_MAX = 200 * 1024 * 1024;
/** One that keeps what it passes on would gain more by two runs; the heap alone varies so much. */
const GROWTH_BYTES_MAX = 60 * 1024 * 1024;

let daemons: Map<string, Status>;

test.before(async () => {
  daemons = await home.startTree({ root: null, east: 'root', web1: 'east', web2: 'east' });
  writeFileSync(home.file('big'), randomBytes(BIG_BYTES));
});
test.after(() => home.close());

/** A figure of a process from /proc, in bytes: VmRSS now, VmHWM at most so far. */
function memoryOf(name: string, figure: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${daemons.get(name)?.pid}/status`, 'utf8');
  return Number(new RegExp(`^${figure}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
}

function assertBounded(): void {
  for (const name of daemons.keys()) {
    const bytes = memoryOf(name, 'VmHWM');
    assert.ok(bytes < DAEMON_BYTES_MAX, `${name} has had ${bytes} bytes`);
  }
}

test('a stdin of 50 MB arrives and is counted', async () => {
  const { stdout } = await home.shell(`dagent exec web1 wc -c <${home.file('big')}`);
  assert.is(stdout, `${BIG_BYTES}\n`);
});

test('50 MB go there and come back as they were', async () => {
  const sum = createHash('sha256')
    .update(readFileSync(home.file('big')))
    .digest('hex');
  const { stdout } = await home.shell(
    `dagent exec --via web2 web1 cat <${home.file('big')} | sha256sum`,
  );
  assert.is(stdout.slice(0, 64), sum);
  assertBounded();
});

test('what has passed is not kept: the third time costs no more than the first', async () => {
  const before = new Map([...daemons.keys()].map((name) => [name, memoryOf(name, 'VmRSS')]));
  for (let count = 0; count < 2; count++) {
    const { stdout } = await home.shell(`dagent exec web1 cat <${home.file('big')} | wc -c`);
    assert.is(Number(stdout), BIG_BYTES);
  }
  for (const [name, bytes] of before) {
    const growth = memoryOf(name, 'VmRSS') - bytes;
    assert.ok(growth < GROWTH_BYTES_MAX, `${name} has grown by ${growth} bytes`);
  }
});

test('yes cut by head ends with 141, and yes is gone', async () => {
  const status = home.file('status');
  const yes = `sh -c 'echo $$ >${home.file('yes.pid')}; exec yes'`;
  const { stdout, stderr, ms } = await home.shell(
    `(dagent exec web1 ${yes}; echo $? >${status}) | head -c 1000000 | wc -c`,
  );
  assert.is(stdout.trim(), '1000000');
  assert.is(stderr, '');
  await until('its status is written', () => readFileSync(status, 'utf8') === '141\n');
  assert.ok(ms < 10_000, `it took ${ms} ms`);
  await home.gone('yes.pid');
  assertBounded();
});

test('the output of many cut by head ends as quietly', async () => {
  const status = home.file('status2');
  const { stdout, stderr } = await home.shell(
    `(dagent exec --no-stdin 'web*' yes; echo $? >${status}) | head -n 3`,
  );
  assert.match(stdout, /^(web[12] \| y\n){3}$/);
  assert.is(stderr, '');
  await until('its status is written', () => readFileSync(status, 'utf8') === '141\n');
});

test('errors cut by head end as output does', async () => {
  const status = home.file('status3');
  for (const target of ['web1', "'web*'"]) {
    const { stdout, stderr } = await home.shell(
      `(dagent exec -n ${target} 'yes >&2' 2>&1; echo $? >${status}) | head -n 1`,
    );
    assert.match(stdout, /^(web[12] ! )?y\n$/);
    assert.is(stderr, '');
    await until('its status is written', () => readFileSync(status, 'utf8') === '141\n');
  }
});

test('a full disk is said, without a stack', async () => {
  const cases = [['exec', '-n', 'web1', 'yes'], ['tree'], ['info', 'web1', '--json']];
  await Promise.all(
    cases.map(async (args) => {
      const words = args.map((arg) => `'${arg}'`).join(' ');
      const { status, stderr } = await home.shell(`dagent ${words} >/dev/full`);
      assert.is(status, 1, stderr);
      assert.match(stderr, /^dagent: cannot write stdout: .*ENOSPC.*\n$/);
    }),
  );
});

test('a daemon whose log cannot be written lives', async () => {
  const words = ['--role', 'leaf', '--parent', home.socketUrl('east'), '-L', '/dev/full'];
  await home.daemon('mute', words);
  assert.is(await home.ok(['exec', 'mute', 'echo', 'here']), 'here\n');
  const foreground = ['daemon', 'start', '-f', '--name', 'unread'];
  const program = home.start(foreground);
  await program.sees(/started/, 'stderr');
  program.closeStderr();
  await home.daemon('child', ['--role', 'leaf', '--parent', home.socketUrl('unread')]);
  const stdout = await home.ok(['exec', '--via', 'unread', 'child', 'echo', 'here']);
  assert.is(stdout, 'here\n');
  program.signal('SIGTERM');
  assert.is((await program.end()).status, 0);
});

test('other commands cut by head write no stack trace', async () => {
  const cut = "| true; dagent daemon ls --json | true; dagent info '*' --json | true";
  const { status, stderr } = await home.shell(`dagent tree --json ${cut}`);
  assert.is(status, 0);
  assert.is(stderr, '');
});

test('a reader that does not read stops the command, and costs nobody memory', async () => {
  const words = `echo $$ >${home.file('slow.pid')}; exec yes`;
  const slow = home.start(['exec', 'web1', words], { isStdoutUnread: true });
  const pid = await home.pid('slow.pid');
  const cpu = (): string =>
    readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ').slice(13, 15).join(' ');
  await until('yes waits', async () => {
    const before = cpu();
    // Others are not held up by it.
    assert.is(await home.ok(['exec', 'web1', 'echo', 'here']), 'here\n');
    return cpu() === before;
  });
  assertBounded();
  slow.signal('SIGKILL');
  await home.gone('slow.pid');
});

test('a command that reads its stdin slowly slows us down, and costs nobody memory', async () => {
  const fifo = home.file('fifo');
  await home.shell(`mkfifo ${fifo}`);
  const words = `head -c 1000 >/dev/null; read go <${fifo}; wc -c`;
  const slow = home.spawn(['sh', '-c', `dagent exec web1 '${words}' <${home.file('big')}`]);
  for (let count = 0; count < 5; count++) await home.ok(['exec', 'web1', 'true']);
  assertBounded();
  writeFileSync(fifo, 'go\n');
  const { stdout } = await slow.end();
  // What head has taken beyond its thousand bytes is lost to wc.
  assert.ok(Number(stdout) > BIG_BYTES - 100_000, stdout);
  assertBounded();
});

test('fifty commands at once all end well', async () => {
  const runs = Array.from({ length: 50 }, (_, index) => `dagent exec web1 'echo ${index}' &`);
  const { stdout } = await home.shell(`${runs.join(' ')} wait`);
  const numbers = stdout.trimEnd().split('\n').map(Number);
  assert.equal(
    numbers.sort((a, b) => a - b),
    Array.from({ length: 50 }, (_, index) => index),
  );
});

test.run();
