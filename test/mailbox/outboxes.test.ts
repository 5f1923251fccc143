import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Transfer } from '../../src/mailbox/io.ts';
import { createMessage } from '../fakes/mailbox-host.ts';
import {
  ack,
  attach,
  createHost,
  deposit,
  exchange,
  FULL,
  NO_WAY,
  OTHER,
  SENDER,
  sequences,
} from './support.ts';

test('an outbox hands over in order, and forgets what is on disk there', () => {
  const [from, to] = [createHost('web1'), createHost('web2')];
  for (let sequence = 1; sequence <= 1_000; sequence++) {
    deposit(from, 'web2:orders', createMessage(SENDER, sequence));
  }
  from.settle();
  exchange(from, to);
  assert.is(from.state.boxes.get('web2:orders')?.count, 0);
  attach(to, 1, { leaseCount: 1_000 });
  assert.equal(
    sequences(to),
    Array.from({ length: 1_000 }, (_, index) => index + 1),
  );
});

test('an outbox keeps what its node could not be given, and goes on when it is there', () => {
  const [from, to] = [createHost('web1'), createHost('web2')];
  deposit(from, 'web2:orders', createMessage(SENDER, 1));
  from.settle();
  for (let attempt = 0; attempt < 20; attempt++) {
    const pieces = from.take('transfer');
    for (const { transfer, epoch } of pieces) {
      from.feed({ kind: 'transferFailed', box: transfer.box, epoch, error: NO_WAY });
    }
    assert.ok(from.wakeAtMs - from.now.ms <= 60_000);
    from.pass(from.wakeAtMs - from.now.ms);
  }
  from.take('transfer');
  from.crash();
  from.restart();
  assert.is(exchange(from, to).length, 1);
  attach(to, 1);
  assert.equal(sequences(to), [1]);
});

test('a node that appears ends the wait', () => {
  const from = createHost('web1');
  deposit(from, 'web2:orders', createMessage(SENDER, 1));
  from.settle();
  const [piece] = from.take('transfer');
  const { epoch } = piece!;
  from.feed({ kind: 'transferFailed', box: 'web2:orders', epoch, error: NO_WAY });
  assert.equal(from.take('transfer'), []);
  from.feed({ kind: 'reachable', node: 'web2' });
  assert.is(from.take('transfer').length, 1);
});

test('a piece that is handed over twice is taken once', () => {
  const [from, to] = [createHost('web1'), createHost('web2')];
  for (const sequence of [1, 2]) deposit(from, 'web2:orders', createMessage(SENDER, sequence));
  from.settle();
  const { transfer } = from.take('transfer')[0]!;
  for (let time = 0; time < 3; time++) {
    to.feed({ kind: 'transfer', transfer, reply: time });
    if (time === 1) {
      to.settle();
      to.crash();
      to.restart();
    }
  }
  to.settle();
  assert.equal(
    to.take('taken').map(({ upTo }) => upTo),
    [2],
  );
  attach(to, 1);
  assert.equal(sequences(to), [1, 2]);
});

test('a piece that comes before the one it follows is left', () => {
  const to = createHost('web2');
  const origin = '00000000000000ff';
  const piece = (after: number, position: number): Transfer => {
    const message = createMessage(SENDER, position);
    return { box: 'web2:orders', origin, after, messages: [{ position, message }] };
  };
  to.feed({ kind: 'transfer', transfer: piece(1, 2), reply: 1 });
  to.feed({ kind: 'transfer', transfer: piece(0, 1), reply: 2 });
  to.settle();
  to.feed({ kind: 'transfer', transfer: piece(1, 2), reply: 3 });
  to.settle();
  assert.equal(
    to.take('taken').map(({ upTo }) => upTo),
    [1, 1, 2],
  );
  attach(to, 1);
  assert.equal(sequences(to), [1, 2]);
});

test('a message that reaches a mailbox by two nodes is taken once', () => {
  const hosts = [createHost('web1'), createHost('web3')];
  const to = createHost('web2');
  for (const from of hosts) {
    deposit(from, 'web2:orders', createMessage(SENDER, 1));
    from.settle();
    exchange(from, to);
  }
  attach(to, 1);
  assert.equal(sequences(to), [1]);
});

test('a full mailbox refuses its own programs, and other nodes tell theirs', () => {
  const [from, to] = [createHost('web1'), createHost('web2', { quotaCount: 2 })];
  for (const sequence of [1, 2]) deposit(to, 'web2:orders', createMessage(OTHER, sequence));
  deposit(to, 'web2:orders', createMessage(OTHER, 3));
  to.settle();
  assert.is(to.take('refused')[0]?.error.code, 'E_MAILBOX_FULL');
  deposit(from, 'web2:orders', createMessage(SENDER, 1));
  from.settle();
  exchange(from, to);
  deposit(from, 'web2:orders', createMessage(SENDER, 2));
  const [refused] = from.take('refused');
  assert.is(refused?.error.code, 'E_MAILBOX_FULL');
  assert.is(refused?.error.values.node, 'web2');
  attach(to, 1);
  ack(to, 1, 1, 2);
  to.settle();
  from.pass(60_000);
  exchange(from, to);
  assert.equal(sequences(to).slice(2), [1]);
  const token = deposit(from, 'web2:orders', createMessage(SENDER, 3));
  from.settle();
  assert.is(from.take('stored').at(-1)?.reply, token);
});

test('messages for a service of no node wait until one has it, and keep their order', () => {
  const [from, to] = [createHost('web1'), createHost('web2')];
  for (let sequence = 1; sequence <= 3; sequence++) {
    deposit(from, ':orders', createMessage(SENDER, sequence));
    from.settle();
  }
  from.feed({ kind: 'resolved', service: 'orders', node: 'web2' });
  deposit(from, ':orders', createMessage(SENDER, 4), 'web2');
  from.settle();
  deposit(from, ':orders', createMessage(SENDER, 5), 'web2');
  deposit(from, ':orders', createMessage(SENDER, 2), 'web2');
  from.settle();
  exchange(from, to);
  attach(to, 1);
  assert.equal(sequences(to), [1, 2, 3, 4, 5]);
});

test('a piece that comes again is known, also when its sender is forgotten', () => {
  const [from, to] = [createHost('web1'), createHost('web2')];
  deposit(from, 'web2:orders', createMessage(SENDER, 1));
  from.settle();
  const { transfer } = from.take('transfer')[0]!;
  to.feed({ kind: 'transfer', transfer, reply: 1 });
  to.state.windows.clear();
  to.feed({ kind: 'transfer', transfer, reply: 2 });
  to.settle();
  assert.is(to.state.boxes.get('web2:orders')?.count, 1);
});

test('nothing overtakes a message whose death is not on disk yet', () => {
  const from = createHost('web1');
  const expiresAtMs = from.now.wallMs + 1_000;
  deposit(from, 'web2:orders', createMessage(SENDER, 1, { expiresAtMs }));
  deposit(from, 'web2:orders', createMessage(SENDER, 2));
  from.settle();
  const { epoch } = from.take('transfer')[0]!;
  from.feed({ kind: 'transferFailed', box: 'web2:orders', epoch, error: NO_WAY });
  from.store.refusal = FULL;
  from.pass(30_000);
  from.settle();
  assert.equal(from.take('transfer'), []);
  from.store.refusal = null;
  from.pass(30_000);
  from.settle();
  const [piece] = from.take('transfer');
  assert.equal(
    piece?.transfer.messages.map(({ position }) => position),
    [2],
  );
});

test.run();
