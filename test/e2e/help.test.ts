import { chmodSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, PROJECT } from './harness.ts';

const test = suite('the command line itself');
const home = new Home();

test.after(() => home.close());

const HUB = ['deregister', 'leases', 'ls', 'register', 'release', 'request', 'set'];
const COMMANDS = [
  ...[
    'call',
    'cp',
    'ctl',
    'demo',
    'events',
    'exec',
    'info',
    'listen',
    'metrics',
    'names',
    'nodes',
    'ping',
    'publish',
    'report',
    'route',
    'send',
    'services',
    'sniff',
    'stats',
    'subscribe',
    'targets',
    'top',
    'trace',
    'tree',
  ],
  ...['logs', 'ls', 'restart', 'start', 'status', 'stop'].map((name) => `daemon ${name}`),
  ...['lower', 'ls', 'raise', 'show'].map((name) => `flag ${name}`),
  ...HUB.map((name) => `hub ${name}`),
  ...['attach', 'cancel', 'ls', 'output', 'rm', 'show', 'signal', 'wait'].map(
    (name) => `job ${name}`,
  ),
  ...['dead', 'ls', 'peek', 'purge', 'redeliver', 'show'].map((name) => `mailbox ${name}`),
  ...['ls', 'reload', 'show'].map((name) => `plugin ${name}`),
];
const NO_STACK = /\bat .*:\d+:\d+/;

test('there is a command for each file of commands', () => {
  const files = readdirSync(join(PROJECT, 'src/commands'), { recursive: true }) as string[];
  const names = files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replace('.ts', '').replace('/', ' '));
  assert.equal(names.sort(), [...COMMANDS].sort());
});

test('the help lists every command, with examples and the exit statuses', async () => {
  const names = ['daemon', 'flag', 'hub', 'job', 'mailbox', 'plugin'];
  const topics = names.map((topic) => home.ok([topic, '--help']));
  const [root = '', ...texts] = await Promise.all([home.ok(['--help']), ...topics]);
  for (const command of COMMANDS) {
    const [first = '', second] = command.split(' ');
    assert.match(root, new RegExp(`^ {2}${first} `, 'm'));
    if (second === undefined) continue;
    assert.match(texts.join('\n'), new RegExp(`^ {2}${first} ${second} `, 'm'));
  }
  assert.match(root, /^EXAMPLES$/m);
  assert.match(root, /^EXIT STATUS$/m);
});

test('every command has a help of its own, with usage and examples', async () => {
  const check = async (command: string): Promise<void> => {
    const { status, stdout, stderr } = await home.run([...command.split(' '), '--help']);
    assert.is(status, 0, stderr);
    for (const word of ['USAGE', 'EXAMPLES', `dagent ${command}`]) assert.match(stdout, word);
    assert.not.match(stdout, 'undefined');
    assert.not.match(stdout, '<value>');
    assert.not.match(stdout, '| ]');
  };
  const queue = COMMANDS.values();
  const worker = async (): Promise<void> => {
    for (const command of queue) await check(command);
  };
  await Promise.all([worker(), worker(), worker()]);
});

test('the version is one line', async () => {
  for (const args of [['--version'], ['version']]) {
    assert.match(await home.ok(args), /^dagent \d+\.\d+\.\d+\n$/);
  }
});

test('an unknown command ends with 2, and the nearest one is named', async () => {
  const cases: [string[], RegExp][] = [
    [['exce', 'web1', 'true'], /did you mean: exec/],
    [['deamon', 'start'], /did you mean: |dagent --help/],
    [['daemon', 'strat'], /did you mean: .*daemon start/],
    [['zzzzzzzz'], /dagent --help/],
  ];
  for (const [args, hint] of cases) {
    const { status, stdout, stderr } = await home.run(args);
    assert.is(status, 2, args.join(' '));
    assert.is(stdout, '');
    assert.match(stderr, /^dagent: no command /);
    assert.match(stderr, hint);
    assert.not.match(stderr, NO_STACK);
  }
});

test('a bad flag, value or number of words ends with 2 and points to the help', async () => {
  const wrong = [
    ['tree', '--jsno'],
    ['tree', 'web[1-'],
    ['ping'],
    ['targets', 'a', '--limit', '0'],
    ['ping', 'web1', '--count', 'many'],
    ['ping', 'web1', '--count', '0'],
    ['ping', 'web1', '--timeout', '5 parsecs'],
    ['daemon', 'start', '--role', 'king'],
    ['daemon', 'logs', '--lines', '-1'],
    ['daemon', 'stop', 'a', '--all'],
    ['exec', '--timeout'],
    ['exec'],
    ['listen', 'x', '--count', '1.5'],
    ['send', 'a', 'B', '--via', 'cd:relative'],
  ];
  await Promise.all(
    wrong.map(async (args) => {
      const { status, stdout, stderr } = await home.run(args);
      assert.is(status, 2, `${args.join(' ')}: ${stderr}`);
      assert.is(stdout, '');
      assert.match(stderr, /^dagent: /);
      assert.ok(stderr.trimEnd().split('\n').length <= 3, stderr);
      assert.not.match(stderr, NO_STACK);
    }),
  );
});

test('the launcher works through links, from anywhere, whatever node the machine has', async () => {
  const bin = home.file('bin');
  await home.shell(`mkdir ${bin}`);
  const broken = join(bin, 'node');
  writeFileSync(broken, '#!/bin/sh\necho wrong node >&2\nexit 1\n');
  chmodSync(broken, 0o755);
  symlinkSync(join(PROJECT, 'bin/dagent'), join(bin, 'absolute'));
  symlinkSync('absolute', join(bin, 'relative'));
  const env = { PATH: `${bin}:/usr/bin:/bin` };
  for (const program of ['relative', join(bin, 'relative'), join(PROJECT, 'bin/dagent')]) {
    const { status, stdout } = await home.spawn([program, '--version'], { env, cwd: '/' }).end();
    assert.is(status, 0);
    assert.match(stdout, /^dagent /);
  }
  const inBin = home.spawn(['./dagent', '--version'], { env, cwd: join(PROJECT, 'bin') });
  assert.is((await inBin.end()).status, 0);
});

test('a topic of the help is its document, and an error of it what the registry says', async () => {
  const root = await home.ok(['help']);
  for (const [topic, file] of [
    ['exit-codes', 'EXIT-CODES.md'],
    ['durations', 'VALUES.md'],
  ] as const) {
    assert.match(root, new RegExp(`^ {2}${topic} `, 'm'));
    assert.is(await home.ok(['help', topic]), readFileSync(join(PROJECT, 'docs', file), 'utf8'));
  }
  const text = await home.ok(['help', 'e_unreachable']);
  assert.match(text, /^E_UNREACHABLE\n {2}says .*\n[\s\S]*exit status {3}5\n/);
  const { status, stderr } = await home.run(['help', 'exit-cods']);
  assert.is(status, 2);
  assert.match(stderr, 'did you mean: exit-codes');
});

test.run();
