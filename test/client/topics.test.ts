/** Events and broadcasts, as programs of a small tree see them. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Client } from '../../src/client/client.ts';
import type { MessageQueue } from '../../src/client/message-queue.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { BODY_BYTES_MAX, TOPICS_PER_NODE_MAX } from '../../src/protocol/limits.ts';
import { Realm } from './realm.ts';

const realm = new Realm();
await realm.start('root');
await realm.start('east', 'root');
await realm.start('web1', 'east', { role: 'leaf' });
await realm.start('web2', 'east', { role: 'leaf' });

async function failure(promise: Promise<unknown>): Promise<string> {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.instance(thrown, DagentError);
  return (thrown as DagentError).code;
}

async function next(queue: MessageQueue): Promise<string> {
  const { value } = await queue.next();
  return `${value.message.to} ${value.message.data.toString()}`;
}

/** Publishes until the subscriber hears it: then the whole tree knows what it wants. */
async function ready(publisher: Client, topic: string, queue: MessageQueue): Promise<void> {
  let isHeard = false;
  const first = queue.next().then(() => {
    isHeard = true;
  });
  while (!isHeard) {
    publisher.publish(topic, { data: Buffer.from('ready') });
    await Promise.race([first, publisher.taken().then(() => new Promise(setImmediate))]);
  }
  publisher.publish(topic, { data: Buffer.from('begin') });
  while ((await next(queue)) !== `${topic} begin`);
}

test('an event comes to who subscribed to its topic, with all that it has', async () => {
  const [here, there] = [await realm.connect('web1'), await realm.connect('web2')];
  const queue = await there.subscribe('orders.*.paid');
  await ready(here, 'orders.x.paid', queue);
  here.publish('orders.eu.sent');
  here.publish('orders.eu.paid', { params: { id: '7' }, data: Buffer.from('text') });
  const { value } = await queue.next();
  const { to, params, data, from, sn, command } = value.message;
  assert.equal([to, params, data.toString(), command], ['orders.eu.paid', { id: '7' }, 'text', '']);
  assert.match(from, /^web1:~\d+$/);
  assert.match(sn, /^[0-9a-f]{16}$/);
  assert.is(value.exchange, undefined);
});

test('one with many parameters, or in the name of a service, is the same', async () => {
  const here = await realm.connect('web1');
  const queue = await (await realm.connect('web1')).subscribe('named');
  await here.register('till');
  here.publish('named', { from: 'till' });
  assert.is((await queue.next()).value.message.from, 'web1:till');
});

test('several patterns and several subscriptions of one program hear each event once', async () => {
  const [here, there] = [await realm.connect('web1'), await realm.connect('web1')];
  const both = await there.subscribe(['a.*', 'a.>', 'a.*']);
  const one = await there.subscribe('a.b');
  for (const text of ['1', '2']) here.publish('a.b', { data: Buffer.from(text) });
  await here.taken();
  for (const queue of [both, one]) {
    assert.equal([await next(queue), await next(queue)], ['a.b 1', 'a.b 2']);
  }
  both.end();
  here.publish('a.b', { data: Buffer.from('3') });
  assert.is(await next(one), 'a.b 3');
  assert.is((await both.next()).done, true);
});

test('who publishes does not hear itself, and its own order is kept', async () => {
  const [here, there] = [await realm.connect('web1'), await realm.connect('web2')];
  const [own, other] = [await here.subscribe('s.>'), await there.subscribe('s.>')];
  await ready(here, 's.x', other);
  const count = 500;
  for (let n = 0; n < count; n++) here.publish(`s.${n % 7}`, { data: Buffer.from(`${n}`) });
  for (let n = 0; n < count; n++) assert.is(await next(other), `s.${n % 7} ${n}`);
  there.publish('s.end');
  assert.is(await next(own), 's.end ');
});

test('what is no topic or pattern, or too much, is refused with its code', async () => {
  const client = await realm.connect('web1');
  assert.is(await failure(client.subscribe('a..b')), 'E_TOPIC_INVALID');
  assert.is(await failure(client.subscribe(['good', 'bad.'])), 'E_TOPIC_INVALID');
  for (const topic of ['', 'a.*', '>']) {
    assert.is(await failure((async () => client.publish(topic))()), 'E_TOPIC_INVALID');
  }
  const data = Buffer.alloc(BODY_BYTES_MAX + 1);
  assert.is(await failure((async () => client.publish('a', { data }))()), 'E_TOO_LARGE');
  const many = Array.from({ length: TOPICS_PER_NODE_MAX + 1 }, (_, n) => `t.${n}`);
  assert.is(await failure(client.subscribe(['t', ...many])), 'E_TOO_MANY_TOPICS');
  assert.is(await failure(client.subscribe(['t', ...many])), 'E_TOO_MANY_TOPICS');
  await client.subscribe(['t', ...many.slice(0, TOPICS_PER_NODE_MAX - 100)]);
  await client.close();
});

test('a broadcast comes to every listener of its scope, and says how it was sent', async () => {
  const vias = ['root', 'east', 'web1', 'web2'];
  const programs = await Promise.all(vias.map((via) => realm.connect(via)));
  const queues = await Promise.all(programs.map((each) => each.listen('mail')));
  const [root] = programs;
  root?.send('*', 'A');
  root?.send('?:mail', 'B', { params: { x: '1' } });
  root?.send('.', 'C');
  root?.send('*:nobody', 'D');
  root?.send('*:mail', 'E');
  const heard = async (queue: MessageQueue | undefined): Promise<string> => {
    const { message } = (await queue?.next())?.value ?? {};
    return `${message?.to} ${message?.command}`;
  };
  for (const queue of queues.slice(1)) {
    const all = [await heard(queue), await heard(queue), await heard(queue)];
    assert.equal(all, ['* A', '?:mail B', '*:mail E']);
  }
  programs[1]?.send('*', 'BACK');
  assert.is(await heard(queues[0]), '* BACK', 'its own it does not hear');
  await Promise.all(programs.map((each) => each.close()));
});

test('each service of a program hears it, and handlers that they share hear it once', async () => {
  const [here, there] = [await realm.connect('web1'), await realm.connect('web1')];
  const heard: string[] = [];
  const handlers = (name: string) => ({ onMessage: () => void heard.push(name) });
  const shared = handlers('shared');
  await there.register('one', shared);
  await there.register('two', shared);
  await there.register('three', handlers('own'));
  const queue = await there.listen('last');
  here.send('.', 'X');
  await queue.next();
  assert.equal(heard, ['shared', 'own']);
  assert.is(there.endpoint.counters.forged + there.endpoint.counters.unexpected, 0);
  await Promise.all([here.close(), there.close()]);
});

test('nothing that has one outcome can go to many', async () => {
  const client = await realm.connect('web1');
  assert.is(await failure(client.request('*', 'X')), 'E_BROADCAST');
  assert.is(await failure(client.deliver('?:mail', 'X')), 'E_BROADCAST');
  assert.is(await failure(client.call('.', 'a.b')), 'E_BROADCAST');
});

test('when the daemon is gone, its subscribers and publishers hear of it', async () => {
  await realm.start('short', 'root');
  const client = await realm.connect('short');
  const queue = await client.subscribe('x');
  await realm.stop('short');
  assert.is(await failure(queue.next()), 'E_LEAVING');
  assert.is(await failure(client.taken()), 'E_LEAVING');
  assert.is(await failure(client.subscribe('y')), 'E_LEAVING');
  assert.is(await failure((async () => client.publish('x'))()), 'E_LEAVING');
});

test('who closes while it waits for the daemon is told', async () => {
  const client = await realm.connect('web1');
  const [taken, subscribed] = [failure(client.taken()), failure(client.subscribe('x'))];
  await client.close();
  assert.equal([await taken, await subscribed], ['E_CONNECTION_LOST', 'E_CONNECTION_LOST']);
});

test.after(() => realm.end());
test.run();
