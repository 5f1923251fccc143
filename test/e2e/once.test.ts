/** Durable messages are handed out once to a program that uses the library, whoever is killed. */
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, PROJECT, recordsOf } from './harness.ts';
import { until } from './poll.ts';
import type { Program } from './program.ts';

const test = suite('durable messages, once');
const home = new Home();

test.before(async () => {
  await home.daemon('root', ['--role', 'root']);
});
test.after(() => home.close());

/** Starts a program that uses the library as it is published. */
function startProgram(lines: readonly string[]): Program {
  const argv = [process.execPath, '--input-type=module', '--eval', lines.join('\n')];
  return home.spawn(argv, { cwd: PROJECT, isStdinOpen: true });
}

/** Numbers what it is handed, in a file, and kills itself at one of them when that is done. */
function startWorker(service: string, more: { killedAt?: number; window?: boolean } = {}): Program {
  const { killedAt = 0, window = true } = more;
  return startProgram([
    "import { appendFileSync } from 'node:fs';",
    "import { workOff } from 'dagent';",
    `await workOff('${service}', { window: ${window} }, ({ params }) => {`,
    `  appendFileSync('${home.file(service)}', params.n + '\\n');`,
    '  // Behind the return, and before the ack has left: that goes out in a turn of its own.',
    `  if (params.n === '${killedAt}') setImmediate(() => process.kill(process.pid, 'SIGKILL'));`,
    '});',
  ]);
}

async function send(service: string, from: number, to: number): Promise<void> {
  const numbers = Array.from({ length: to - from + 1 }, (_, at) => from + at);
  const lines = numbers.map((n) => ({
    to: `root:${service}`,
    command: 'N',
    params: { n: `${n}` },
  }));
  const input = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  await home.ok(['send', '--stdin', '--durable'], { input });
}

async function waiting(service: string): Promise<number> {
  const boxes = await home.json<{ box: string; count: number }[]>(['mailbox', 'ls', '--json']);
  return boxes.find(({ box }) => box === `root:${service}`)?.count ?? 0;
}

/** What was handed out, when all is acked. */
async function handedOut(service: string): Promise<number[]> {
  await until('all is acked', async () => (await waiting(service)) === 0);
  return readFileSync(home.file(service), 'utf8').trim().split('\n').map(Number);
}

async function workInTwoLives(service: string, window: boolean): Promise<number[]> {
  await send(service, 1, 5);
  const { signal } = await startWorker(service, { killedAt: 1, window }).end();
  assert.is(signal, 'SIGKILL');
  assert.is(await waiting(service), 5, 'no ack has left');
  const second = startWorker(service, { window });
  const all = await handedOut(service);
  second.signal('SIGKILL');
  return all;
}

test('what was done before a kill -9 is not handed out again, though no ack left', async () => {
  assert.equal(await workInTwoLives('orders', true), [1, 2, 3, 4, 5]);
});

test('without its window a program gets it again', async () => {
  const all = await workInTwoLives('careless', false);
  assert.equal(
    all.filter((number) => number === 1),
    [1, 1],
  );
});

for (const window of [true, false]) {
  const how = `${window ? 'with' : 'without'} its window`;
  test(`what a program dies of is what was tried, not what it did before, ${how}`, async () => {
    const service = `poison-${window}`;
    await send(service, 1, 12);
    const lines = [
      "import { workOff } from 'dagent';",
      'const work = ({ params }) => {',
      "  if (params.n === '7') process.kill(process.pid, 'SIGKILL');",
      '};',
      `await workOff('${service}', { window: ${window} }, work);`,
    ];
    // The first one can have acked nothing in the turn in which it dies.
    for (let life = 1; life <= 3; life++) {
      assert.is((await startProgram(lines).end()).signal, 'SIGKILL');
    }
    const peeked = recordsOf<{ failures: object[]; params: { n: string } }>(
      await home.ok(['mailbox', 'peek', `root:${service}`, '--json']),
    );
    assert.equal(
      peeked.map(({ params, failures }) => [params.n, failures.length]),
      [7, 8, 9, 10, 11, 12].map((n) => [String(n), n === 7 ? 2 : 0]),
    );
  });
}

test('what a program is at when its daemon is killed is not handed out again', async () => {
  await send('slow', 1, 3);
  const worker = startProgram([
    "import { once } from 'node:events';",
    "import { workOff } from 'dagent';",
    'const onStatus = ({ kind }) => console.error(kind);',
    "await workOff('slow', { onStatus }, async ({ params, isRepeated }) => {",
    "  console.log('at', params.n, isRepeated);",
    "  if (params.n === '2') await once(process.stdin, 'data');",
    "  console.log('done', params.n);",
    '});',
  ]);
  await worker.sees(/at 2/);
  await home.kill9('root');
  await worker.sees(/disconnected/, 'stderr');
  await home.ok(['daemon', 'restart', 'root']);
  await worker.sees(/^connected/m, 'stderr');
  worker.stdin.write('go on\n');
  await worker.sees(/done 3/);
  await until('all is acked', async () => (await waiting('slow')) === 0);
  const words = worker.text('stdout').match(/(at|done) \d/g);
  assert.equal(words, ['at 1', 'done 1', 'at 2', 'done 2', 'at 3', 'done 3']);
  worker.signal('SIGKILL');
});

test('send --stdin --durable ends with 0 when all is stored, also behind a kill -9', async () => {
  const sender = home.start(['send', '--stdin', '--durable'], { isStdinOpen: true });
  const write = (from: number, to: number): void => {
    for (let n = from; n <= to; n++) {
      const line = { to: 'root:lines', command: 'N', params: { n: `${n}` } };
      sender.stdin.write(`${JSON.stringify(line)}\n`);
    }
  };
  write(1, 50);
  await until('some are stored', async () => (await waiting('lines')) > 0);
  write(51, 500);
  await home.kill9('root');
  await sender.sees(/waiting for it/, 'stderr');
  write(501, 550);
  await home.ok(['daemon', 'restart', 'root']);
  sender.stdin.end();
  assert.is((await sender.end()).status, 0);
  const args = ['listen', 'lines', '--durable', '--count', '550', '--json'];
  const lines = (await home.ok(args)).trim().split('\n');
  const numbers = lines.map((line) => Number(JSON.parse(line).params.n));
  assert.equal(
    numbers,
    numbers.map((_, at) => at + 1),
  );
});

test('a second worker waits for the first, and has its name when that is killed', async () => {
  const status = 'const onStatus = ({ kind, error }) => console.error(kind, error?.code);';
  const work = "await workOff('shared', { onStatus }, ({ params }) => console.log(params.n));";
  const lines = ["import { workOff } from 'dagent';", status, work];
  const first = startProgram(lines);
  await send('shared', 1, 1);
  await first.sees(/^1$/m);
  const second = startProgram(lines);
  await second.sees(/refused E_SERVICE_TAKEN/, 'stderr');
  first.signal('SIGKILL');
  await first.end();
  await send('shared', 2, 2);
  await second.sees(/^2$/m);
  second.signal('SIGKILL');
});

test('listen --durable prints what is not durable too, and goes on behind its daemon', async () => {
  const listener = home.start(['listen', 'both', '--durable', '--count', '4', '--json']);
  await until('it has its name', async () => (await home.ok(['services'])).includes('both'));
  await home.ok(['send', 'root:both', 'PLAIN']);
  await home.ok(['send', 'root:both', 'STORED', '--durable']);
  await listener.sees(/PLAIN[\s\S]*STORED/);
  const asked = await home.run(['send', 'root:both', 'ASKED', '--request']);
  assert.match(asked.stderr, 'E_NOT_UNDERSTOOD');
  await home.kill9('root');
  await listener.sees(/E_CONNECTION_LOST\); waiting for it/, 'stderr');
  await home.ok(['daemon', 'restart', 'root']);
  await home.ok(['send', 'root:both', 'AFTER', '--durable']);
  const { status, stdout } = await listener.end();
  assert.is(status, 0);
  const commands = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).command);
  assert.equal(commands, ['PLAIN', 'STORED', 'ASKED', 'AFTER']);
});

test.run();
