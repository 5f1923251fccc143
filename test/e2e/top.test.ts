import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, type TreeNode } from './harness.ts';
import { Terminal } from './terminal.ts';

const test = suite('dagent top');
const home = new Home();

test.before(async () => {
  await home.startTree({ root: null, east: 'root', web1: 'east', web2: 'east', db1: 'root' });
});
test.after(() => home.close());

interface PictureNode extends TreeNode {
  readonly version: string;
  readonly startedAtMs: number;
  readonly sample: Readonly<Record<string, number>> | null;
}

/** Lines of the screen that tell of a node. */
function rowsOf(screen: string): string[] {
  return screen.split('\n').filter((line) => /\b(root|agent|leaf)\b.*\b(up|lost)\b/.test(line));
}

test('--once --json prints one document with the figures of every host', async () => {
  for (const via of ['root', 'web1']) {
    const args = ['top', '--once', '--json', '--via', via];
    const picture = await home.json<{ realm: string; nodes: PictureNode[] }>(args);
    assert.is(picture.realm, 'local');
    const names = picture.nodes.map(({ name }) => name).sort();
    assert.equal(names, ['db1', 'east', 'root', 'web1', 'web2']);
    for (const { name, state, sample, rttMs } of picture.nodes) {
      assert.is(state, 'up');
      for (const figure of ['load1', 'cpus', 'memoryUsedBytes', 'daemonBytes']) {
        assert.type(sample?.[figure], 'number', `${figure} of ${name}`);
      }
      if (name !== 'root') assert.type(rttMs, 'number', `rtt of ${name}`);
    }
  }
});

test('--once --plain prints a line for each node, and so it does without a terminal', async () => {
  const plain = await home.ok(['top', '--once', '--plain']);
  const bare = await home.ok(['top']);
  for (const text of [plain, bare]) {
    assert.match(text, /^NAME +ROLE +STATE +RTT +LOAD +CPU +MEM /);
    assert.is(text.trimEnd().split('\n').length, 6);
    assert.match(text, /^ {4}web1 +leaf +up +\S+s +\d+\.\d+ /m);
    assert.not.match(text, '\u001b');
  }
});

test('on a dumb terminal it prints one picture', async () => {
  const terminal = await Terminal.open(home, 'dumb', 'TERM=dumb dagent top; echo "status $?"');
  const screen = await terminal.sees(/status 0/);
  assert.match(screen, /^ {4}web1 +leaf +up /m);
  assert.is(rowsOf(screen).length, 5);
});

test('--batch prints so many pictures, as NDJSON or as text', async () => {
  const args = ['top', '--batch', '-n', '2', '--interval', '100ms'];
  const pictures = (await home.ok([...args, '--json'])).trimEnd().split('\n');
  const read = pictures.map((line) => JSON.parse(line) as { atMs: number; nodes: PictureNode[] });
  assert.equal(
    read.map(({ nodes }) => nodes.length),
    [5, 5],
  );
  assert.ok(read[1]!.atMs >= read[0]!.atMs + 100);
  const plain = await home.ok(args);
  assert.is(plain.match(/^NAME /gm)?.length, 2);
});

test('one picture and many are not asked for at once', async () => {
  const { status, stdout, stderr } = await home.run(['top', '--once', '--batch', '-n', '1']);
  assert.equal([status, stdout], [2, '']);
  assert.match(stderr, /--batch/);
});

for (const flag of ['--json', '--plain', '--once', '--batch']) {
  test(`--screen-reader is refused with ${flag}, but may be in the environment`, async () => {
    const { status, stdout, stderr } = await home.run(['top', '--screen-reader', flag]);
    assert.equal([status, stdout], [2, '']);
    assert.match(stderr, `--screen-reader does not go with ${flag}`);
    const count = flag === '--batch' ? ['-n', '1'] : [];
    const env = { INK_SCREEN_READER: 'true' };
    assert.is((await home.run(['top', flag, ...count], { env })).status, 0);
  });
}

test('--screen-reader says what happens, a line for each change, and draws nothing', async () => {
  const reading = home.start(['top', '--screen-reader']);
  await reading.sees(/^local: \d+ nodes, /m);
  await home.daemon('talker', ['--role', 'leaf', '--parent', home.socketUrl('root')]);
  await reading.sees(/^talker has come, a leaf below root$/m);
  await home.ok(['daemon', 'stop', 'talker']);
  await reading.sees(/^talker is gone$/m);
  reading.signal('SIGINT');
  const { status, stdout } = await reading.end();
  assert.is(status, 0);
  assert.not.match(stdout, '\u001b');
});

test('how it looked the last time is how it looks the next time, in this home', async () => {
  const first = await Terminal.open(home, 'kept', 'dagent top');
  await first.sees(/web2 +leaf/);
  await first.press('2', '>');
  await first.sees(/ 2 flat [\s\S]*^NAME▲ +ROLE +STATE/m);
  await first.press('q');
  assert.is(await first.end(), 0);
  const next = await Terminal.open(home, 'kept-next', 'dagent top');
  await next.sees(/ 2 flat [\s\S]*^NAME▲ +ROLE +STATE/m);
  await next.press('<', '1', 'q');
  assert.is(await next.end(), 0);
});

test('live, it shows the tree and follows what happens, with no key pressed', async () => {
  const terminal = await Terminal.open(home, 'live', 'dagent top');
  const screen = await terminal.sees(/web2 +leaf +\S+ up +\S+s +\d/);
  assert.equal(
    rowsOf(screen).map((row) => /\w+/.exec(row)?.[0]),
    ['root', 'db1', 'east', 'web1', 'web2'],
  );
  const listener = home.start(['listen', 'printer', '--via', 'web1']);
  await terminal.sees(/web1 +leaf .* printer/);
  listener.signal('SIGTERM');
  await home.daemon('web3', ['--role', 'leaf', '--parent', home.socketUrl('east')]);
  await terminal.sees(/web3 +leaf +\S+ up/);
  await home.kill9('web3');
  await terminal.sees(/web3 +leaf +\S+ lost/);
  await terminal.press('q');
  assert.is(await terminal.end(), 0);
  assert.not.match(await terminal.screen(), 'web1');
});

test('keys move, fold and unfold, explain themselves, and quit', async () => {
  const terminal = await Terminal.open(home, 'keys', 'dagent top');
  await terminal.sees(/web2 +leaf .*\n[\s\S]*\b1\/\d/);
  await terminal.press('j', 'Down');
  await terminal.sees(/\b3\/\d/);
  await terminal.press('h');
  assert.not.match(await terminal.sees(/east \+\d/), 'web1');
  await terminal.press('l');
  await terminal.sees(/web1/);
  await terminal.press('?');
  await terminal.sees(/row down[\s\S]*close/);
  await terminal.press('?');
  await terminal.sees(/web1/);
  await terminal.press('/', 'd', 'b');
  const filtered = await terminal.sees(/db1/);
  assert.match(filtered, 'db1');
  await terminal.press('Escape');
  await terminal.sees(/web2/);
  await terminal.resize(60, 12);
  await terminal.sees(/web1/);
  await terminal.press('C-c');
  assert.is(await terminal.end(), 0);
});

test('it says so when the daemon is gone, and goes on when that is back', async () => {
  const other = new Home();
  try {
    await other.startTree({ root: null, leaf: 'root' });
    const terminal = await Terminal.open(other, 'lost', 'dagent top');
    await terminal.sees(/leaf +leaf .*up/);
    await terminal.sees(/live/);
    await other.kill9('root');
    const screen = await terminal.sees(/^(?![\s\S]*● live)[\s\S]*dagent top/);
    assert.match(screen, 'leaf');
    await other.ok(['daemon', 'restart', 'root']);
    await terminal.sees(/● live/);
    await terminal.press('q');
    assert.is(await terminal.end(), 0);
  } finally {
    await other.close();
  }
});

test('it stays with the node it began with, though others of the home answer', async () => {
  const other = new Home();
  try {
    await other.startTree({ hq: null, east: 'hq', web1: 'east' });
    const direct = await Terminal.open(other, 'stays', 'dagent top');
    const below = await Terminal.open(other, 'stays-below', 'dagent top --via east');
    for (const terminal of [direct, below])
      await terminal.sees(/local {2}from hq .*live[\s\S]*web1/);
    await other.kill9('hq');
    for (const terminal of [direct, below]) {
      // One that is tried again and does not come is lost once more.
      const screen = await terminal.sees(/LINK LOST: .*hq/);
      assert.equal(
        rowsOf(screen).map((row) => /\w+/.exec(row)?.[0]),
        ['hq', 'east', 'web1'],
      );
    }
    const note = 'dagent: seen from east, whose parent is away: what is not below it is missing\n';
    for (const words of [['--once'], ['--batch', '-n', '1']]) {
      const { status, stdout, stderr } = await other.run(['top', ...words, '--json']);
      assert.equal([status, stderr], [0, note]);
      assert.is((JSON.parse(stdout) as { cutOffAt?: string }).cutOffAt, 'east');
    }
    await other.ok(['daemon', 'restart', 'hq']);
    assert.is((await other.run(['top', '--once'])).stderr, '');
    for (const terminal of [direct, below]) {
      await terminal.sees(/from hq .*live[\s\S]*hq +root .*\n[\s\S]*web1/);
      await terminal.press('q');
      assert.is(await terminal.end(), 0);
    }
  } finally {
    await other.close();
  }
});

test('on a terminal, exec passes no stdin on, and no output can act on it', async () => {
  const line = `dagent exec web1 'cat; printf "\\033[2J[end]"; exit 4'`;
  const terminal = await Terminal.open(home, 'exec', `${line}; echo "status $?"; read x`);
  const screen = await terminal.sees(/status 4/);
  assert.match(screen, '[2J[end]');
  await terminal.press('Enter');
  await terminal.end();
});

test('Ctrl-C on a terminal ends the command where it runs', async () => {
  const words = `echo $$ > ${home.file('ctrl-c.pid')}; echo begun; sleep 60`;
  const line = `dagent exec web1 '${words}'; echo "status $?"; read x`;
  const terminal = await Terminal.open(home, 'ctrlc', line);
  await terminal.sees(/begun/);
  await terminal.press('C-c');
  await terminal.sees(/status 130/);
  await home.gone('ctrl-c.pid');
  await terminal.press('Enter');
  await terminal.end();
});

test.run();
