import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { messagesKey } from '../../src/mailbox/keys.ts';
import { messageCountMax } from '../../src/mailbox/records.ts';
import { MAILBOX_RUN_COUNT_MAX } from '../../src/protocol/limits.ts';
import { createMessage, type MailboxHost } from '../fakes/mailbox-host.ts';
import {
  ack,
  attach,
  createHost,
  deposit,
  FULL,
  NO_WAY,
  nack,
  OTHER,
  SENDER,
  sequences,
} from './support.ts';

test('what failed too often is a dead letter with its history, and can be tried again', () => {
  const host = createHost('web1', { tryCountMax: 3 });
  attach(host, 1);
  deposit(host, 'web1:orders', createMessage(SENDER, 1));
  host.settle();
  for (let attempt = 1; attempt <= 3; attempt++) nack(host, 1, 1);
  host.settle();
  assert.equal(host.take('deliver').length, 3);
  host.feed({ kind: 'peek', box: 'web1:orders', what: 'dead', from: 0, countMax: 9, reply: 1 });
  const [letter] = host.take('peeked')[0]!.letters;
  assert.equal(
    letter?.failures.map(({ reason }) => reason),
    ['not now', 'not now', 'not now'],
  );
  host.feed({ kind: 'redeliver', box: 'web1:orders', positions: null, reply: 2 });
  host.settle();
  assert.is(host.take('done')[0]?.count, 1);
  assert.equal(sequences(host), [1]);
  ack(host, 1, 2);
  host.settle();
  const box = host.state.boxes.get('web1:orders')!;
  assert.equal([box.count, box.deadCount, box.bytes, box.deadBytes], [0, 0, 0, 0]);
});

test('what is refused leaves no record to be written, so that what makes room can be', () => {
  const host = createHost('web1');
  attach(host, 1);
  deposit(host, 'web1:orders', createMessage(SENDER, 1));
  host.settle();
  host.store.refusal = FULL;
  deposit(host, 'web1:orders', createMessage(OTHER, 1));
  deposit(host, 'web1:new', createMessage(OTHER, 1));
  ack(host, 1, 1);
  host.settle();
  host.store.refusal = null;
  host.pass(host.wakeAtMs - host.now.ms);
  host.settle();
  assert.is(host.take('acked').length, 1);
  const { records } = host.store.read({ from: 'a', below: 'z', countMax: 99, bytesMax: 1e6 });
  const keys = records.map(({ key }) => key);
  assert.equal(keys, ['b/web1:orders', `w/web1:orders/${SENDER}`]);
});

test('a disk that refuses: what is new is refused, what is old is kept, and it recovers', () => {
  const host = createHost('web1');
  attach(host, 1);
  deposit(host, 'web1:orders', createMessage(SENDER, 1));
  host.settle();
  host.store.refusal = FULL;
  deposit(host, 'web1:orders', createMessage(SENDER, 2));
  ack(host, 1, 1);
  host.settle();
  assert.is(host.take('refused')[0]?.error.code, 'E_STORE_FULL');
  assert.equal(host.take('acked'), []);
  deposit(host, 'web1:orders', createMessage(SENDER, 3));
  assert.is(host.take('refused')[0]?.error.code, 'E_STORE_FULL');
  host.store.refusal = null;
  host.pass(host.wakeAtMs - host.now.ms);
  host.settle();
  assert.is(host.take('acked').length, 1);
  assert.is(host.take('event').at(-1)?.event.kind, 'storeRecovered');
  deposit(host, 'web1:orders', createMessage(SENDER, 2));
  host.settle();
  assert.equal(sequences(host), [1, 2]);
});

test('a message whose time is over is a dead letter, wherever it waits', () => {
  const host = createHost('web1');
  const expiresAtMs = host.now.wallMs + 10_000;
  deposit(host, 'web2:orders', createMessage(SENDER, 1, { expiresAtMs }));
  deposit(host, 'web1:orders', createMessage(OTHER, 1, { expiresAtMs }));
  deposit(host, 'web1:orders', createMessage(OTHER, 2));
  host.settle();
  for (let second = 0; second < 120; second++) {
    for (const { epoch } of host.take('transfer')) {
      host.feed({ kind: 'transferFailed', box: 'web2:orders', epoch, error: NO_WAY });
    }
    host.pass(1_000);
  }
  host.settle();
  attach(host, 1);
  assert.equal(sequences(host), [2]);
  for (const box of ['web1:orders', 'web2:orders']) {
    host.feed({ kind: 'peek', box, what: 'dead', from: 0, countMax: 9, reply: 1 });
    assert.is(host.take('peeked')[0]?.letters[0]?.failures.length, 1, box);
  }
});

test('what is purged is gone, with its records, and does not come back', () => {
  const host = createHost('web1');
  attach(host, 1, { leaseCount: 1 });
  for (let sequence = 1; sequence <= 500; sequence++) {
    deposit(host, 'web1:orders', createMessage(SENDER, sequence));
  }
  host.settle();
  host.deliveries();
  host.feed({ kind: 'purge', box: 'web1:orders', what: 'waiting', reply: 7 });
  host.settle();
  assert.is(host.take('done')[0]?.count, 500);
  deposit(host, 'web1:orders', createMessage(SENDER, 501));
  host.settle();
  assert.equal(sequences(host), [501]);
  ack(host, 1, 501);
  host.settle();
  host.crash();
  host.restart();
  attach(host, 2);
  assert.equal(sequences(host), []);
  assert.is(
    host.store.read({ from: 'm/', below: 'm0', countMax: 9, bytesMax: 99 }).records.length,
    0,
  );
});

test('a record that is broken costs its messages only', () => {
  const host = createHost('web1');
  for (let sequence = 1; sequence <= 3; sequence++) {
    deposit(host, 'web1:orders', createMessage(SENDER, sequence));
    host.settle();
  }
  const keys = host.store
    .read({ from: 'm/', below: 'm0', countMax: 9, bytesMax: 999 })
    .records.map(({ key }) => key);
  host.store.damage(keys[1]!, Buffer.from('nonsense'));
  host.store.damage('b/web1:orders', null);
  host.crash();
  host.restart();
  attach(host, 1);
  const deliveries = host.deliveries();
  assert.equal(
    deliveries.map(({ message }) => message.sequence),
    [1, 3],
  );
  ack(host, 1, ...deliveries.map(({ position }) => position));
  host.settle();
  assert.is(host.state.boxes.get('web1:orders')?.count, 0);
  assert.equal(host.store.asides, [keys[1]]);
});

test('how many messages a broken record had is told when they are missed', () => {
  const host = createHost('web1');
  deposit(host, 'web1:orders', createMessage(SENDER, 1));
  host.settle();
  for (const sequence of [2, 3, 4]) deposit(host, 'web1:orders', createMessage(SENDER, sequence));
  host.settle();
  deposit(host, 'web1:orders', createMessage(SENDER, 5));
  host.settle();
  host.store.damage(messagesKey('web1:orders', 4), Buffer.from('nonsense'));
  host.crash();
  host.restart();
  attach(host, 1);
  const events = host.take('event').map(({ event }) => event);
  assert.equal(events, [{ kind: 'lost', box: 'web1:orders', position: 2, count: 3 }]);
  assert.is(host.state.lostCount, 3);
});

test('the key of a record tells how many messages it can have had', () => {
  assert.is(messageCountMax('m/web1:orders/0000000000000256'), MAILBOX_RUN_COUNT_MAX);
  assert.is(messageCountMax('d/web1:orders/0000000000000001'), 1);
  assert.is(messageCountMax('b/web1:orders'), 0);
  assert.is(messageCountMax('journal'), Number.POSITIVE_INFINITY);
});

test('an ack of a store that was lost acks nothing', () => {
  const host = createHost('web1');
  attach(host, 1);
  deposit(host, 'web1:orders', createMessage(SENDER, 1));
  host.settle();
  host.feed({ kind: 'ack', receiver: 1, store: 'ffffffffffffffff', positions: [1], reply: 9 });
  host.settle();
  assert.equal(host.take('acked')[0]?.unknown, [1]);
  assert.is(host.state.boxes.get('web1:orders')?.count, 1);
});

test('what was tried is known after a crash', () => {
  const host = createHost('web1', { tryCountMax: 3 });
  attach(host, 1);
  deposit(host, 'web1:orders', createMessage(SENDER, 1));
  host.settle();
  nack(host, 1, 1);
  nack(host, 1, 1);
  host.settle();
  host.crash();
  host.restart();
  attach(host, 2);
  assert.is(host.deliveries()[0]?.attempt, 3);
  nack(host, 2, 1);
  assert.is(host.state.boxes.get('web1:orders')?.deadCount, 1);
});

test('a dead letter that is to be tried again is not lost when the disk refuses', () => {
  const host = createHost('web1', { tryCountMax: 1 });
  attach(host, 1);
  deposit(host, 'web1:orders', createMessage(SENDER, 1));
  host.settle();
  nack(host, 1, 1);
  host.settle();
  host.deliveries();
  host.store.refusal = FULL;
  host.feed({ kind: 'redeliver', box: 'web1:orders', positions: null, reply: 1 });
  host.settle();
  assert.equal(host.take('done'), []);
  host.store.refusal = null;
  host.pass(host.wakeAtMs - host.now.ms);
  host.settle();
  assert.is(host.take('done').length, 1);
  assert.equal(sequences(host), [1]);
});

/** What a receiver gets after a crash that lost a death, with a clock that was set back. */
function loseDeath(host: MailboxHost): number[] {
  host.crash();
  host.now = { ms: host.now.ms, wallMs: 1_000_000 };
  host.restart();
  attach(host, 2);
  return sequences(host);
}

test('nobody is given what comes after a message whose death is not on disk yet', () => {
  const host = createHost('web1');
  const expiresAtMs = host.now.wallMs + 1_000;
  for (const sequence of [1, 2]) {
    deposit(host, 'web1:orders', createMessage(SENDER, sequence, { expiresAtMs }));
  }
  deposit(host, 'web1:orders', createMessage(SENDER, 3));
  host.settle();
  host.pass(0, 2_000);
  attach(host, 1);
  assert.equal(sequences(host), []);
  assert.equal(loseDeath(host), [1, 2, 3]);
});

test('nor is it when the death was found by looking for what has expired', () => {
  const host = createHost('web1');
  attach(host, 1, { leaseCount: 1 });
  const expiresAtMs = host.now.wallMs + 1_000;
  deposit(host, 'web1:orders', createMessage(SENDER, 1));
  deposit(host, 'web1:orders', createMessage(SENDER, 2, { expiresAtMs }));
  deposit(host, 'web1:orders', createMessage(SENDER, 3));
  host.settle();
  assert.equal(sequences(host), [1]);
  host.pass(2_000);
  assert.is(host.state.boxes.get('web1:orders')?.deadCount, 1);
  ack(host, 1, 1);
  assert.equal(sequences(host), []);
  assert.equal(loseDeath(host), [1, 2, 3]);
});

test('what has expired together costs one wait for the disk', () => {
  const host = createHost('web1');
  const expiresAtMs = host.now.wallMs + 1_000;
  for (let sequence = 1; sequence <= 100; sequence++) {
    deposit(host, 'web1:orders', createMessage(SENDER, sequence, { expiresAtMs }));
  }
  deposit(host, 'web1:orders', createMessage(SENDER, 101));
  host.settle();
  host.pass(0, 2_000);
  attach(host, 1);
  assert.is(host.state.boxes.get('web1:orders')?.deadCount, 100);
  assert.equal(sequences(host), []);
  host.settle();
  assert.equal(sequences(host), [101]);
});

test.run();
