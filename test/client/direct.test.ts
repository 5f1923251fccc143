import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DIRECT_AFTER_COUNT } from '../../src/protocol/limits.ts';
import {
  arrived,
  CHANGE_MS_MAX,
  deliveredBy,
  listen,
  numbers,
  realm,
  sendUntil,
  testPair,
} from './direct-pair.ts';

const PIECE_BYTES = 65_536;
/** What may be on its way to a reader that does not read: our queues, and those of the system. */
const ON_THE_WAY_BYTES_MAX = 16 * 1024 * 1024;
const MANY = 2 * DIRECT_AFTER_COUNT;

testPair(
  'two that talk much do so directly, in order, and the daemon has none of it',
  async (here, there) => {
    const heard = await listen(there);
    const count = await sendUntil(here, 'direct');
    assert.is(await here.request('sink', 'ASK').then(({ data }) => data.length), 0);
    const before = await deliveredBy(here);
    for (let index = 0; index < 500; index++) {
      here.send('sink', 'N', { data: Buffer.from(String(count + index)) });
      if (index % 100 === 0) await here.deliver('sink', 'N', { data: Buffer.from('reported') });
    }
    await arrived(heard, count + 506);
    // The question itself, and its answer.
    assert.ok((await deliveredBy(here)) - before <= 4);
    const plain = heard.filter((each) => each !== 'reported' && each !== '');
    assert.equal(plain, numbers(count + 500));
    assert.match(here.lookUp('sink')?.socket ?? '', /\/direct-\d+-[0-9a-f]{8}$/);
    assert.is(here.directStatistics().openedCount, 1);
    assert.is(there.directStatistics().acceptedCount, 1);
    assert.ok(there.directStatistics().receivedCount >= 500);
  },
);

testPair(
  'messages, reports and requests keep their order while they change over',
  async (here, there) => {
    const heard = await listen(there);
    const outcomes: Promise<unknown>[] = [];
    let sentCount = 0;
    const untilMs = performance.now() + CHANGE_MS_MAX;
    while (here.wayTo('root:sink') === 'daemon' || sentCount % 500 !== 0) {
      const data = Buffer.from(String(sentCount));
      if (sentCount % 3 === 0) here.send('root:sink', 'N', { data });
      else if (sentCount % 3 === 1) outcomes.push(here.deliver('root:sink', 'N', { data }));
      else outcomes.push(here.request('root:sink', 'N', { data }));
      if (++sentCount % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
      assert.ok(performance.now() < untilMs, `after ${sentCount} messages it is not direct`);
    }
    await Promise.all(outcomes);
    await here.deliver('root:sink', 'N', { data: Buffer.from(String(sentCount)) });
    assert.equal(heard, numbers(sentCount + 1));
  },
);

for (const side of ['here', 'there'] as const) {
  const who = side === 'here' ? 'the sender' : 'the receiver';
  const title = `where ${who} wants none, all goes through the daemon`;
  testPair(
    title,
    async (here, there) => {
      const heard = await listen(there);
      const options = { data: Buffer.from('x') };
      for (let count = 0; count < 3 * MANY; count++) here.send('sink', 'N', options);
      await here.deliver('sink', 'N', options);
      assert.is(here.wayTo('sink'), 'daemon');
      assert.is(heard.length, 3 * MANY + 1);
    },
    { [side]: { direct: false } },
  );
}

test('what goes to another node never goes directly', async () => {
  const [here, there] = [await realm.connect('root'), await realm.connect('web1')];
  const heard = await listen(there, 'far');
  await realm.announced('web1', 'far');
  const options = { data: Buffer.from('x') };
  for (const to of ['web1:far', 'far']) {
    for (let count = 0; count < MANY; count++) here.send(to, 'N', options);
    await here.deliver(to, 'N', options);
    await here.deliver(to, 'N', options);
    assert.is(here.wayTo(to), 'daemon');
  }
  assert.is(heard.length, 2 * MANY + 4);
  await Promise.all([here.close(), there.close()]);
});

testPair('streams go directly too', async (here, there) => {
  await there.register('sink', {
    onMessage() {},
    onRequest(exchange) {
      exchange.onData = (channel, bytes) => {
        exchange.write(channel, bytes);
        exchange.grant(bytes.length);
      };
      exchange.onEnd = () => exchange.reply();
    },
  });
  await sendUntil(here, 'direct');
  const asking = here.open({ to: 'sink', command: 'ECHO' });
  let heardBytes = 0;
  asking.onData = (_, bytes) => {
    heardBytes += bytes.length;
    asking.grant(bytes.length);
  };
  asking.write(0, Buffer.alloc(2_000_000));
  asking.end(0);
  await asking.outcome;
  assert.is(heardBytes, 2_000_000);
});

testPair(
  'a reader that does not read stops a direct sender, and nothing is lost',
  async (here, there) => {
    const queue = await there.listen('sink');
    let readCount = 0;
    let go: Promise<void> | undefined;
    const reading = (async () => {
      for await (const { message } of queue) {
        assert.is(message.data.readUInt32BE(0), readCount++);
        await go;
      }
    })();
    let sentCount = 0;
    const send = (bytes: number): boolean => {
      const data = Buffer.alloc(bytes);
      data.writeUInt32BE(sentCount++);
      return here.send('sink', 'N', { data });
    };
    while (here.wayTo('sink') === 'daemon') {
      for (let burst = 0; burst < 100; burst++) send(4);
      await here.drained();
    }
    let release = (): void => {};
    go = new Promise((resolve) => {
      release = resolve;
    });
    const before = sentCount;
    for (let isFull = false; !isFull; ) {
      while (send(PIECE_BYTES))
        assert.ok((sentCount - before) * PIECE_BYTES < ON_THE_WAY_BYTES_MAX);
      const drained = here.drained().then(() => false);
      // Calls have their turn many times before it is said that nothing moves.
      const turns = (async () => {
        for (let count = 0; count < 50; count++) await here.call('root:', 'admin.echo');
        return true;
      })();
      isFull = await Promise.race([drained, turns]);
    }
    assert.ok(readCount < sentCount);
    release();
    await here.drained();
    assert.is(here.wayTo('sink'), 'direct');
    while (readCount < sentCount) await new Promise((resolve) => setImmediate(resolve));
    queue.end();
    await reading;
  },
);

testPair('one that may not begin loses nothing and keeps the order', async (here, there) => {
  const heard = await listen(there);
  const answer = there.endpoint.onReserved;
  let refusedCount = 0;
  there.endpoint.onReserved = (exchange) => {
    if (exchange.request.command !== '~direct.begin') return answer(exchange);
    refusedCount++;
    setImmediate(() => exchange.reject({ code: 'E_NOT_UNDERSTOOD', values: {} }));
  };
  let sentCount = 0;
  const outcomes: Promise<unknown>[] = [];
  while (refusedCount === 0 || sentCount % 1_000 !== 0) {
    const data = Buffer.from(String(sentCount));
    if (sentCount % 2 === 0) here.send('sink', 'N', { data });
    else outcomes.push(here.request('sink', 'N', { data }));
    if (++sentCount % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(outcomes);
  assert.is(here.wayTo('sink'), 'daemon');
  assert.equal(heard, numbers(sentCount));
});

test.run();
