import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CopyHome, type CopyRecord } from './copies.ts';
import { recordsOf } from './harness.ts';
import { openNarrowWay } from './narrow.ts';
import { until } from './poll.ts';
import type { Program } from './program.ts';
import { Terminal } from './terminal.ts';

const test = suite('copies that break off');
const home = new CopyHome();
const LEAVES = ['web1', 'web2', 'db1'];
const SIZE = 24 * 1_048_576;
/** By the narrow way: 38 seconds, longer than anything here waits. */
const LONG_SIZE = 4 * SIZE;
let narrow = '';

test.before(async () => {
  const shape = { hq: null, east: 'hq', web1: 'east', web2: 'east', db1: 'hq' };
  await home.startNodes(shape, ['--hold', '2s']);
  narrow = (await openNarrowWay(home, 'hq')).url;
});
test.after(() => home.close());

/** A file of the test, with bytes that are nowhere yet. */
function write(name: string, size = SIZE): string {
  writeFileSync(home.file(name), randomBytes(size));
  return home.file(name);
}

function partsOf(node: string): string[] {
  return home.list(node).filter((name) => name.startsWith('.dagent-'));
}

/** Starts a copy, and waits until some of it is on the disk of a node. */
async function begin(file: string, node: string, flags: string[] = []): Promise<Program> {
  const program = home.start(['cp', '--json', ...flags, file, `${LEAVES.join()}:`]);
  await until(`a part of it at ${node}`, () => {
    const [part] = partsOf(node);
    return part !== undefined && statSync(home.at(node, part)).size > 4_000_000;
  });
  return program;
}

function assertAllHave(file: string, name: string): void {
  for (const node of LEAVES) {
    assert.ok(readFileSync(home.at(node, name)).equals(readFileSync(file)), node);
    assert.equal(partsOf(node), []);
  }
}

test('Ctrl-C ends it everywhere and leaves nothing behind, and the status is 130', async () => {
  const program = await begin(write('first', LONG_SIZE), 'web1', ['--via', narrow]);
  program.signal('SIGINT');
  const { status, stdout } = await program.end();
  assert.is(status, 130);
  assert.equal(recordsOf<CopyRecord>(stdout).at(-1)?.counts, { cancelled: 3 });
  for (const node of LEAVES) assert.equal(home.list(node), []);
});

test('when the time is over while our files are read, that is a timeout: 124', async () => {
  const { status, stderr } = await home.run(['cp', '-t', '1ms', write('late', LONG_SIZE), 'web1:']);
  assert.is(status, 124);
  assert.match(stderr, /timeout/);
});

test('on a terminal a line says how far it is, until Ctrl-C', async () => {
  const line = `dagent cp --via ${narrow} ${write('long', LONG_SIZE)} ${LEAVES.join()}:`;
  const terminal = await Terminal.open(home, 'cp', line);
  await terminal.sees(
    /^0\/3 ok {2}[1-9]\d*% {2}.* of 288 MiB {2}.*\/s {2}slowest (web1|web2|db1) /m,
  );
  await terminal.press('C-c');
  await terminal.sees(/3 targets: 3 cancelled/);
  assert.is(await terminal.end(), 130);
  for (const node of LEAVES) assert.equal(home.list(node), []);
});

test('an agent that is killed in the middle costs only what was on its way', async () => {
  const file = write('second');
  const program = await begin(file, 'web1');
  await home.kill9('east');
  await home.ok(['daemon', 'restart', 'east'], { env: { HOME: home.at('east') } });
  const { status, stdout } = await program.end();
  assert.is(status, 0, stdout);
  assertAllHave(file, 'second');
  const { heardBytes } = await home.traffic('hq', 'east');
  assert.ok(heardBytes < SIZE / 10);
});

test('a copy whose client was killed goes on where it was', async () => {
  const file = write('third');
  const program = await begin(file, 'db1');
  program.signal('SIGKILL');
  await program.ended;
  const records = await home.copy(file, `${LEAVES.join()}:`);
  const result = records.find(({ target }) => target === 'db1');
  assert.is(result?.verdict, 'ok');
  assert.ok((result?.sentBytes ?? SIZE) <= SIZE - 2_000_000, `${result?.sentBytes} were sent`);
  assertAllHave(file, 'third');
});

test('a node that is restarted in the middle is waited for, and goes on', async () => {
  const file = write('fourth');
  const program = await begin(file, 'web2');
  await home.ok(['daemon', 'restart', 'web2'], { env: { HOME: home.at('web2') } });
  const { status, stdout } = await program.end();
  assert.is(status, 0, stdout);
  assertAllHave(file, 'fourth');
});

test('a node that stays away is lost, and the others are not', async () => {
  const file = write('fifth');
  const args = ['cp', '--json', '--retry', '1s', file, `${LEAVES.join()}:`];
  const program = home.start(args);
  await until('a part of it at web2', () => partsOf('web2').length > 0);
  await home.kill9('web2');
  const { status, stdout } = await program.end();
  assert.is(status, 5);
  const { counts } = recordsOf<CopyRecord>(stdout).at(-1) ?? {};
  assert.is(counts?.ok, 2);
});

test.run();
