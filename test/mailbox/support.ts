/** What tests of mailboxes do again and again. */
import type { Transfer } from '../../src/mailbox/io.ts';
import type { Message } from '../../src/mailbox/message.ts';
import { type HostOptions, MailboxHost } from '../fakes/mailbox-host.ts';

export const SENDER = '00000000000000a1';
export const OTHER = '00000000000000a2';
export const NO_WAY = {
  code: 'E_UNREACHABLE',
  values: { to: 'web2:orders', node: 'web1' },
} as const;
export const FULL = { code: 'E_STORE_FULL', values: { path: 'there', reason: 'full' } } as const;

export function createHost(node: string, more: Partial<HostOptions> = {}): MailboxHost {
  const store = Buffer.from(node.padEnd(8, '.')).toString('hex');
  return new MailboxHost({ node, store, seed: 1, ...more });
}

export function deposit(
  host: MailboxHost,
  to: string,
  message: Message,
  via: string | null = null,
): number {
  host.feed({ kind: 'deposit', to, via, message, reply: ++host.reply });
  return host.reply;
}

export function attach(
  host: MailboxHost,
  receiver: number,
  more: { leaseCount?: number } = {},
): void {
  const { leaseCount = 10 } = more;
  host.feed({ kind: 'attach', receiver, service: 'orders', leaseCount, leaseMs: 30_000 });
}

export function ack(host: MailboxHost, receiver: number, ...positions: number[]): void {
  host.feed({ kind: 'ack', receiver, store: host.options.store, positions, reply: ++host.reply });
}

export function nack(host: MailboxHost, receiver: number, position: number, delayMs = 0): void {
  host.feed({ kind: 'nack', receiver, position, delayMs, reason: 'not now' });
}

export function sequences(host: MailboxHost): number[] {
  return host.deliveries().map(({ message }) => message.sequence);
}

/** Carries pieces from one node to the other and the answers back, until there are no more. */
export function exchange(from: MailboxHost, to: MailboxHost): Transfer[] {
  const carried: Transfer[] = [];
  for (;;) {
    const pieces = from.take('transfer');
    if (pieces.length === 0) return carried;
    for (const { transfer, epoch } of pieces) {
      carried.push(transfer);
      to.feed({ kind: 'transfer', transfer, reply: ++to.reply });
      to.settle();
      for (const { upTo, error } of to.take('taken')) {
        from.feed({ kind: 'transferred', box: transfer.box, epoch, upTo, error });
      }
      from.settle();
    }
  }
}
