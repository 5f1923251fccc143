/** Taking the durable messages of a service: its name, its window, a lease by each connection. */
import { resolveHome, windowPathOf } from '../adapters/home.ts';
import { WindowFile } from '../adapters/window-file.ts';
import { decodeValue } from '../endpoint/methods.ts';
import { REQUEST_MS_MAX } from '../protocol/limits.ts';
import { pack } from '../protocol/pack.ts';
import { onAborted } from './abort.ts';
import { type Claims, claimOf } from './claims.ts';
import { DurableQueue } from './durable-queue.ts';
import type { LeaseSource } from './lease.ts';
import type { ConsumeOptions } from './letter.ts';
import type { Link } from './link.ts';
import { type MessageQueue, queueHandlers } from './message-queue.ts';

/** What a service asks of the mailboxes of its node, by one connection. */
function createLeaseSource(link: Link, service: string, wish: object): LeaseSource {
  const to = `${link.record.name}:`;
  const open = (command: string, args: readonly unknown[], timeoutMs?: number) => {
    const data = pack({ args, kwargs: {} });
    return link.endpoint.request({ to, from: service, command, data, isCall: true, timeoutMs });
  };
  return {
    open: () => open('mailbox.lease', [service, wish], REQUEST_MS_MAX),
    call: async (method, args) => decodeValue((await open(method, args).outcome).data),
    forget: ({ number }) => link.endpoint.main.forget(number),
    isLost: () => link.lost !== undefined,
  };
}

/** What consuming needs of its client. */
export interface ConsumeParts {
  readonly claims: Claims;
  /** Directory of the installation, where windows are kept. */
  readonly home: string | undefined;
  readonly node: string;
  /** A queue for what is not durable. */
  createQueue(): MessageQueue;
  /** Adds what is to be ended with the client; called with it at once. */
  watch(queue: DurableQueue): void;
  /** The name is given back. */
  leave(queue: DurableQueue): void;
}

/**
 * Takes a name, and the durable messages that come, and have come, to it. What a former program of
 * that name has not acked is among them. Throws what claiming the name throws, E_STORE_VERSION,
 * E_CANNOT_WRITE, E_STATE_BROKEN.
 */
export async function consume(
  parts: ConsumeParts,
  service: string,
  options: ConsumeOptions,
): Promise<DurableQueue> {
  const { claims, home, node } = parts;
  const { count, leaseMs, window = true, signal } = options;
  const plain = options.plain === true ? parts.createQueue() : undefined;
  const handlers = plain === undefined ? {} : queueHandlers(plain);
  const path = window ? windowPathOf(resolveHome(home, process.env), node, service) : undefined;
  const file = new WindowFile(path);
  const queue: DurableQueue = new DurableQueue(
    {
      plain,
      window: file,
      leave() {
        parts.leave(queue);
        file.close();
      },
    },
    options,
  );
  const claim = claimOf(service, handlers);
  const onGranted = (link: Link): void => {
    claim.onGranted(link);
    queue.begin(createLeaseSource(link, service, { count, leaseMs }));
  };
  await claims.make({ ...claim, onGranted }, signal);
  parts.watch(queue);
  onAborted(signal, () => queue.end());
  await queue.opened();
  return queue;
}
