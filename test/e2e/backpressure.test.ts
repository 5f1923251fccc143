import { constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, isRunning, PROJECT, type Status } from './harness.ts';
import { until } from './poll.ts';
import type { Program } from './program.ts';

const test = suite('a receiver that does not read');
const home = new Home();
const LIBRARY = join(PROJECT, 'dist/client/index.js');
const MESSAGE_COUNT = 1_000_000;
const BODY_BYTES = 128;
/** What the queues of a daemon may cost it: one link's, and what the heap leaves lying about. */
const GROWTH_BYTES_MAX = 64 * 1024 * 1024;
/** Less than that fits into all buffers between two programs of one node. */
const ON_THE_WAY_COUNT_MAX = (32 * 1024 * 1024) / BODY_BYTES;

/** Takes a name, and reads nothing of what comes. */
const DEAF = `
import { connect } from '${LIBRARY}';
const client = await connect();
const queue = await client.listen(process.argv[2]);
console.log('ready');
// A connection that is not read keeps nobody alive.
setInterval(() => queue, 1_000);
`;

/** Sends or publishes, a million if no number is given, waits where it must, says how far it is. */
const SENDER = `
import { connect } from '${LIBRARY}';
const client = await connect();
const [to, count = ${MESSAGE_COUNT}, bytes = ${BODY_BYTES}] = process.argv.slice(2);
const data = Buffer.alloc(Number(bytes), 'x');
const put = to.includes('.')
  ? (params) => client.publish(to, { params, data })
  : (params) => client.send(to, 'N', { params, data });
let sent = 0;
const timer = setInterval(() => console.log('sent', sent), 20);
while (sent < Number(count)) {
  if (!put({ n: String(sent) })) await client.drained();
  sent++;
}
clearInterval(timer);
await client.drained();
await client.taken();
console.log('all', sent);
await client.close();
`;

let daemons: Map<string, Status>;

test.before(async () => {
  daemons = await home.startTree({ root: null, web1: 'root' });
  writeFileSync(home.file('deaf.mjs'), DEAF);
  writeFileSync(home.file('sender.mjs'), SENDER);
});
test.after(() => home.close());

function start(name: string, via: string, ...args: string[]): Program {
  return home.spawn([process.execPath, home.file(`${name}.mjs`), ...args], {
    env: { DAGENT_VIA: via },
  });
}

async function startDeaf(service: string): Promise<Program> {
  const deaf = start('deaf', 'web1', service);
  await deaf.sees(/ready/);
  return deaf;
}

function residentBytes(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

/** Runs something, and checks that no daemon, nor `also`, grows by it more than its queues may. */
async function withBoundedMemory<T>(use: () => Promise<T>, also?: Stuck): Promise<T> {
  const pids = new Map([...daemons].map(([name, { pid }]) => [name, pid]));
  if (also !== undefined) pids.set('the command', also.pid);
  const before = [...pids].map(([name, pid]) => ({ name, pid, bytes: residentBytes(pid) }));
  const check = (): void => {
    for (const { name, pid, bytes } of before) {
      const growth = residentBytes(pid) - bytes;
      assert.ok(growth < GROWTH_BYTES_MAX, `${name} has grown by ${growth} bytes`);
    }
  };
  const timer = setInterval(() => {
    try {
      check();
    } catch (error) {
      excess = error;
    }
  }, 50);
  let excess: unknown;
  const result = await use().finally(() => clearInterval(timer));
  if (excess !== undefined) throw excess;
  check();
  return result;
}

interface Counters {
  readonly framesDelivered: number;
  readonly droppedSlowPeer: number;
}

function counters(): Promise<Counters> {
  return home.json<Counters>(['call', 'web1:', 'node.counters']);
}

/** The last number that a sender has said. */
function sentBy(sender: Program): number {
  return Number([...sender.text('stdout').matchAll(/sent (\d+)\n/g)].at(-1)?.[1] ?? 0);
}

test('from another node: what it does not read is dropped, counted, and costs no memory', () =>
  withBoundedMemory(async () => {
    const deaf = await startDeaf('deaf');
    const before = await counters();
    const sender = start('sender', 'root', 'web1:deaf');
    const { status, stderr } = await sender.end(30_000);
    assert.is(status, 0, stderr);
    const dropped = await until('all of it is delivered or counted as dropped', async () => {
      const now = await counters();
      const droppedCount = now.droppedSlowPeer - before.droppedSlowPeer;
      const deliveredCount = now.framesDelivered - before.framesDelivered;
      return droppedCount + deliveredCount >= MESSAGE_COUNT && droppedCount;
    });
    assert.ok(dropped > MESSAGE_COUNT / 2, `${dropped} were dropped`);
    assert.match(await home.ok(['route', 'web1']), /deaf.*does not keep up/);
    // Who asks to be told is told; others are reached as ever.
    const told = await home.run(['send', 'web1:deaf', 'N', '--timeout', '5s']);
    assert.is(told.status, 5, told.stderr);
    assert.match(told.stderr, /E_DROPPED/);
    assert.is(await home.ok(['exec', 'web1', 'echo', 'here']), 'here\n');
    deaf.signal('SIGKILL');
    await deaf.ended;
  }));

test('on the same node: its senders wait, nothing is dropped, and others do not wait', () =>
  withBoundedMemory(async () => {
    const deaf = await startDeaf('deaf');
    const before = await counters();
    const sender = start('sender', 'web1', 'deaf');
    const waiting = await until('the sender waits', async () => {
      const count = sentBy(sender);
      // Each call has its turn in the same daemon.
      for (let turn = 0; turn < 3; turn++) await home.ok(['exec', 'web1', 'true']);
      return count > 0 && sentBy(sender) === count && count;
    });
    assert.ok(waiting < ON_THE_WAY_COUNT_MAX, `${waiting} messages are on their way`);
    assert.is((await counters()).droppedSlowPeer, before.droppedSlowPeer);
    deaf.signal('SIGKILL');
    await deaf.ended;
    // What it was waited for is gone: the rest ends at the daemon.
    assert.is((await sender.end(30_000)).status, 0);
    assert.match(sender.text('stdout'), new RegExp(`all ${MESSAGE_COUNT}\n`));
  }));

/** A command whose stdout nobody reads yet. */
interface Stuck {
  readonly pid: number;
  /** From now on what it prints goes to a file. */
  read(): Promise<void>;
  /** The numbers of the messages in that file. */
  numbers(): number[];
}

const BIG_COUNT = 20_000;
const BIG_BYTES = 4_000;

/** `poke` has one message come to it: it is read, and nothing more. */
async function startStuck(name: string, words: string, poke: string[]): Promise<Stuck> {
  const [pidFile, gate, first, output] = ['pid', 'gate', 'first', 'out'].map((end) =>
    home.file(`${name}.${end}`),
  ) as [string, string, string, string];
  const command = `sh -c 'echo $$ > ${pidFile}; exec dagent ${words} --via web1 --json'`;
  const reader = `read line; echo "$line" > ${first}; read go < ${gate}; exec cat > ${output}`;
  home.spawn(['sh', '-c', `mkfifo ${gate}; ${command} | (${reader})`]);
  const pid = await home.pid(`${name}.pid`);
  home.atEnd(async () => {
    if (isRunning(pid)) process.kill(pid, 'SIGKILL');
    const flag = constants.O_WRONLY | constants.O_NONBLOCK;
    // Nobody waits there where it was read.
    await writeFile(gate, 'go\n', { flag }).catch(() => undefined);
  });
  await until('it hears', async () => {
    await home.run([...poke, '--via', 'web1']);
    return existsSync(first);
  });
  return {
    pid,
    read: () => writeFile(gate, 'go\n'),
    numbers() {
      const text = existsSync(output) ? readFileSync(output, 'utf8') : '';
      const lines = text
        .slice(0, text.lastIndexOf('\n') + 1)
        .split('\n')
        .slice(0, -1);
      const all = lines.map((line) => JSON.parse(line).params.n as string | undefined);
      return all.filter((n) => n !== undefined).map(Number);
    },
  };
}

function listenStuck(service: string): Promise<Stuck> {
  const poke = ['send', `web1:${service}`, 'FIRST', '--cache', 'no'];
  return startStuck(service, `listen ${service}`, poke);
}

/** Starts one that is faster than what is not read, and waits until it waits. */
async function untilHeld(to: string): Promise<Program> {
  const sender = start('sender', 'web1', to, String(BIG_COUNT), String(BIG_BYTES));
  await until('the sender waits', async () => {
    const count = sentBy(sender);
    for (let turn = 0; turn < 3; turn++) await home.ok(['exec', 'web1', 'true']);
    return count > 0 && sentBy(sender) === count;
  });
  return sender;
}

test('listen goes at the pace of its reader: a sender waits, and nothing is lost', async () => {
  const stuck = await listenStuck('stuck');
  const sender = await withBoundedMemory(() => untilHeld('stuck'), stuck);
  assert.ok(sentBy(sender) < BIG_COUNT / 2, `${sentBy(sender)} messages are on their way`);
  await stuck.read();
  assert.is((await sender.end(30_000)).status, 0);
  const numbers = await until('all is printed', () => {
    const all = stuck.numbers();
    return all.length >= BIG_COUNT && all;
  });
  assert.equal(numbers, [...Array(BIG_COUNT).keys()]);
  process.kill(stuck.pid);
});

test('listen that is not read: what is delivered comes, and others are told', async () => {
  const stuck = await listenStuck('far');
  const record = { to: 'web1:far', command: 'N', data: 'x'.repeat(BIG_BYTES) };
  const lines = Array.from({ length: BIG_COUNT }, (_, n) =>
    JSON.stringify({ ...record, params: { n: String(n) } }),
  );
  let taken = 0;
  await withBoundedMemory(async () => {
    const input = lines.join('\n');
    const { status, stderr } = await home.run(['send', '--stdin', '--via', 'root'], { input });
    assert.is(status, 5, stderr);
    taken = Number(/line (\d+): .*E_DROPPED/.exec(stderr)?.[1]) - 1;
    assert.ok(taken > 0 && taken < BIG_COUNT / 2, `${taken} lines were taken`);
  }, stuck);
  await stuck.read();
  const numbers = await until('what was taken is printed', () => {
    const all = stuck.numbers();
    return all.length >= taken && all;
  });
  assert.equal(numbers.slice(0, taken), [...Array(taken).keys()]);
  process.kill(stuck.pid);
});

test('subscribe goes at the pace of its reader, and costs no memory either', async () => {
  const stuck = await startStuck('events', 'subscribe orders.paid', ['publish', 'orders.paid']);
  await withBoundedMemory(async () => {
    await start('sender', 'root', 'orders.paid', String(BIG_COUNT), String(BIG_BYTES)).end(30_000);
    for (let turn = 0; turn < 3; turn++) await home.ok(['exec', 'web1', 'true']);
  }, stuck);
  await stuck.read();
  await until('it prints what it has', () => stuck.numbers().length > 0);
  process.kill(stuck.pid);
});

test('listen ends by SIGTERM also when nobody reads what it has printed', async () => {
  const stuck = await listenStuck('ended');
  const sender = await untilHeld('ended');
  process.kill(stuck.pid);
  assert.is((await sender.end(30_000)).status, 0);
  await stuck.read();
  await home.gone('ended.pid');
  const numbers = stuck.numbers();
  assert.equal(numbers, [...Array(numbers.length).keys()]);
});

test('one that stops reading for a while loses nothing to a sender of its node', async () => {
  const slow = home.spawn([
    ...['sh', '-c', `dagent listen slow --via web1 --json -c 3000 | (sleep 1; wc -l)`],
  ]);
  await until('the service is there', async () => {
    if (slow.isOver) throw new Error(slow.text('stderr'));
    return (await home.run(['send', 'web1:slow', 'FIRST', '--cache', 'no'])).status === 0;
  });
  const line = JSON.stringify({ to: 'web1:slow', command: 'N', data: 'x'.repeat(1_000) });
  const input = `${line}\n`.repeat(2_999);
  assert.is((await home.run(['send', '--stdin', '--via', 'web1'], { input })).status, 0);
  assert.is((await slow.end()).stdout.trim(), '3000');
});

test.run();
