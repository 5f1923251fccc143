import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, PROJECT, recordsOf } from './harness.ts';
import { until } from './poll.ts';
import type { Program } from './program.ts';

const test = suite('direct connections');
const home = new Home();
const LIBRARY = join(PROJECT, 'dist/client/index.js');

/** Counts what comes, and says so when asked. */
const RECEIVER = `
import { connect } from '${LIBRARY}';
const client = await connect();
const heard = { count: 0, first: -1, last: -1, disorder: 0 };
await client.register('sink', {
  onMessage(message) {
    const number = message.data.readUInt32BE(0);
    if (heard.count++ === 0) heard.first = number;
    else if (number !== heard.last + 1) heard.disorder++;
    heard.last = number;
  },
  onRequest(exchange) {
    exchange.reply({ data: Buffer.from(JSON.stringify(heard)) });
  },
});
console.log('ready');
process.once('SIGTERM', () => client.close());
`;

/** Sends numbers until it is told to end, and says when the way changes. */
const SENDER = `
import { connect } from '${LIBRARY}';
const client = await connect();
let isOver = false;
let number = 0;
let way = '';
process.once('SIGTERM', () => { isOver = true; });
while (!isOver) {
  for (let burst = 0; burst < 200; burst++) {
    const data = Buffer.alloc(128);
    data.writeUInt32BE(number++);
    client.send('sink', 'N', { data });
  }
  await client.drained();
  if (client.wayTo('sink') !== way) console.log('way', way = client.wayTo('sink'));
  await new Promise((resolve) => setTimeout(resolve, 1));
}
await client.deliver('sink', 'N', { data: (() => {
  const data = Buffer.alloc(128);
  data.writeUInt32BE(number++);
  return data;
})() });
console.log('sent', number);
await client.close();
`;

interface Traced {
  readonly outcome: string;
  readonly direct: readonly { readonly from: string; readonly messages: number }[] | null;
}

interface Heard {
  readonly count: number;
  readonly first: number;
  readonly last: number;
  readonly disorder: number;
}

test.before(async () => {
  await home.startTree({ root: null });
  writeFileSync(home.file('receiver.mjs'), RECEIVER);
  writeFileSync(home.file('sender.mjs'), SENDER);
});
test.after(() => home.close());

function start(name: string): Program {
  return home.spawn([process.execPath, home.file(`${name}.mjs`)]);
}

async function startReceiver(): Promise<Program> {
  const receiver = start('receiver');
  await receiver.sees(/ready/);
  return receiver;
}

async function heard(): Promise<Heard> {
  return JSON.parse(await home.ok(['send', 'sink', 'HEARD', '--request'])) as Heard;
}

async function delivered(): Promise<number> {
  const words = ['call', 'root:', 'node.counters'];
  const counters = await home.json<{ framesDelivered: number }>(words);
  return counters.framesDelivered;
}

function sockets(): string[] {
  return readdirSync(join(home.dir, 'run/root')).filter((name) => name.startsWith('direct-'));
}

/** Waits until the sender has said so often that it goes that way. */
async function goes(sender: Program, way: string, count: number): Promise<void> {
  await until(`the sender goes by ${way} ${count} times`, () => {
    if (sender.isOver) throw new Error(sender.text('stderr'));
    return sender.text('stdout').split(`way ${way}\n`).length > count;
  });
}

test('two processes talk past the daemon, and through it again when one is killed', async () => {
  const first = await startReceiver();
  const sender = start('sender');
  await goes(sender, 'direct', 1);
  const [framesBefore, heardBefore] = [await delivered(), await heard()];
  const heardAfter = await until('more has come', async () => {
    const now = await heard();
    return now.count > heardBefore.count + 10_000 && now;
  });
  // What was asked meanwhile, and no message.
  assert.ok((await delivered()) - framesBefore < 1_000);
  assert.equal([heardAfter.first, heardAfter.disorder], [0, 0]);
  assert.is(sockets().length, 1);

  const traced = recordsOf<Traced>(await home.ok(['trace', 'root:sink', '--json'])).at(-1);
  const [talker] = traced?.direct ?? [];
  assert.equal([traced?.outcome, traced?.direct?.length], ['delivered', 1]);
  assert.match(talker?.from ?? '', /^root:~/);
  assert.ok((talker?.messages ?? 0) > 10_000);
  assert.match(
    await home.ok(['trace', 'sink']),
    /direct: root:~\S+ talks to it past the daemon, [\d,]+ messages in .*\ndelivered to sink/,
  );

  first.signal('SIGKILL');
  await goes(sender, 'daemon', 2);
  const second = await startReceiver();
  await goes(sender, 'direct', 2);
  assert.is(sockets().length, 1, 'what the killed one left is gone');
  const between = await heard();
  assert.ok(between.first > heardAfter.last);
  assert.is(between.disorder, 0);

  sender.signal('SIGTERM');
  const { status, stdout } = await sender.end();
  assert.is(status, 0);
  const sent = Number(/sent (\d+)/.exec(stdout)?.[1]);
  const end = await heard();
  assert.equal([end.last, end.disorder], [sent - 1, 0]);
  assert.is(end.count, sent - end.first);
  second.signal('SIGTERM');
  assert.is((await second.end()).status, 0);
  assert.equal(sockets(), []);
});

test.run();
