import { spawnSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, recordsOf } from './harness.ts';
import { until } from './poll.ts';
import type { Program } from './program.ts';

const test = suite('pipelines');
const home = new Home();

test.before(async () => {
  await home.startTree({ root: null, web1: 'root', web2: 'root' });
});
test.after(() => home.close());

interface MessageRecord {
  readonly from: string;
  readonly command: string;
  readonly params: Readonly<Record<string, string>>;
  readonly data: string;
}

/** Waits until services are known at the top. */
async function known(program: Program, ...addresses: string[]): Promise<void> {
  await until(`${addresses.join(', ')} is known`, async () => {
    if (program.isOver) throw new Error(program.text('stderr'));
    const services = await home.json<{ address: string }[]>(['services', '--json']);
    return addresses.every((address) => services.some((each) => each.address === address));
  });
}

function lineOf(to: string, n: number): string {
  return JSON.stringify({ to, command: 'N', params: { n }, data: `the text of ${n}` });
}

/** A filter from messages to messages: jq where there is one. */
const hasJq = spawnSync('jq', ['--version']).status === 0;
const JQ = `jq -c --unbuffered '.to = "web2:out" | .params.seen = "yes"'`;
const SCRIPT = [
  'const rl = require("readline").createInterface({ input: process.stdin });',
  'rl.on("line", (line) => { const r = JSON.parse(line); r.to = "web2:out";',
  'r.params.seen = "yes"; console.log(JSON.stringify(r)); });',
].join(' ');
const FILTER = hasJq ? JQ : `${process.execPath} -e '${SCRIPT}'`;

test('listen, a filter and send are a pipeline', async () => {
  const count = 2_000;
  const out = home.start(['listen', 'out', '--via', 'web2', '--json', '-c', String(count)]);
  const line = `dagent listen in --via web1 --json -c ${count} | ${FILTER} | dagent send --stdin`;
  const middle = home.spawn(['sh', '-c', line]);
  await known(middle, 'web1:in', 'web2:out');
  const lines = Array.from({ length: count }, (_, n) => lineOf('web1:in', n));
  await home.ok(['send', '--stdin'], { input: `${lines.join('\n')}\n` });
  assert.is((await middle.end()).status, 0);
  const records = recordsOf<MessageRecord>((await out.end()).stdout);
  assert.equal(
    records.map(({ params, data }) => `${params.n} ${params.seen} ${data}`),
    lines.map((_, n) => `${n} yes the text of ${n}`),
  );
});

test('a line that is no message ends it: the ones before it were sent', async () => {
  const listener = home.start(['listen', 'sink', '--via', 'web1', '--json', '-c', '2']);
  await known(listener, 'web1:sink');
  const input = [lineOf('web1:sink', 1), lineOf('web1:sink', 2), '{"to":', lineOf('web1:sink', 3)];
  const { status, stdout, stderr } = await home.run(['send', '--stdin'], {
    input: input.join('\n'),
  });
  assert.is(status, 2);
  assert.is(stdout, '');
  assert.match(stderr, /^dagent: line 3: not a message: .* \(E_MESSAGE_INVALID\)\n {2}write \{/);
  const records = recordsOf<MessageRecord>((await listener.end()).stdout);
  assert.equal(
    records.map(({ params }) => params.n),
    ['1', '2'],
  );
});

test('a line that cannot be delivered ends it with the status of its reason', async () => {
  const cases = [
    { line: lineOf('web1:nobody', 1), status: 5, code: 'E_NO_SERVICE' },
    { line: lineOf('a b', 1), status: 2, code: 'E_ADDRESS_INVALID' },
    { line: lineOf('nowhere:sink', 1), status: 5, code: 'E_UNREACHABLE' },
    {
      line: JSON.stringify({ to: 'web1:sink', command: 'B', data: 'x'.repeat(1_048_577) }),
      status: 2,
      code: 'E_TOO_LARGE',
    },
  ];
  for (const { line, status, code } of cases) {
    const ended = await home.run(['send', '--stdin'], { input: `\n${line}\n` });
    assert.is(ended.status, status, ended.stderr);
    assert.match(ended.stderr, new RegExp(`^dagent: line 2: .*\\(${code}\\)`));
  }
});

test('it ends at the line that failed, also while its input goes on', async () => {
  const program = home.start(['send', '--stdin'], { isStdinOpen: true });
  program.stdin.write(`${lineOf('web1:nobody', 1)}\n`);
  const { status, stderr } = await program.end();
  assert.is(status, 5);
  assert.match(stderr, /^dagent: line 1: /);
});

test('with --keep-going the others are sent, and it ends with 1 and a count', async () => {
  const listener = home.start(['listen', 'kept', '--via', 'web1', '--json', '-c', '2']);
  await known(listener, 'web1:kept');
  const input = ['no', lineOf('web1:kept', 1), lineOf('web1:nobody', 2), lineOf('web1:kept', 3)];
  const { status, stderr } = await home.run(['send', '--stdin', '--keep-going'], {
    input: `${input.join('\n')}\n`,
  });
  assert.is(status, 1);
  assert.match(stderr, /^dagent: line 1: /);
  assert.match(stderr, /dagent: line 3: /);
  assert.match(stderr, /dagent: 2 of 4 lines failed\n$/);
  const records = recordsOf<MessageRecord>((await listener.end()).stdout);
  assert.equal(
    records.map(({ params }) => params.n),
    ['1', '3'],
  );
});

test('an empty input sends nothing and is no error', async () => {
  assert.is(await home.ok(['send', '--stdin'], { input: '' }), '');
});

test('words and --stdin do not go together', async () => {
  for (const words of [['--stdin', 'web1:sink', 'N'], ['web1:sink'], []]) {
    const { status, stderr } = await home.run(['send', ...words], { input: '' });
    assert.is(status, 2);
    assert.match(stderr, /--stdin/);
  }
});

test.run();
