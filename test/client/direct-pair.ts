/** Two programs of one node, and what goes between them: for the tests of direct connections. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Client } from '../../src/client/client.ts';
import type { ConnectOptions } from '../../src/client/connection.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { Realm } from './realm.ts';

/** What a promise fails with. */
export function failure(promise: Promise<unknown>): Promise<DagentError> {
  return promise.then(
    () => new DagentError('E_USAGE', { reason: 'it did not fail' }),
    (error: DagentError) => error,
  );
}

export const realm = new Realm();
await realm.start('root');
await realm.start('web1', 'root');
test.after(() => realm.end());

/** Programs that a test has started beside its two. */
export const successors: Client[] = [];

/** Two programs at the root, closed when the test is over. */
export function testPair(
  title: string,
  use: (here: Client, there: Client) => Promise<void>,
  options: { here?: ConnectOptions; there?: ConnectOptions } = {},
): void {
  test(title, async () => {
    const here = await realm.connect('root', options.here);
    const there = await realm.connect('root', options.there);
    try {
      await use(here, there);
    } finally {
      await Promise.all([here, there, ...successors.splice(0)].map((each) => each.close()));
    }
  });
}

/** A service that keeps what comes, and answers requests. */
export async function listen(client: Client, service = 'sink'): Promise<string[]> {
  const heard: string[] = [];
  await client.register(service, {
    onMessage: ({ data }) => heard.push(data.toString()),
    onRequest(exchange) {
      heard.push(exchange.request.data.toString());
      exchange.reply({ data: exchange.request.data });
    },
  });
  return heard;
}

/**
 * How long a way may take to change. It is time that decides, not what was sent meanwhile: after a
 * connection has ended the next one is tried DIRECT_RETRY_MS later.
 */
export const CHANGE_MS_MAX = 30_000;

/** Sends numbers until the way is the wanted one; returns how many that took. */
export async function sendUntil(
  client: Client,
  way: 'daemon' | 'direct',
  to = 'sink',
): Promise<number> {
  const untilMs = performance.now() + CHANGE_MS_MAX;
  for (let count = 0; ; ) {
    for (let burst = 0; burst < 100; burst++) {
      client.send(to, 'N', { data: Buffer.from(String(count++)) });
    }
    await client.drained();
    if (client.wayTo(to) === way) return count;
    assert.ok(performance.now() < untilMs, `after ${count} messages it is not ${way}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Frames that the daemon has handed to programs. */
export async function deliveredBy(client: Client): Promise<number> {
  const counters = (await client.call('root:', 'node.counters')) as { framesDelivered: number };
  return counters.framesDelivered;
}

export function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}

/** Waits until it has come. */
export async function arrived(heard: readonly string[], count: number): Promise<void> {
  while (heard.length < count) await new Promise((resolve) => setImmediate(resolve));
}
