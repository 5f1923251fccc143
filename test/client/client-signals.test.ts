import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Client } from '../../src/client/client.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { Realm } from './realm.ts';

const realm = new Realm();
await realm.start('root');

const ENOUGH = new Error('enough');

/** Two programs at the root, closed when the test is over. */
function testPair(title: string, use: (here: Client, there: Client) => Promise<void>): void {
  test(title, async () => {
    const [here, there] = [await realm.connect('root'), await realm.connect('root')];
    try {
      await use(here, there);
    } finally {
      await Promise.all([here.close(), there.close()]);
    }
  });
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** A promise, and what settles it. */
function signalled(): { promise: Promise<void>; settle: () => void } {
  let settle = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { promise, settle: () => settle() };
}

testPair(
  'a signal ends what waits for an answer, and tells the other side',
  async (here, there) => {
    const [asked, cancelled] = [signalled(), signalled()];
    await there.register('slow', {
      onRequest(exchange) {
        exchange.onCancel = cancelled.settle;
        asked.settle();
      },
    });
    const abort = new AbortController();
    const { signal } = abort;
    const waiting = failure(here.request('root:slow', 'ASK', { signal }));
    const delivering = failure(here.deliver('root:away', 'N', { signal, report: 'delivered' }));
    await asked.promise;
    abort.abort(ENOUGH);
    assert.is(await waiting, ENOUGH);
    await cancelled.promise;
    assert.ok((await delivering) instanceof Error);
    assert.is(await failure(here.request('root:slow', 'ASK', { signal })), ENOUGH);
  },
);

testPair('a signal that has come keeps a name from being taken', async (here, there) => {
  const signal = AbortSignal.abort(ENOUGH);
  const none: readonly Promise<unknown>[] = [
    here.register('a', {}, { signal }),
    here.serve('b', {}, { signal }),
    here.listen('c', { signal }),
    here.consume('d', { signal }),
    here.subscribe('t', { signal }),
  ];
  for (const each of none) assert.is(await failure(each), ENOUGH);
  await here.taken();
  // What was granted all the same has been given back.
  for (const name of ['a', 'b', 'c', 'd']) await there.register(name);
});

testPair('a signal ends readers, and gives their names back', async (here, there) => {
  const abort = new AbortController();
  const { signal } = abort;
  const readers = [
    await here.listen('ears', { signal }),
    await here.consume('box', { signal }),
    await here.subscribe(['t', 'u'], { signal }),
  ];
  const ends = readers.map((reader) => reader.next());
  abort.abort();
  for (const end of await Promise.all(ends)) assert.equal(end, { value: undefined, done: true });
  await here.taken();
  for (const name of ['ears', 'box']) await there.register(name);
});

testPair(
  'drained, a program finishes what has begun, and takes nothing new',
  async (here, there) => {
    const [asked, mayAnswer] = [signalled(), signalled()];
    await there.register('work', {
      async onRequest(exchange) {
        asked.settle();
        await mayAnswer.promise;
        exchange.reply({ command: 'DONE' });
      },
    });
    const queue = await there.listen('ears');
    const letters = await there.consume('box');
    for (const command of ['A', 'B']) await here.deliver('root:ears', command);
    await here.send('root:box', 'L', { durable: true });
    const reply = here.request('root:work', 'WORK');
    await asked.promise;
    const { value: letter } = await letters.next();
    let isDrained = false;
    const stored = there.send('root:later', 'N', { durable: true });
    const drained = there.drain().then(() => {
      isDrained = true;
    });
    assert.equal(await letters.next(), { value: undefined, done: true });
    await letter.ack();
    const refused = here.request('root:work', 'LATE').catch(({ code }) => code);
    const read: string[] = [];
    const reading = (async () => {
      for await (const { message } of queue) read.push(message.command);
    })();
    await stored;
    assert.is(await refused, 'E_NO_SERVICE');
    assert.not(isDrained);
    mayAnswer.settle();
    assert.is((await reply).command, 'DONE');
    await reading;
    assert.equal(read, ['A', 'B']);
    await drained;
    assert.is(await there.closed, undefined);
    for (const name of ['work', 'ears', 'box']) await here.register(name);
  },
);

testPair('draining ends when its signal comes, and what was asked fails', async (here, there) => {
  await there.register('never', { onRequest: () => undefined });
  const asked = failure(here.request('root:never', 'ASK'));
  await here.call('root:', 'admin.hello');
  const error = await failure(there.drain({ signal: AbortSignal.timeout(20) }));
  assert.is((error as Error).name, 'TimeoutError');
  assert.instance(await asked, DagentError);
  assert.is(await there.closed, undefined);
});

testPair('a signal that has come before keeps a message from being sent', async (here) => {
  const signal = AbortSignal.abort(ENOUGH);
  assert.throws(
    () => here.send('root:somewhere', 'N', { signal }),
    (error: unknown) => error === ENOUGH,
  );
});

for (const end of ['drain', 'close'] as const) {
  testPair(`a durable message after ${end} fails as everything does then`, async (here) => {
    await here[end]();
    const lost = await failure(here.send('root:once', 'N', { durable: true }));
    const asked = await failure(here.request('root:', 'N'));
    assert.is((lost as DagentError).code, 'E_CONNECTION_LOST');
    assert.is((asked as DagentError).message, (lost as DagentError).message);
  });
}

testPair('what a program has done is known to the next one of that name', async (here, there) => {
  const send = (command: string): Promise<void> =>
    here.send('root:once', command, { durable: true });
  for (const command of ['A', 'B']) await send(command);
  const first = await there.consume('once');
  const letter = (await first.next()).value;
  // It is remembered, and the connection breaks before the ack is stored.
  void letter.ack();
  await there.close();
  const next = await realm.connect('root');
  const second = await next.consume('once');
  assert.is((await second.next()).value.command, 'B');
  await next.close();
  rmSync(join(realm.dir, 'data', 'root', 'windows'), { recursive: true });
});

test.after(() => realm.end());
test.run();
