import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createMessage, type MailboxHost } from '../fakes/mailbox-host.ts';
import { attach, createHost, deposit, NO_WAY, nack, SENDER } from './support.ts';

function deadReason(host: MailboxHost, box: string): string | undefined {
  host.feed({ kind: 'peek', box, what: 'dead', from: 0, countMax: 9, reply: ++host.reply });
  return host.take('peeked')[0]?.letters[0]?.failures.at(-1)?.reason;
}

test('what expired before anybody had it is not repeated when it waits again, until it is', () => {
  const host = createHost('web1');
  const expiresAtMs = host.now.wallMs + 60_000;
  deposit(host, 'web1:orders', createMessage(SENDER, 1, { expiresAtMs }));
  host.settle();
  host.pass(200_000);
  host.settle();
  assert.is(deadReason(host, 'web1:orders'), 'expired');
  host.feed({ kind: 'redeliver', box: 'web1:orders', positions: null, reply: ++host.reply });
  host.settle();
  attach(host, 1);
  const [first] = host.deliveries();
  assert.is(first?.isRepeated, false);
  nack(host, 1, first!.position);
  host.settle();
  assert.is(host.deliveries()[0]?.isRepeated, true);
});

test('what somebody had, and was dead, is repeated when it waits again', () => {
  const host = createHost('web1', { tryCountMax: 1 });
  attach(host, 1);
  deposit(host, 'web1:orders', createMessage(SENDER, 1));
  host.settle();
  host.take('deliver');
  nack(host, 1, 1);
  host.settle();
  host.feed({ kind: 'redeliver', box: 'web1:orders', positions: null, reply: ++host.reply });
  host.settle();
  assert.is(host.deliveries()[0]?.isRepeated, true);
});

test('what expired in an outbox says so, and what was in its way', () => {
  const host = createHost('web1');
  const expiresAtMs = host.now.wallMs + 60_000;
  deposit(host, 'web2:orders', createMessage(SENDER, 1, { expiresAtMs }));
  host.settle();
  const [piece] = host.take('transfer');
  const { epoch } = piece!;
  host.feed({ kind: 'transferFailed', box: 'web2:orders', epoch, error: NO_WAY });
  host.pass(200_000);
  host.settle();
  assert.is(deadReason(host, 'web2:orders'), 'expired (E_UNREACHABLE)');
});

test.run();
