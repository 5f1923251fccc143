import { existsSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home } from './harness.ts';

const test = suite('what dagent exec runs');
const home = new Home();
const isRoot = process.getuid?.() === 0;

test.before(async () => {
  await home.startTree({ root: null, web1: 'root', web2: 'root' });
});
test.after(() => home.close());

test('variables are passed on, those of this shell by name, and some are not taken', async () => {
  writeFileSync(home.file('env'), 'A=file\nB=two words\n');
  const args = ['-e', 'A=flag', '-e', 'HERE', '--env-file', home.file('env')];
  const words = 'echo "$A/$B/$HERE"';
  const env = { HERE: 'mine' };
  assert.is(await home.ok(['exec', ...args, 'web1', words], { env }), 'flag/two words/mine\n');
  const { status, stderr } = await home.run(['exec', '-e', 'LD_PRELOAD=x', 'web1', 'true']);
  assert.is(status, 2);
  assert.match(stderr, 'LD_PRELOAD is not taken');
});

test('each knows its place in the run, and the name of the run', async () => {
  const words = 'echo $DAGENT_RANK/$DAGENT_COUNT $DAGENT_JOB_ID';
  const stdout = await home.ok(['exec', '--sort', 'web*', words]);
  const [, id = ''] = /^web1 \| 0\/2 (\w{20})$/m.exec(stdout) ?? [];
  assert.is(stdout, `web1 | 0/2 ${id}\nweb2 | 1/2 ${id}\n`);
});

test('--cwd is where it runs, and a directory that is missing is why it does not', async () => {
  assert.is(await home.ok(['exec', '--cwd', '/usr', 'web1', 'pwd']), '/usr\n');
  for (const more of [[], ['--umask', '022']]) {
    const args = ['exec', '--cwd', '/no/such', ...more, 'web1', 'pwd'];
    const { status, stdout, stderr } = await home.run(args);
    assert.is(status, 125);
    assert.is(stdout, '');
    assert.is(stderr, 'dagent: web1: not-started: no such directory: /no/such\n');
  }
});

test('--umask, --nice and --merge are set where it runs', async () => {
  const args = ['--umask', '027', '--nice', '9', '--merge', 'web1', 'umask; nice >&2; echo end'];
  const { stdout, stderr } = await home.run(['exec', ...args]);
  assert.is(stdout, '0027\n9\nend\n');
  assert.is(stderr, '');
  const { status } = await home.run(['exec', '--umask', '9', 'web1', 'true']);
  assert.is(status, 2);
});

test('--ulimit limits what runs, and says what it does not know', async () => {
  const limits = ['--ulimit', 'nofile=64:128', '--ulimit=core=0'];
  const words = 'ulimit -n; ulimit -Hn; ulimit -c';
  assert.is(await home.ok(['exec', ...limits, 'web1', words]), '64\n128\n0\n');
  const { status, stderr } = await home.run(['exec', '--ulimit', 'files=1', 'web1', 'true']);
  assert.is(status, 2);
  assert.match(stderr, /--ulimit files=1: its name is one of .*nofile/);
});

test('--login has what the profile of the user sets', async () => {
  // What runs there has the home directory of whoever runs this test: its profile is its own.
  const line = 'echo "$USER $LOGNAME|$(pwd)"; shopt login_shell 2>/dev/null; echo "$PATH"';
  const profile = await home.ok(['exec', '--login', 'web1', 'sh', '-c', line]);
  const { username, homedir } = userInfo();
  assert.match(profile, `${username} ${username}|${homedir}\n`);
  if (!isRoot) return;
  const { status, stderr } = await home.run(['exec', '--login', '-u', 'nobody', 'web1', 'true']);
  assert.is(status, 125);
  assert.match(stderr, /not-started: no login as nobody: its shell is .*(nologin|false)$/m);
});

test('--sudo runs it as root, or says why it cannot', async () => {
  const { status, stdout, stderr } = await home.run(['exec', '--sudo', 'web1', 'id -u; pwd']);
  if (status === 0) assert.match(stdout, /^0\n\//);
  else assert.match(stderr, /not-started: (no sudo on this host|sudo: )/);
  if (isRoot) assert.is(status, 0);
  const plan = await home.ok(['exec', '--sudo', '--dry-run', 'web1', 'id']);
  assert.match(plan, 'decision: allowed, as root;');
});

test('--shell takes all words for one line', async () => {
  assert.is(await home.ok(['exec', '-c', 'web1', 'echo', '$((1', '+', '1))']), '2\n');
  assert.is(await home.ok(['exec', '--shell=bash', 'web1', 'echo', '{1..3}']), '1 2 3\n');
});

test('--script sends a file along, runs it with arguments, and removes it', async () => {
  writeFileSync(home.file('deploy.sh'), 'echo "$1|$2|$#"; cat; echo "$0"');
  const args = ['exec', '--script', home.file('deploy.sh'), 'web1', 'a b', 'c'];
  const stdout = await home.ok(args, { input: 'stdin\n' });
  const [first, second, path = ''] = stdout.split('\n');
  assert.equal([first, second], ['a b|c|2', 'stdin']);
  assert.match(path, /\/script$/);
  assert.not.ok(existsSync(path));
  const bare = await home.run(['exec', 'web1', '--script', home.file('deploy.sh')]);
  assert.match(bare.stdout, /^\|\|0\n/);
});

test('-u runs it as another user with its groups, and says what is in the way', async () => {
  const missing = await home.run(['exec', '-u', 'no-such-user', 'web1', 'true']);
  assert.is(missing.status, 125);
  assert.is(missing.stderr, 'dagent: web1: not-started: no such user: no-such-user\n');
  const args = ['exec', '-u', 'nobody', '--cwd', '/', 'web1', 'id -un; echo $USER $LOGNAME'];
  const { stdout, stderr, status } = await home.run(args);
  if (isRoot) assert.is(stdout, 'nobody\nnobody nobody\n');
  else assert.is(status, 125, stderr);
});

test('a command as another user is killed as any other', async () => {
  if (!isRoot) return;
  const args = ['exec', '-u', 'nobody', '--cwd', '/', '-t', '500ms', 'web1', 'sleep 60 & sleep 60'];
  const { status } = await home.run(args);
  assert.is(status, 124);
});

test.run();
