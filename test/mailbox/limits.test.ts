/** Each limit of mailboxes, at its bound and beyond. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  MAILBOX_BYTES_MAX,
  MAILBOX_COUNT_MAX,
  MAILBOX_EXPIRY_MS,
  MAILBOX_HELD_MAX,
  MAILBOX_LEASE_BYTES,
  MAILBOX_MOVE_MS,
  MAILBOX_PIECE_BYTES,
  MAILBOX_PIECE_COUNT,
  MAILBOX_PIECES_IN_FLIGHT,
  MAILBOX_PROBE_MS,
  MAILBOX_READ_RECORDS,
  MAILBOX_READY_BYTES,
  MAILBOX_READY_COUNT,
  MAILBOX_RETRY_MS_MAX,
  MAILBOX_RETRY_MS_MIN,
  MAILBOX_RUN_BYTES_MAX,
  MAILBOX_RUN_COUNT_MAX,
  MAILBOX_SENDER_RANGES_MAX,
  MAILBOX_SENDERS_MAX,
  MAILBOX_STREAMS_MAX,
  MAILBOX_TRIES_MAX,
  MAILBOXES_MAX,
} from '../../src/protocol/limits.ts';
import { createMessage, type MailboxHost } from '../fakes/mailbox-host.ts';
import {
  ack,
  attach,
  createHost,
  deposit,
  FULL,
  NO_WAY,
  nack,
  SENDER,
  sequences,
} from './support.ts';

const ALL = { countMax: 1_000_000, bytesMax: 1e12 };

function depositMany(host: MailboxHost, to: string, count: number, bytes = 10): void {
  for (let sequence = 1; sequence <= count; sequence++) {
    deposit(host, to, createMessage(SENDER, sequence, { content: Buffer.alloc(bytes) }));
  }
  host.settle();
}

function boxOf(host: MailboxHost, name = 'web1:orders') {
  return host.state.boxes.get(name)!;
}

test('a node has so many mailboxes, and no more', () => {
  const host = createHost('web1');
  for (let index = 1; index <= MAILBOXES_MAX; index++) {
    deposit(host, `web1:s${index}`, createMessage(SENDER, index));
  }
  assert.equal(host.take('refused'), []);
  deposit(host, 'web1:more', createMessage(SENDER, 1));
  deposit(host, 'web1:s1', createMessage(SENDER, 2));
  const refused = host.take('refused');
  assert.equal(
    refused.map(({ error }) => error.code),
    ['E_TOO_MANY_MAILBOXES'],
  );
});

test('a receiver has so many bytes leased, and more when it has done some', () => {
  const host = createHost('web1');
  const size = MAILBOX_LEASE_BYTES / 8;
  // What a message takes besides its content counts too.
  depositMany(host, 'web1:orders', 20, size - 64);
  attach(host, 1, { leaseCount: 100 });
  host.settle();
  assert.equal(sequences(host), [1, 2, 3, 4, 5, 6, 7, 8]);
  ack(host, 1, 1, 2);
  host.settle();
  assert.equal(sequences(host), [9, 10]);
  nack(host, 1, 9, 1_000);
  host.settle();
  assert.equal(sequences(host), [11]);
  host.feed({ kind: 'detach', receiver: 1 });
  attach(host, 2, { leaseCount: 3 });
  host.settle();
  assert.equal(sequences(host), [3, 4, 5]);
});

test('a mailbox takes so many messages and bytes, dead letters included', () => {
  const host = createHost('web1');
  depositMany(host, 'web1:orders', 1);
  const box = boxOf(host);
  const tryOne = (counts: object) => {
    Object.assign(box, { count: 1, bytes: 74, deadCount: 0, deadBytes: 0 }, counts);
    deposit(host, 'web1:orders', createMessage(SENDER, 2));
    host.settle();
    const [refused] = host.take('refused');
    return refused?.error.code;
  };
  assert.is(tryOne({ count: MAILBOX_COUNT_MAX - 5, deadCount: 5 }), 'E_MAILBOX_FULL');
  assert.is(tryOne({ bytes: MAILBOX_BYTES_MAX - 10 }), 'E_MAILBOX_FULL');
  assert.is(tryOne({ bytes: MAILBOX_BYTES_MAX - 1_000, deadBytes: 990 }), 'E_MAILBOX_FULL');
  assert.is(tryOne({ count: MAILBOX_COUNT_MAX - 1 }), undefined);
});

test('a message is tried so often', () => {
  const host = createHost('web1');
  attach(host, 1);
  depositMany(host, 'web1:orders', 1);
  for (let attempt = 1; attempt <= MAILBOX_TRIES_MAX; attempt++) {
    assert.is(host.deliveries()[0]?.attempt, attempt);
    nack(host, 1, 1);
  }
  assert.is(boxOf(host).deadCount, 1);
});

test('so many senders are remembered, the one heard longest ago is not', () => {
  const host = createHost('web1');
  const senderOf = (index: number) => index.toString(16).padStart(16, '0');
  for (let index = 0; index <= MAILBOX_SENDERS_MAX; index++) {
    deposit(host, 'web1:orders', createMessage(senderOf(index), 1));
    if (index % 1_000 === 0) host.settle();
  }
  host.settle();
  assert.is(host.state.windows.size, MAILBOX_SENDERS_MAX);
  const { count } = boxOf(host);
  deposit(host, 'web1:orders', createMessage(senderOf(1), 1));
  assert.is(boxOf(host).count, count);
  deposit(host, 'web1:orders', createMessage(senderOf(0), 1));
  assert.is(boxOf(host).count, count + 1);
});

test('so many gaps of a sender are remembered, those below are not', () => {
  const host = createHost('web1');
  for (let gap = 0; gap <= MAILBOX_SENDER_RANGES_MAX; gap++) {
    deposit(host, 'web1:orders', createMessage(SENDER, 1 + 2 * gap));
  }
  const { count } = boxOf(host);
  deposit(host, 'web1:orders', createMessage(SENDER, 3));
  assert.is(boxOf(host).count, count);
  deposit(host, 'web1:orders', createMessage(SENDER, 1));
  assert.is(boxOf(host).count, count + 1);
});

test('of so many nodes is known how far they were taken', () => {
  const host = createHost('web2');
  const transfer = (index: number) => {
    const origin = index.toString(16).padStart(16, '0');
    const message = createMessage(origin, 1);
    const piece = { box: 'web2:orders', origin, after: 0, messages: [{ position: 1, message }] };
    host.feed({ kind: 'transfer', transfer: piece, reply: index });
  };
  for (let index = 0; index <= MAILBOX_STREAMS_MAX; index++) transfer(index);
  assert.is(boxOf(host, 'web2:orders').streams.size, MAILBOX_STREAMS_MAX);
  transfer(0);
  assert.is(boxOf(host, 'web2:orders').count, MAILBOX_STREAMS_MAX + 1);
});

test('so many messages are out at a time', () => {
  const host = createHost('web1');
  attach(host, 1, { leaseCount: 2 * MAILBOX_HELD_MAX });
  depositMany(host, 'web1:orders', MAILBOX_HELD_MAX + 500);
  assert.is(host.deliveries().length, MAILBOX_HELD_MAX);
});

for (const bytes of [10, 10_000]) {
  test(`what waits is on disk, and little of it in memory (${bytes} bytes)`, () => {
    const host = createHost('web1');
    attach(host, 1, { leaseCount: 1 });
    depositMany(host, 'web1:orders', 5_000, bytes);
    const box = boxOf(host);
    assert.ok(box.ready.length < MAILBOX_READY_COUNT + MAILBOX_RUN_COUNT_MAX);
    assert.ok(box.readyBytes < MAILBOX_READY_BYTES + MAILBOX_RUN_BYTES_MAX + bytes);
    assert.ok(box.records.size < 100);
    assert.equal(sequences(host), [1]);
  });
}

test('a record has so many messages and bytes', () => {
  const host = createHost('web1');
  depositMany(host, 'web1:orders', MAILBOX_RUN_COUNT_MAX + 1);
  depositMany(host, 'web1:bills', 3, MAILBOX_RUN_BYTES_MAX / 2);
  const keys = host.store.read({ from: 'm/', below: 'm0', ...ALL }).records.map(({ key }) => key);
  assert.equal(
    keys.map((key) => Number(key.split('/')[2])),
    [2, 3, MAILBOX_RUN_COUNT_MAX, MAILBOX_RUN_COUNT_MAX + 1],
  );
});

test('so many records are read at a time', () => {
  const host = createHost('web1');
  for (let sequence = 1; sequence <= MAILBOX_READ_RECORDS + 1; sequence++) {
    deposit(host, 'web1:orders', createMessage(SENDER, sequence));
    host.settle();
  }
  attach(host, 1, { leaseCount: 1 });
  assert.is(boxOf(host).ready.length, MAILBOX_READ_RECORDS - 1);
});

test('a piece has so many messages and bytes, and so many are on their way', () => {
  const host = createHost('web1');
  depositMany(host, 'web2:orders', 10 * MAILBOX_PIECE_COUNT);
  const pieces = host.take('transfer');
  assert.is(pieces.length, MAILBOX_PIECES_IN_FLIGHT);
  assert.ok(pieces.every(({ transfer }) => transfer.messages.length <= MAILBOX_PIECE_COUNT));
  depositMany(host, 'web2:bills', 10, MAILBOX_PIECE_BYTES - 100);
  assert.ok(host.take('transfer').every(({ transfer }) => transfer.messages.length <= 2));
});

test('a node that cannot be reached is tried ever less often', () => {
  const host = createHost('web1');
  depositMany(host, 'web2:orders', 1);
  const waits: number[] = [];
  for (let attempt = 0; attempt < 15; attempt++) {
    const [piece] = host.take('transfer');
    const { epoch } = piece!;
    host.feed({ kind: 'transferFailed', box: 'web2:orders', epoch, error: NO_WAY });
    waits.push(host.wakeAtMs - host.now.ms);
    host.pass(host.wakeAtMs - host.now.ms);
  }
  const [first = 0] = waits;
  const last = waits.at(-1)!;
  assert.ok(first >= MAILBOX_RETRY_MS_MIN / 2 && first <= MAILBOX_RETRY_MS_MIN, `${first}`);
  assert.ok(last >= MAILBOX_RETRY_MS_MAX / 2 && last <= MAILBOX_RETRY_MS_MAX, `${last}`);
});

test('a disk that refused is tried again after a while', () => {
  const host = createHost('web1');
  host.store.refusal = FULL;
  depositMany(host, 'web1:orders', 1);
  assert.is(host.wakeAtMs - host.now.ms, MAILBOX_PROBE_MS);
});

test('a disk that refuses is tried once in MAILBOX_PROBE_MS while somebody sends', () => {
  const host = createHost('web1');
  host.store.refusal = FULL;
  depositMany(host, 'web1:orders', 1);
  for (let count = 0; count < 10; count++) {
    host.pass(host.wakeAtMs - host.now.ms);
    host.settle();
  }
  assert.ok(host.wakeAtMs - host.now.ms > 10 * MAILBOX_PROBE_MS);
  host.pass(MAILBOX_PROBE_MS / 2);
  host.take('refused');
  depositMany(host, 'web1:orders', 1);
  assert.is(host.take('refused').length, 1, 'at once');
  assert.is(host.wakeAtMs - host.now.ms, MAILBOX_PROBE_MS / 2);
  host.store.refusal = null;
  host.pass(MAILBOX_PROBE_MS / 2);
  host.settle();
  depositMany(host, 'web1:orders', 1);
  assert.is(host.take('stored').length, 1);
});

test('what expires is looked for now and then, whatever the clock says', () => {
  const host = createHost('web1');
  const expiresAtMs = host.now.wallMs + 86_400_000;
  deposit(host, 'web1:orders', createMessage(SENDER, 1, { expiresAtMs }));
  host.settle();
  assert.is(host.wakeAtMs - host.now.ms, MAILBOX_EXPIRY_MS);
  host.pass(MAILBOX_EXPIRY_MS, 86_400_000);
  assert.is(boxOf(host).deadCount, 1);
});

test('what cannot be moved to a full mailbox is moved when there is room', () => {
  const host = createHost('web1', { quotaCount: 1 });
  deposit(host, ':orders', createMessage(SENDER, 1));
  deposit(host, 'web1:orders', createMessage('00000000000000a2', 1));
  host.settle();
  host.feed({ kind: 'resolved', service: 'orders', node: 'web1' });
  host.settle();
  assert.is(boxOf(host, ':orders').count, 1);
  host.feed({ kind: 'purge', box: 'web1:orders', what: 'waiting', reply: 1 });
  host.settle();
  host.pass(MAILBOX_MOVE_MS);
  host.settle();
  assert.is(boxOf(host, ':orders').count, 0);
  assert.is(boxOf(host).count, 1);
});

test.run();
