import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Client } from '../../src/client/client.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { Realm } from './realm.ts';

const PIECE = Buffer.alloc(65_536);
/** What may be on its way to a reader that does not read: our queues, and those of the system. */
const ON_THE_WAY_BYTES_MAX = 16 * 1024 * 1024;

const realm = new Realm();
await realm.start('root');

/** What a promise fails with. */
async function failure(promise: Promise<unknown>): Promise<DagentError> {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.instance(thrown, DagentError);
  return thrown as DagentError;
}

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

/** Sends until the way is full, and stays full; returns how many bytes that took. */
async function fillTheWay(client: Client, to: string): Promise<number> {
  for (let sentBytes = 0; sentBytes <= 2 * ON_THE_WAY_BYTES_MAX; ) {
    sentBytes += PIECE.length;
    if (client.send(to, 'PIECE', { data: PIECE })) continue;
    const drained = client.drained().then(() => true);
    // A request to another service shows that all others have had their turn, and more than once.
    const turn = realm.connect('root').then(async (other) => {
      for (let count = 0; count < 20; count++) await other.call('root:', 'admin.echo');
      await other.close();
      return false;
    });
    if (!(await Promise.race([drained, turn]))) return sentBytes;
  }
  return Number.POSITIVE_INFINITY;
}

testPair(
  'a reader that does not read stops the sender, and nothing is lost',
  async (here, there) => {
    const queue = await there.listen('slow');
    const sentBytes = await fillTheWay(here, 'root:slow');
    assert.ok(sentBytes < ON_THE_WAY_BYTES_MAX, `${sentBytes} bytes on the way`);
    for (let left = sentBytes; left > 0; left -= PIECE.length) {
      const { value } = await queue.next();
      assert.is(value.message.data.length, PIECE.length);
    }
    await here.drained();
    await here.deliver('root:slow', 'LAST');
    assert.is((await queue.next()).value.message.command, 'LAST');
  },
);

testPair('when a reader that does not read is gone, its sender goes on', async (here, there) => {
  await there.listen('slow');
  await fillTheWay(here, 'root:slow');
  await there.close();
  await here.drained();
  assert.is(
    (await failure(here.deliver('root:slow', 'MORE', { cache: 'no' }))).code,
    'E_NO_SERVICE',
  );
});

testPair('of two services the slower one sets the pace of both', async (here, there) => {
  const slow = await there.listen('slow');
  const quick = await there.listen('quick');
  await fillTheWay(here, 'root:slow');
  void slow.return();
  await here.deliver('root:quick', 'HELLO');
  assert.is((await quick.next()).value.message.command, 'HELLO');
});

testPair('who leaves the loop gives the name back, and stays connected', async (here, there) => {
  const queue = await there.listen('once');
  here.send('root:once', 'FIRST');
  const asked = failure(here.request('root:once', 'SECOND'));
  for await (const { message } of queue) {
    assert.is(message.command, 'FIRST');
    break;
  }
  assert.is((await asked).code, 'E_NOT_UNDERSTOOD');
  // The name is given back behind what this call has sent.
  assert.is(await there.call('root:', 'admin.echo', ['still here']), 'still here');
  assert.is(
    (await failure(here.deliver('root:once', 'THIRD', { cache: 'no' }))).code,
    'E_NO_SERVICE',
  );
  const again = await there.listen('once');
  await here.deliver('root:once', 'FOURTH');
  assert.is((await again.next()).value.message.command, 'FOURTH');
});

testPair('what was sent before the end arrives', async (here, there) => {
  const queue = await there.listen('store');
  const count = 5_000;
  for (let index = 0; index < count; index++) here.send('root:store', `PUT${index}`);
  await here.close();
  for (let index = 0; index < count; index++) {
    const { value } = await queue.next();
    assert.is(value.message.command, `PUT${index}`);
  }
});

testPair('what was sent has left when it says so, also when it is little', async (here) => {
  here.send('root:nobody', 'HELLO');
  await here.drained();
  await here.drained();
});

testPair('after the end nothing can be sent, asked or registered', async (here, there) => {
  await there.register('silent', { onRequest: () => undefined });
  const asked = failure(here.request('root:silent', 'ASK'));
  const listening = await here.listen('ears');
  await here.close();
  assert.is((await asked).code, 'E_CONNECTION_LOST');
  assert.is(await here.closed, undefined);
  assert.throws(
    () => here.send('root:silent', 'ASK'),
    (error: DagentError) => error.code === 'E_CONNECTION_LOST',
  );
  for (const late of [
    here.request('root:silent', 'ASK'),
    here.deliver('root:silent', 'ASK'),
    here.call('root:', 'admin.hello'),
    here.register('late'),
    here.listen('late'),
  ]) {
    const { code, message } = await failure(late);
    assert.is(code, 'E_CONNECTION_LOST');
    assert.match(message, /this program has closed it/);
  }
  assert.equal(await listening.next(), { value: undefined, done: true });
  await here.drained();
  here.unregister('ears');
  await here.close();
});

testPair('what a program served fails with it, at once', async (here, there) => {
  let isAsked = () => {};
  const asking = new Promise<void>((resolve) => {
    isAsked = resolve;
  });
  await there.register('work', { onRequest: () => isAsked() });
  const asked = failure(here.request('root:work', 'WORK'));
  await asking;
  await there.close();
  const { code, message } = await asked;
  assert.is(code, 'E_LOST');
  assert.match(message, /^root:work was lost/);
});

testPair('who asked and left is no longer worked for', async (here, there) => {
  let onCancel = () => {};
  const cancelled = new Promise<void>((resolve) => {
    onCancel = resolve;
  });
  let isAsked = () => {};
  const asking = new Promise<void>((resolve) => {
    isAsked = resolve;
  });
  await there.register('work', {
    onRequest(exchange) {
      exchange.onCancel = onCancel;
      isAsked();
    },
  });
  here.request('root:work', 'WORK').catch(() => undefined);
  await asking;
  await here.close();
  await cancelled;
});

test('when the daemon stops, everything ends with its reason', async () => {
  await realm.start('leaving');
  const client = await realm.connect('leaving');
  const queue = await client.listen('ears');
  await client.register('silent', { onRequest: () => undefined });
  const asked = failure(client.request('leaving:silent', 'ASK'));
  const next = failure(queue.next());
  await realm.stop('leaving');
  const error = await client.closed;
  assert.is(error?.code, 'E_LEAVING');
  assert.is(error?.message, 'leaving is shutting down');
  assert.is(await asked, error);
  assert.is(await next, error);
  assert.is(await failure(client.register('late')), error);
});

test.after(() => realm.end());
test.run();
