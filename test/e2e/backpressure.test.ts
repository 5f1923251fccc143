import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, PROJECT, type Status } from './harness.ts';
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

/** Sends a million messages, waiting where it is told to, and says how far it is. */
const SENDER = `
import { connect } from '${LIBRARY}';
const client = await connect();
const data = Buffer.alloc(${BODY_BYTES}, 'x');
let sent = 0;
const timer = setInterval(() => console.log('sent', sent), 20);
while (sent < ${MESSAGE_COUNT}) {
  if (!client.send(process.argv[2], 'N', { data })) await client.drained();
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

function start(name: string, via: string, to: string): Program {
  return home.spawn([process.execPath, home.file(`${name}.mjs`), to], {
    env: { DAGENT_VIA: via },
  });
}

async function startDeaf(service: string): Promise<Program> {
  const deaf = start('deaf', 'web1', service);
  await deaf.sees(/ready/);
  return deaf;
}

function residentBytes(name: string): number {
  const status = readFileSync(`/proc/${daemons.get(name)?.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

/** Runs something, and checks that no daemon grows by it more than its queues may. */
async function withBoundedMemory(use: () => Promise<void>): Promise<void> {
  const before = new Map([...daemons.keys()].map((name) => [name, residentBytes(name)]));
  const check = (): void => {
    for (const [name, bytes] of before) {
      const growth = residentBytes(name) - bytes;
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
  await use();
  clearInterval(timer);
  if (excess !== undefined) throw excess;
  check();
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
