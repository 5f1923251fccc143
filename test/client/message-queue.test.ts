import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MessageQueue, type Received } from '../../src/client/message-queue.ts';
import { Answering } from '../../src/endpoint/answering.ts';
import type { Incoming } from '../../src/endpoint/incoming.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { type FrameFields, Kind } from '../../src/protocol/frame.ts';

const LOST = new DagentError('E_CONNECTION_LOST', { node: 'here', reason: 'it is a test' });
/** At which length of the queue its source is stopped, and at which it goes on. */
const COUNT_MAX = 1024;
const COUNT_LOW = 256;
const MIB = 1_048_576;

function received(command: string, bytes = 0): Received {
  const names = { from: 'a:b', to: 'c:d', command, sn: command };
  const message: Incoming = { ...names, params: {}, data: Buffer.alloc(bytes), isCall: false };
  return { message, exchange: undefined };
}

/** A queue, and what it has asked of its source. */
class Bench {
  readonly asked: string[] = [];
  readonly queue = new MessageQueue({
    setPaused: (isPaused) => this.asked.push(isPaused ? 'pause' : 'resume'),
    leave: () => this.asked.push('leave'),
  });

  fill(count: number): void {
    for (let index = 0; index < count; index++) this.queue.push(received(String(index)));
  }

  async next(): Promise<string> {
    const { value, done } = await this.queue.next();
    return done === true ? 'end' : value.message.command;
  }
}

test('messages come in their order, whether they wait or are waited for', async () => {
  const bench = new Bench();
  bench.fill(2);
  assert.is(await bench.next(), '0');
  assert.is(await bench.next(), '1');
  const waiting = bench.next();
  bench.queue.push(received('late'));
  assert.is(await waiting, 'late');
});

test('several readers share what comes, the longest waiting first', async () => {
  const bench = new Bench();
  const readers = [bench.next(), bench.next(), bench.next()];
  bench.fill(2);
  bench.queue.end();
  assert.equal(await Promise.all(readers), ['0', '1', 'end']);
});

test('a source is stopped when the queue is full, and goes on when it is short', async () => {
  const bench = new Bench();
  bench.fill(COUNT_MAX - 1);
  assert.equal(bench.asked, []);
  bench.fill(10);
  assert.equal(bench.asked, ['pause']);
  for (let left = COUNT_MAX + 9; left > COUNT_LOW + 1; left--) await bench.next();
  assert.equal(bench.asked, ['pause']);
  await bench.next();
  assert.equal(bench.asked, ['pause', 'resume']);
  bench.fill(COUNT_MAX);
  assert.equal(bench.asked, ['pause', 'resume', 'pause']);
});

test('a few large messages fill it as well', async () => {
  const bench = new Bench();
  for (let count = 0; count < 3; count++) bench.queue.push(received('large', MIB));
  assert.equal(bench.asked, []);
  bench.queue.push(received('large', MIB));
  assert.equal(bench.asked, ['pause']);
  for (let count = 0; count < 3; count++) await bench.next();
  assert.equal(bench.asked, ['pause', 'resume']);
});

test('when it ends, what is left is still read, and no more is wanted', async () => {
  const bench = new Bench();
  bench.fill(1);
  bench.queue.end();
  assert.equal(bench.asked, ['leave']);
  assert.is(await bench.next(), '0');
  assert.is(await bench.next(), 'end');
  assert.is(await bench.next(), 'end');
});

test('when it breaks, the error comes after what is left, to every reader', async () => {
  const bench = new Bench();
  const waiting = [bench.next(), bench.next()].map((each) => each.catch((error) => error));
  bench.fill(1);
  bench.queue.end(LOST);
  assert.equal(await Promise.all(waiting), ['0', LOST]);
  assert.is(await bench.next().catch((error) => error), LOST);
});

test('it ends once: what comes second changes nothing', async () => {
  const bench = new Bench();
  bench.queue.end();
  bench.queue.end(LOST);
  assert.is(await bench.next(), 'end');
  assert.equal(bench.asked, ['leave']);
});

test('a loop that is left wants no more and holds up nobody', async () => {
  const bench = new Bench();
  bench.fill(COUNT_MAX);
  for await (const { message } of bench.queue) if (message.command === '5') break;
  assert.equal(bench.asked, ['pause', 'leave', 'resume']);
  assert.is(await bench.next(), 'end');
});

test('who asked and was not read hears that nobody will answer', async () => {
  const bench = new Bench();
  const sent: FrameFields[] = [];
  const address = { toNode: 1, toService: 2, fromNode: 3, fromService: 4, seed: 5, number: 6 };
  const { message } = received('ASK');
  const exchange = new Answering(address, 1, { write: (fields) => sent.push(fields) }, message);
  bench.queue.push({ message, exchange });
  await bench.queue.return();
  assert.equal(
    sent.map(({ kind }) => kind),
    [Kind.REJECT],
  );
});

test.run();
