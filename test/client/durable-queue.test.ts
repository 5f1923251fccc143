import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WindowFile } from '../../src/adapters/window-file.ts';
import { DurableQueue } from '../../src/client/durable-queue.ts';
import type { LeaseSource } from '../../src/client/lease.ts';
import type { ConsumeOptions, Letter } from '../../src/client/letter.ts';
import type { Asking } from '../../src/endpoint/asking.ts';
import { DELIVERY_CHANNEL, encodeContent, encodeDeliveries } from '../../src/protocol/durable.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { MAILBOX_LEASE_COUNT_MAX } from '../../src/protocol/limits.ts';

const SENDER = '00000000000000aa';
const FULL = new DagentError('E_CANNOT_WRITE', { path: '/x', reason: 'the disk is full' });
const LOST = new DagentError('E_CONNECTION_LOST', { node: 'root', reason: 'it broke' });

interface Call {
  readonly method: string;
  readonly args: readonly unknown[];
  answer(error?: DagentError): void;
}

/** A node that leases what the test delivers. */
class FakeNode {
  readonly calls: Call[] = [];
  isCancelled = false;
  #isLost = false;
  #fail: (error: DagentError) => void = () => undefined;
  readonly #asking = {
    onProgress: (_value: unknown): void => undefined,
    onData: (_channel: number, _bytes: Buffer): void => undefined,
    grant: (): void => undefined,
    cancel: (): void => {
      this.isCancelled = true;
    },
    whenOver: (_: unknown, fail: (error: DagentError) => void): void => {
      this.#fail = fail;
    },
  };

  readonly source: LeaseSource = {
    open: () => this.#asking as unknown as Asking,
    call: (method, args) =>
      new Promise((resolve, reject) => {
        const answer = (error?: DagentError): void => (error ? reject(error) : resolve(null));
        if (this.#isLost) reject(LOST);
        else this.calls.push({ method, args, answer });
      }),
    forget: () => undefined,
    isLost: () => this.#isLost,
  };

  accept(): void {
    this.#asking.onProgress({ receiver: 1, store: 's' });
  }

  /** Delivers message number `sequence`, which is at `position`. */
  deliver(
    sequence: number,
    position = sequence,
    { sender = SENDER, isRepeated = false } = {},
  ): void {
    const content = encodeContent({ command: `N${sequence}`, params: {}, data: Buffer.alloc(0) });
    const message = { sequence, sentAtMs: 0, content };
    const delivery = { position, attempt: 1, isRepeated, message };
    this.#asking.onData(DELIVERY_CHANNEL, encodeDeliveries({ sender, from: 'a:b' }, [delivery]));
  }

  refuse(error: DagentError): void {
    this.#fail(error);
  }

  break(): void {
    this.#isLost = true;
    for (const { answer } of this.calls) answer(LOST);
    this.#fail(LOST);
  }

  /** Positions that were acked, call by call. */
  get acked(): unknown[] {
    return this.calls.filter(({ method }) => method === 'mailbox.ack').map(({ args }) => args[2]);
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A queue with its first connection. */
function open(options: ConsumeOptions = {}) {
  const node = new FakeNode();
  const window = new WindowFile(undefined);
  let leftCount = 0;
  const leave = (): void => void leftCount++;
  const queue = new DurableQueue({ plain: undefined, window, leave }, options);
  queue.begin(node.source);
  node.accept();
  return { node, queue, window, left: () => leftCount };
}

async function next(queue: DurableQueue): Promise<Letter> {
  const { value, done } = await queue.next();
  assert.not(done);
  return value as Letter;
}

test('acks of one moment go together, and are settled when the node says so', async () => {
  const { node, queue } = open();
  await queue.opened();
  node.deliver(1);
  node.deliver(2);
  const [first, second] = [await next(queue), await next(queue)];
  assert.equal([first.command, first.id], ['N1', `${SENDER}.1`]);
  const acked = Promise.all([first.ack(), second.ack(), second.ack()]);
  await turn();
  assert.equal(node.acked, [[1, 2]]);
  node.calls[0]?.answer();
  await acked;
  queue.end();
});

test('messages of two senders with the same sequence are two', async () => {
  const { node, queue } = open();
  const other = '00000000000000bb';
  node.deliver(1, 1);
  node.deliver(1, 2, { sender: other });
  const [first, second] = [await next(queue), await next(queue)];
  assert.equal([first.id, second.id], [`${SENDER}.1`, `${other}.1`]);
  const acked = second.ack();
  await turn();
  assert.equal(node.acked, [[2]]);
  node.calls[0]?.answer();
  await acked;
  queue.end();
});

test('what is done and comes again is acked, and not handed out', async () => {
  const { node, queue, window } = open({ isDone: (id) => id === `${SENDER}.2` });
  window.add({ sender: SENDER, sequence: 1 });
  for (const sequence of [1, 2, 3]) node.deliver(sequence);
  assert.is((await next(queue)).command, 'N3');
  await turn();
  assert.equal(node.acked, [[1, 2]]);
  queue.end();
});

test('what was had before is handed out when the acks before it have left', async () => {
  const { node, queue, window } = open();
  window.add({ sender: SENDER, sequence: 1 });
  for (const sequence of [1, 2, 3]) node.deliver(sequence, sequence, { isRepeated: true });
  const second = await next(queue);
  assert.equal([second.command, node.acked], ['N2', [[1]]]);
  void second.ack();
  assert.is((await next(queue)).command, 'N3');
  assert.equal(node.acked, [[1], [2]]);
  queue.end();
});

test('behind MAILBOX_LEASE_COUNT_MAX messages nobody can have died of one', async () => {
  const { node, queue } = open();
  for (let n = 1; n <= MAILBOX_LEASE_COUNT_MAX + 10; n++) node.deliver(n, n, { isRepeated: true });
  for (let n = 1; n <= MAILBOX_LEASE_COUNT_MAX + 10; n++) void (await next(queue)).ack();
  assert.is(node.acked.length, MAILBOX_LEASE_COUNT_MAX - 1);
  await turn();
  assert.is(node.acked.length, MAILBOX_LEASE_COUNT_MAX);
  queue.end();
});

test('what the program is at when the connection breaks is acked by the next one', async () => {
  const { node, queue } = open();
  for (const sequence of [1, 2, 3]) node.deliver(sequence);
  const [done, current] = [await next(queue), await next(queue)];
  const unheard = done.ack();
  await turn();
  node.break();
  const after = new FakeNode();
  queue.begin(after.source);
  after.accept();
  // Other positions: the store was made anew, say.
  for (const sequence of [1, 2, 3]) after.deliver(sequence, sequence + 10);
  const acked = current.ack();
  await turn();
  assert.equal(after.acked, [[11, 12]]);
  after.calls[0]?.answer();
  await Promise.all([unheard, acked]);
  // What was not read before comes in its order.
  assert.is((await next(queue)).command, 'N3');
  queue.end();
});

test('what is acked between two connections is acked when it comes again', async () => {
  const { node, queue } = open();
  node.deliver(1);
  const letter = await next(queue);
  node.break();
  const acked = letter.ack();
  await turn();
  const after = new FakeNode();
  queue.begin(after.source);
  after.accept();
  after.deliver(1, 5);
  await turn();
  assert.equal(after.acked, [[5]]);
  after.calls[0]?.answer();
  await acked;
  queue.end();
});

test('what is given back is handed out again when it comes', async () => {
  const { node, queue } = open();
  node.deliver(1);
  const given = (await next(queue)).nack({ delayMs: 5, reason: 'not now' });
  assert.equal(node.calls[0]?.args.slice(1), [1, { delayMs: 5, reason: 'not now' }]);
  node.calls[0]?.answer();
  await given;
  node.deliver(1);
  assert.is((await next(queue)).command, 'N1');
  queue.end();
});

test('drained, it hands out no more, and ends when what is out is acked', async () => {
  const { node, queue, left } = open();
  node.deliver(1);
  node.deliver(2);
  const letter = await next(queue);
  let isDrained = false;
  const drained = queue.drain().then(() => {
    isDrained = true;
  });
  assert.equal(await queue.next(), { value: undefined, done: true });
  node.deliver(3);
  await turn();
  assert.equal([isDrained, node.isCancelled, left()], [false, false, 0]);
  const acked = letter.ack();
  await turn();
  node.calls[0]?.answer();
  await Promise.all([acked, drained]);
  assert.equal([node.isCancelled, left()], [true, 1]);
});

test('at its end what was acked is said, and the name is given back behind that', async () => {
  const { node, queue, left } = open();
  node.deliver(1);
  const acked = (await next(queue)).ack();
  await queue.return();
  assert.equal([node.acked, node.isCancelled, left()], [[[1]], false, 0]);
  node.calls[0]?.answer();
  await acked;
  assert.equal([node.isCancelled, left()], [true, 1]);
});

test('what was acked too late is not known to be so, and is not handed out again', async () => {
  const { node, queue, window } = open();
  node.deliver(1);
  const letter = await next(queue);
  queue.end();
  const error = await letter.ack().catch((thrown: unknown) => thrown);
  assert.is((error as DagentError).code, 'E_CONNECTION_LOST');
  assert.ok(window.has({ sender: SENDER, sequence: 1 }));
  assert.is(letter.id, `${SENDER}.1`);
});

test('a node that refuses at first is told of; what fails for good ends it', async () => {
  const refused = open();
  const node = new FakeNode();
  const window = new WindowFile(undefined);
  const queue = new DurableQueue({ plain: undefined, window, leave: () => undefined });
  queue.begin(node.source);
  node.refuse(FULL);
  assert.is(await queue.opened().catch((thrown: unknown) => thrown), FULL);
  refused.node.refuse(FULL);
  assert.is(await refused.queue.next().catch((thrown: unknown) => thrown), FULL);
});

test('a window that cannot be written is told of, and nothing more is handed out', async () => {
  const { node, queue, window } = open();
  window.add = () => {
    throw FULL;
  };
  node.deliver(1);
  node.deliver(2);
  const acked = (await next(queue)).ack().catch((thrown: unknown) => thrown);
  assert.is(await queue.next().catch((thrown: unknown) => thrown), FULL);
  assert.equal(node.acked, [[1]]);
  node.calls[0]?.answer();
  assert.is(await acked, FULL);
});

test('a window that cannot be written is told of also behind the end, or a lost ack', async () => {
  const { node, queue, window } = open();
  window.add = () => {
    throw FULL;
  };
  node.deliver(1);
  node.deliver(2);
  const [first, second] = [await next(queue), await next(queue)];
  const unheard = first.ack().catch((thrown: unknown) => thrown);
  node.calls[0]?.answer(LOST);
  assert.is(await unheard, FULL);
  assert.is(await second.ack().catch((thrown: unknown) => thrown), FULL);
});

test.run();
