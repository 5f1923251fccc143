import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createRandom } from '../../src/base/random.ts';
import {
  type Client,
  type ClientStatus,
  type ConnectOptions,
  connect,
} from '../../src/client/index.ts';
import { drawRejoinMs } from '../../src/client/standing.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { REJOIN_MS_MAX, REJOIN_MS_MIN } from '../../src/protocol/limits.ts';
import { Realm } from './realm.ts';
import { openStoppableWay } from './stoppable-way.ts';

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

/** What a client has been told, and what settles when it is told something. */
interface Hearing {
  readonly told: readonly ClientStatus[];
  until(kind: ClientStatus['kind'], count?: number): Promise<void>;
}

/** A client that comes back, with all that it is told; `until` settles when it is told so. */
async function standing(via: string, more: ConnectOptions = {}) {
  const told: ClientStatus[] = [];
  const wakes: (() => void)[] = [];
  const onStatus = (status: ClientStatus): void => {
    told.push(status);
    for (const wake of wakes.splice(0)) wake();
  };
  const client = await realm.connect(via, { reconnect: true, onStatus, ...more });
  const until = async (kind: ClientStatus['kind'], count = 1): Promise<void> => {
    while (told.filter((status) => status.kind === kind).length < count) {
      await new Promise<void>((resolve) => wakes.push(resolve));
    }
  };
  return { client, told, until };
}

/** A program that comes back, at a node of its own, while that is restarted. */
function testRestart(
  title: string,
  use: (client: Client, restart: () => Promise<void>, hearing: Hearing) => Promise<void>,
): void {
  test(title, async () => {
    await realm.start('away', 'root');
    const { client, told, until } = await standing('away');
    let count = 0;
    const restart = async (): Promise<void> => {
      await realm.stop('away');
      await realm.start('away', 'root');
      await until('connected', ++count);
    };
    try {
      await use(client, restart, { told, until });
    } finally {
      await client.close();
      await realm.stop('away');
    }
  });
}

test('waits grow from the first to the longest, and are drawn by chance', () => {
  const random = createRandom(1);
  const most = (attempt: number): number =>
    Math.max(...Array.from({ length: 200 }, () => drawRejoinMs(random, attempt)));
  const [first, later] = [most(0), most(20)];
  assert.ok(first <= REJOIN_MS_MIN && first > REJOIN_MS_MIN * 0.9, `${first}`);
  assert.ok(later <= REJOIN_MS_MAX && later > REJOIN_MS_MAX * 0.9, `${later}`);
});

testRestart('what a program has at its daemon it has again', async (client, restart, { told }) => {
  const inbox = await client.listen('inbox');
  const events = await client.subscribe(['a.>', 'b']);
  const twice = { doc: 'Doubles.', run: ([n]: readonly unknown[]) => 2 * Number(n) };
  await client.serve('math', { 'math.twice': twice });
  await client.register('given-back');
  client.unregister('given-back');
  assert.is(client.lookUp('away:inbox')?.state, 'up');
  const former = client.lookUp('away:inbox')?.id;
  await restart();
  // Of the map of the new daemon, and not of the one that is dead.
  const { state, id } = client.lookUp('away:inbox') ?? {};
  assert.is(state, 'up');
  assert.is.not(id, former);
  assert.equal([told[0]?.kind, told.at(-1)?.kind], ['disconnected', 'connected']);
  const other = await realm.connect('away');
  await other.deliver('away:inbox', 'AFTER');
  assert.is((await inbox.next()).value.message.command, 'AFTER');
  other.publish('a.x');
  assert.is((await events.next()).value.message.to, 'a.x');
  assert.is(await other.call('away:math', 'math.twice', [21]), 42);
  await other.register('given-back');
  assert.is((await failure(other.register('inbox'))).code, 'E_SERVICE_TAKEN');
  await other.close();
});

testRestart(
  'what was asked fails once, and is not asked again',
  async (client, restart, { told }) => {
    let count = 0;
    await client.register('silent', { onRequest: () => count++ });
    const asked = failure(client.request('away:silent', 'ASK', { timeoutMs: 60_000 }));
    await client.call('away:', 'admin.hello');
    await restart();
    const error = await asked;
    assert.is(error.code, 'E_LEAVING');
    assert.is(told[0]?.kind === 'disconnected' && told[0].error, error);
    assert.is(count, 1);
  },
);

testRestart('while it is away it fails at once, or waits if told to', async (client, _, heard) => {
  await realm.stop('away');
  // What is sent before this side has read the goodbye may hear of a broken connection instead.
  await heard.until('disconnected', 1);
  const { code } = await failure(client.request('root:', 'ANY'));
  assert.is(code, 'E_LEAVING');
  assert.throws(
    () => client.send('root:x', 'ANY'),
    (error: DagentError) => error.code === 'E_LEAVING',
  );
  assert.not(client.isConnected);
  const late = client.connected({ signal: AbortSignal.abort(new Error('no more')) });
  assert.is(await late.catch((error: Error) => error.message), 'no more');
  const registered = client.register('later');
  const queue = client.subscribe('t');
  await realm.start('away', 'root');
  await client.connected();
  await Promise.all([registered, queue]);
  assert.ok(client.isConnected);
});

testRestart(
  'what is durable is stored by the next connection, in order',
  async (client, restart, { until }) => {
    const send = (command: string, more = {}): Promise<void> =>
      client.send('away:box', command, { durable: true, ...more });
    await send('A');
    const late = restart();
    await client.closed.constructor;
    await until('disconnected');
    const stored = ['B', 'C', 'D'].map((command) => send(command));
    const given = failure(send('E', { timeoutMs: 1 }));
    await late;
    await Promise.all(stored);
    assert.is((await given).code, 'E_DEADLINE');
    const queue = await client.consume('box', { window: false });
    const commands: string[] = [];
    for await (const letter of queue) {
      commands.push(letter.command);
      await letter.ack();
      if (commands.length === 4) break;
    }
    assert.equal(commands, ['A', 'B', 'C', 'D']);
  },
);

test('connecting fails at once, or waits as long as it is told, or until it is ended', async () => {
  const home = realm.dir;
  const options = { home, via: 'nowhere' };
  assert.is((await failure(connect(options))).code, 'E_VIA_UNKNOWN');
  const attempts: ClientStatus[] = [];
  const onStatus = (status: ClientStatus): void => void attempts.push(status);
  const late = await failure(connect({ ...options, waitMs: 200, onStatus }));
  assert.is(late.code, 'E_VIA_UNKNOWN');
  assert.ok(attempts.length > 0 && attempts.every(({ kind }) => kind === 'retrying'));
  const abort = new AbortController();
  const ended = connect({ ...options, waitMs: Number.POSITIVE_INFINITY, signal: abort.signal });
  abort.abort(new Error('enough'));
  assert.is(await ended.catch((error: Error) => error.message), 'enough');
  const waiting = connect({ ...options, waitMs: Number.POSITIVE_INFINITY });
  await realm.start('nowhere', 'root');
  await (await waiting).close();
  await realm.stop('nowhere');
});

test('what no later attempt changes ends it', async () => {
  const options = { home: realm.dir, via: 'no name', waitMs: Number.POSITIVE_INFINITY };
  assert.is((await failure(connect(options))).code, 'E_NAME_INVALID');
});

test('closing while it dials ends it at once', async () => {
  await realm.start('away', 'root');
  const { client, told, until } = await standing('away');
  const queue = await client.listen('ears');
  await realm.stop('away');
  await until('retrying');
  const unstored = failure(client.send('away:box', 'N', { durable: true }));
  const registered = failure(client.register('never'));
  await client.close();
  for (const each of [unstored, registered]) assert.is((await each).code, 'E_CONNECTION_LOST');
  assert.equal(await queue.next(), { value: undefined, done: true });
  assert.equal(told.at(-1), { kind: 'closed', error: undefined });
  assert.is(await client.closed, undefined);
});

test('who wants to know is told that the daemon is silent, and that it answers again', async () => {
  const way = await openStoppableWay(realm, 'root');
  const { client, told, until } = await standing(way.url, { silenceMs: 150 });
  for (const count of [1, 2]) {
    way.stop();
    await until('silent', count);
    way.goOn();
    await until('answering', count);
  }
  assert.ok(client.isConnected);
  const [silent, answering] = told;
  assert.ok(silent?.kind === 'silent' && silent.error.code === 'E_HOLD_TIME');
  assert.equal(answering, { kind: 'answering', node: 'root' });
  assert.is(told.length, 4);
  way.stop();
  await until('silent', 3);
  way.close();
  await until('disconnected');
  await client.close();
});

test.after(() => realm.end());
test.run();
