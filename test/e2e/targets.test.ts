import { writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, recordsOf } from './harness.ts';

const test = suite('choosing targets');
const home = new Home();

test.before(async () => {
  await home.daemon('root', ['--role', 'root']);
  const below = (parent: string, ...more: readonly string[]) => [
    ...['--parent', home.socketUrl(parent)],
    ...more,
  ];
  await Promise.all([
    home.daemon('east', below('root', '--role', 'agent', '--label', 'site=oslo')),
    home.daemon('db1', below('root', '--role', 'leaf', '--label', 'site=oslo')),
  ]);
  await Promise.all(
    ['web1', 'web2', 'web10'].map((name) =>
      home.daemon(name, below('east', '--role', 'leaf', '--label', `rack=r${name.slice(3)}`)),
    ),
  );
});
test.after(() => home.close());

/** The names that `dagent targets` prints. */
async function targets(...args: readonly string[]): Promise<string[]> {
  return (await home.ok(['targets', ...args])).trimEnd().split('\n');
}

test('every form means what docs/TARGETS.md says', async () => {
  for (const [selector, names] of [
    ['*', ['db1', 'east', 'root', 'web1', 'web2', 'web10']],
    ['web*', ['web1', 'web2', 'web10']],
    ['web[1-9]', ['web1', 'web2', 'web3', 'web4', 'web5', 'web6', 'web7', 'web8', 'web9']],
    ['web[1-9]*', ['web1', 'web2', 'web10']],
    ['site=oslo', ['db1', 'east']],
    ['rack=r[2-20]', ['web2', 'web10']],
    ['role=leaf and not web*', ['db1']],
    ['under:east', ['web1', 'web2', 'web10']],
    ['east,under:east and state=up', ['east', 'web1', 'web2', 'web10']],
    ['(web1 or db1) and site=oslo', ['db1']],
    ['version=*', ['db1', 'east', 'root', 'web1', 'web2', 'web10']],
  ] as const) {
    assert.equal(await targets(selector), names, selector);
  }
});

test('flags take away, leave some, and fold; the count is on stderr', async () => {
  assert.equal(await targets('web*', '-x', 'web2', '--exclude', 'rack=r10'), ['web1']);
  assert.equal(await targets('web[08-12]', '--fold'), ['web[08-12]']);
  const some = await targets('web[1-100]', '--limit', '10%', '--seed', 'a');
  assert.is(some.length, 10);
  assert.equal(await targets('web[1-100]', '--limit', '10', '--seed', 'a'), some);
  for (const all of ['web1', 'web1*']) {
    const typo = ['-x', 'wbe1', '-x', 'web1', '-x', 'web99', '-x', 'db*'];
    const { stderr } = await home.run(['exec', '-y', `web2,${all}`, ...typo, 'true']);
    assert.equal(
      stderr.match(/-x \S+ takes none/g),
      ['wbe1', 'web99', 'db*'].map((each) => `-x ${each} takes none`),
    );
  }
  const { stdout, stderr } = await home.run(['targets', 'web1', 'web9']);
  assert.is(stdout, 'web1\nweb9\n');
  assert.is(stderr, 'dagent: no node matches web9\n  did you mean: web1, web2, web10\n2 targets\n');
});

test('one name by itself that nobody has ends with 3', async () => {
  for (const more of [[], ['--json'], ['--fold']]) {
    const { stdout, stderr, status } = await home.run(['targets', 'web9', ...more]);
    assert.is(status, 3, more.join(' '));
    assert.is(stdout, '');
    assert.match(stderr, /no node matches web9.*E_NO_TARGET[\s\S]*did you mean: web1, web2, web10/);
  }
  assert.is((await home.run(['targets', 'web9,web8'])).status, 0);
});

test('names that nobody has are told in short when they are many', async () => {
  const { stdout, stderr } = await home.run(['targets', 'web[1-9],dbx*', '--fold']);
  assert.is(stdout, 'web[1-9]\n');
  const lines = stderr.split('\n');
  assert.is(lines[0], 'dagent: no node matches dbx*');
  assert.is(lines[2], 'dagent: 7 names that no node has: web[3-9]');
});

test('--json tells what is known of each', async () => {
  const records = recordsOf(await home.ok(['targets', 'db1,db9', '--json']));
  const [known, unknown] = records;
  assert.equal(known, {
    ...{ name: 'db1', state: 'up', role: 'leaf', parent: 'root' },
    ...{ labels: { site: 'oslo' }, services: [] },
  });
  assert.equal(unknown, { name: 'db9', state: 'unknown' });
});

test('a selector that is wrong ends with 2, and shows where', async () => {
  const { status, stderr } = await home.run(['exec', 'web1 and role=lef', 'true']);
  assert.is(status, 2);
  const place = `  web1 and role=lef\n${' '.repeat(16)}^\n`;
  assert.ok(stderr.endsWith(place), stderr);
  assert.match(stderr, 'did you mean leaf');
});

test('one command feeds the next, as records and as names', async () => {
  const line = [
    "dagent exec 'web*' -n --json 'test $DAGENT_TARGET != web2'",
    'grep \'"verdict":"ok"\'',
    "dagent exec - 'echo $DAGENT_TARGET'",
  ].join(' | ');
  const { stdout, status } = await home.shell(line);
  assert.is(status, 0);
  assert.equal(stdout.trimEnd().split('\n').sort(), ['web1  | web1', 'web10 | web10']);
  const names = await home.shell("dagent targets 'web*' --fold | dagent ping - --count 1 --json");
  assert.equal(new Set(recordsOf(names.stdout).map(({ target }) => target)).size, 3);
  const star = await home.shell("echo '*' | dagent exec - true");
  assert.is(star.status, 2);
  const nobody = await home.shell('dagent exec - true </dev/null');
  assert.is(nobody.status, 3);
  assert.match(nobody.stderr, 'no node matches - (stdin)');
});

test('a file holds targets, and then all words are the command', async () => {
  const hosts = home.file('hosts');
  writeFileSync(hosts, '# ours\nweb1\nweb[2-9] and role=leaf\n');
  for (const args of [['-f', hosts], [`--file=${hosts}`], ['-f', hosts, '--']]) {
    const { stdout, status } = await home.run(['exec', '-n', ...args, 'echo', '$DAGENT_TARGET']);
    assert.is(status, 0);
    assert.is(stdout.match(/\$DAGENT_TARGET/g)?.length, 2, stdout);
  }
  const info = await home.ok(['info', '-f', hosts, 'kernel', '--json']);
  assert.equal(
    recordsOf(info)
      .map(({ node }) => node)
      .sort(),
    ['web1', 'web2'],
  );
  assert.is((await home.run(['exec', '-f', hosts])).status, 2);
  assert.is((await home.run(['exec', '-f', home.file('none'), 'true'])).status, 2);
});

test('what failed is run once more by the line that the summary shows', async () => {
  const mark = home.file('again');
  const script = `test $DAGENT_TARGET = web1 || test -e ${mark}`;
  const { status, stderr } = await home.run([
    'exec',
    '-n',
    '-t',
    '9s',
    'web*',
    '-x',
    'db1',
    script,
  ]);
  assert.is(status, 1);
  const again = /^once more where it failed: (.*)$/m.exec(stderr)?.[1] ?? '';
  assert.is(again, `dagent exec -n -t 9s @last:failed -- '${script}'`);
  assert.equal(await targets('@last:failed'), ['web2', 'web10']);
  assert.equal(await targets('@last and not @last:ok'), ['web2', 'web10']);
  await home.ok(['exec', '-n', 'db1', 'true']);
  writeFileSync(mark, '');
  assert.is((await home.shell(again)).status, 0);
  assert.equal(await targets('@last'), ['web2', 'web10']);
  assert.is((await home.run(['targets', '@last:failed'])).status, 3);
  const elsewhere = await home.run(['targets', '@last', '--home', home.file('other')]);
  assert.is(elsewhere.status, 3);
  assert.match(elsewhere.stderr, 'E_NO_LAST_RUN');
});

test('tree and services show the part that is asked for', async () => {
  const { nodes } = await home.json<{ nodes: { name: string }[] }>(['tree', 'rack=*', '--json']);
  assert.equal(nodes.map(({ name }) => name).sort(), ['web1', 'web10', 'web2']);
  const tree = await home.ok(['tree', 'web2']);
  assert.match(
    tree,
    /^root {2}root\n└─ east {2}agent.* {2}site=oslo\n {3}└─ web2 {2}leaf.* {2}rack=r2\n$/,
  );
  assert.equal(await home.json(['services', 'under:east', '--json']), []);
});

test('a method is called on many, each answer a record', async () => {
  const answers = recordsOf(await home.ok(['call', 'web[1-2]:', 'admin.echo', '7']));
  assert.equal(answers.map(({ target, value }) => [target, value]).sort(), [
    ['web1', 7],
    ['web2', 7],
  ]);
  const { status, stdout } = await home.run(['call', 'web1,web9:', 'admin.hello']);
  assert.is(status, 5);
  assert.is(recordsOf(stdout).length, 2);
  assert.equal(await targets('@last:unreachable'), ['web9']);
});

test('a topic of the help has every form', async () => {
  const help = await home.ok(['help', 'targets']);
  for (const form of ['web[1-40]', 'site=oslo', 'under:east', '@last:failed', '-x', '--limit']) {
    assert.match(help, form);
  }
});

test.run();
