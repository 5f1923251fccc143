import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { listTalkers, packTalkers, parseTalkers } from '../../src/client/direct-list.ts';
import { traceRoute } from '../../src/client/trace.ts';
import { pack } from '../../src/protocol/pack.ts';
import { CHANGE_MS_MAX, deliveredBy, listen, sendUntil, testPair } from './direct-pair.ts';

const HOW = { isDry: false, nowMs: () => performance.now() };

testPair('a trace tells who talks to its receiver past the daemon', async (here, there) => {
  await listen(there);
  await there.register('other');
  await sendUntil(here, 'direct');
  // All that was sent before has come when this is answered.
  await here.request('sink', 'ASK');
  const before = there.directStatistics().receivedCount;
  for (let count = 0; count < 10; count++) here.send('sink', 'N');
  await here.request('sink', 'ASK');
  for (const to of ['sink', 'root:sink']) {
    const { outcome, direct } = await traceRoute(there, to, HOW, () => undefined);
    assert.is(outcome, 'delivered');
    const [talker, ...others] = direct ?? [];
    assert.equal([talker?.from, others], [`root:${here.endpoint.identity.service}`, []]);
    assert.is(talker?.messages, before + 11);
    assert.ok((talker?.sinceMs ?? -1) >= 0);
  }
  // Nobody talks to the other service of that program.
  assert.equal(await listTalkers(here, 'root:other'), []);
  const dry = await traceRoute(here, 'sink', { ...HOW, isDry: true }, () => undefined);
  assert.equal([dry.outcome, dry.direct], ['dry', null]);
});

testPair(
  'of a program that has no direct connections, and of a daemon, nobody can say',
  async (here, there) => {
    await listen(there);
    assert.is(await listTalkers(here, 'root:sink'), null);
    for (const to of ['root:', 'root:nobody']) {
      const { direct } = await traceRoute(here, to, HOW, () => undefined);
      assert.is(direct, null);
    }
  },
  { there: { direct: false } },
);

testPair('one connection serves both addresses of a service', async (here, there) => {
  const heard = await listen(there);
  const count = await sendUntil(here, 'direct', 'root:sink');
  assert.is(here.wayTo('sink'), 'direct');
  const before = await deliveredBy(here);
  const from = heard.length;
  for (let index = 0; index < 1_000; index++) {
    const data = Buffer.from(String(count + index));
    here.send(index % 2 === 0 ? 'sink' : 'root:sink', 'N', { data });
  }
  await here.request('sink', 'ASK');
  assert.equal(heard.slice(from, from + 2), [String(from), String(from + 1)]);
  assert.is(heard.length, count + 1_001);
  assert.ok(heard.slice(0, -1).every((each, index) => each === String(index)));
  assert.ok((await deliveredBy(here)) - before <= 4);
  assert.is(here.directStatistics().openedCount, 1);
  there.unregister('sink');
  while (here.wayTo('root:sink') === 'direct')
    await new Promise((resolve) => setImmediate(resolve));
  assert.is(here.wayTo('sink'), 'daemon');
});

testPair(
  'sending by either address, nothing overtakes while it changes over',
  async (here, there) => {
    const heard = await listen(there);
    let count = 0;
    const untilMs = performance.now() + CHANGE_MS_MAX;
    while (here.wayTo('sink') === 'daemon' || count % 1_000 !== 0) {
      here.send(count % 3 === 0 ? 'sink' : 'root:sink', 'N', { data: Buffer.from(String(count)) });
      if (++count % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
      assert.ok(performance.now() < untilMs, `after ${count} messages it is not direct`);
    }
    await here.deliver('sink', 'N', { data: Buffer.from(String(count)) });
    assert.is(heard.length, count + 1);
    assert.ok(heard.every((each, index) => each === String(index)));
  },
);

test('what an answer says that makes no sense is left out', () => {
  const talker = { from: 'hq:~12', messages: 3, sinceMs: 4 };
  assert.equal(parseTalkers(packTalkers([talker])), [talker]);
  const broken = [{ ...talker, from: ':' }, { ...talker, messages: -1 }, null, { from: 'hq:a' }];
  assert.equal(parseTalkers(pack({ talkers: [...broken, talker] })), [talker]);
  for (const body of [Buffer.alloc(0), pack({}), pack({ talkers: 3 })]) {
    assert.is(parseTalkers(body), null);
  }
});

test.run();
