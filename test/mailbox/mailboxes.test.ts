import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createMessage } from '../fakes/mailbox-host.ts';
import { ack, attach, createHost, deposit, nack, SENDER, sequences } from './support.ts';

test('a sender hears `stored` when its message is synced, and not before', () => {
  const host = createHost('web1');
  const token = deposit(host, 'web1:orders', createMessage(SENDER, 1));
  host.feed({ kind: 'flush' });
  assert.equal(host.take('stored'), []);
  host.settle();
  assert.equal(host.take('stored'), [{ kind: 'stored', reply: token }]);
});

test('what comes while the disk is busy goes to it together', () => {
  const host = createHost('web1');
  deposit(host, 'web1:orders', createMessage(SENDER, 1));
  host.feed({ kind: 'flush' });
  for (let sequence = 2; sequence <= 100; sequence++) {
    deposit(host, 'web1:orders', createMessage(SENDER, sequence));
    host.feed({ kind: 'flush' });
  }
  assert.is(host.store.waitingCount, 1);
  host.settle();
  assert.is(host.store.writtenCount, 2);
  assert.is(host.take('stored').length, 100);
});

test('a message that comes twice is stored once, and its sender hears so each time', () => {
  const host = createHost('web1');
  deposit(host, 'web1:orders', createMessage(SENDER, 1));
  deposit(host, 'web1:orders', createMessage(SENDER, 1));
  host.settle();
  deposit(host, 'web1:orders', createMessage(SENDER, 1));
  host.crash();
  host.restart();
  deposit(host, 'web1:orders', createMessage(SENDER, 1));
  host.settle();
  assert.is(host.take('stored').length, 1);
  attach(host, 1);
  assert.equal(sequences(host), [1]);
});

test('a receiver leases what it can work on, and gets more as it acks', () => {
  const host = createHost('web1');
  for (let sequence = 1; sequence <= 5; sequence++) {
    deposit(host, 'web1:orders', createMessage(SENDER, sequence));
  }
  host.settle();
  attach(host, 1, { leaseCount: 2 });
  assert.equal(sequences(host), [1, 2]);
  ack(host, 1, 1, 2);
  assert.equal(sequences(host), [3, 4]);
  assert.equal(host.take('acked'), []);
  host.settle();
  assert.equal(host.take('acked')[0]?.unknown, []);
});

test('what is acked is gone from the disk, and stays away after a crash', () => {
  const host = createHost('web1');
  attach(host, 1);
  for (let sequence = 1; sequence <= 3; sequence++) {
    deposit(host, 'web1:orders', createMessage(SENDER, sequence));
  }
  host.settle();
  ack(host, 1, 1, 3);
  host.settle();
  host.crash();
  host.restart();
  attach(host, 2);
  const [delivery, ...rest] = host.deliveries();
  assert.is(delivery?.message.sequence, 2);
  assert.is(delivery?.isRepeated, true);
  assert.equal(rest, []);
  ack(host, 2, 2);
  host.settle();
  assert.is(
    host.store.read({ from: 'm/', below: 'm0', countMax: 9, bytesMax: 99 }).records.length,
    0,
  );
});

test('a lease that ends gives the message to the next, with the attempt counted', () => {
  const host = createHost('web1');
  attach(host, 1);
  deposit(host, 'web1:orders', createMessage(SENDER, 1));
  host.settle();
  assert.is(host.deliveries()[0]?.attempt, 1);
  host.pass(29_999);
  assert.equal(host.deliveries(), []);
  assert.ok(host.wakeAtMs <= 30_000);
  host.pass(1);
  const [again] = host.deliveries();
  assert.is(again?.attempt, 2);
  assert.is(again?.isRepeated, true);
});

test('a lease can be extended by who needs longer', () => {
  const host = createHost('web1');
  attach(host, 1);
  deposit(host, 'web1:orders', createMessage(SENDER, 1));
  host.settle();
  host.deliveries();
  host.pass(20_000);
  host.feed({ kind: 'extend', receiver: 1, positions: [1] });
  host.pass(20_000);
  assert.equal(host.deliveries(), []);
  host.pass(10_000);
  assert.is(host.deliveries().length, 1);
});

test('a nack brings the message back after its delay', () => {
  const host = createHost('web1');
  attach(host, 1, { leaseCount: 1 });
  for (const sequence of [1, 2]) deposit(host, 'web1:orders', createMessage(SENDER, sequence));
  host.settle();
  assert.equal(sequences(host), [1]);
  nack(host, 1, 1, 5_000);
  assert.equal(sequences(host), [2]);
  ack(host, 1, 2);
  host.pass(4_999);
  assert.equal(sequences(host), []);
  host.pass(1);
  assert.equal(sequences(host), [1]);
});

test('of what a lost receiver had, only the message that it was at counts as tried', () => {
  const host = createHost('web1');
  attach(host, 1);
  for (const sequence of [1, 2, 3]) deposit(host, 'web1:orders', createMessage(SENDER, sequence));
  host.settle();
  ack(host, 1, 1);
  host.deliveries();
  host.feed({ kind: 'detach', receiver: 1 });
  attach(host, 2);
  const again = host.deliveries();
  assert.equal(
    again.map(({ message, attempt, isRepeated }) => [message.sequence, attempt, isRepeated]),
    [
      [2, 2, true],
      [3, 1, true],
    ],
  );
});

test.run();
