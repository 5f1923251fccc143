import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Client } from '../../src/client/client.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import { HELD_MS_DEFAULT, HELD_PER_RECEIVER_MAX } from '../../src/protocol/limits.ts';
import { Realm } from './realm.ts';

async function within(act: (realm: Realm) => Promise<void>): Promise<void> {
  const realm = new Realm();
  try {
    await realm.start('root');
    await realm.start('leaf', 'root', { role: 'leaf' });
    await act(realm);
  } finally {
    await realm.end();
  }
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    return (error as DagentError).code;
  }
}

/** The commands of the next messages of a service. */
async function take(client: Client, service: string, count: number): Promise<string[]> {
  const commands: string[] = [];
  for await (const { message } of await client.listen(service)) {
    commands.push(message.command);
    if (commands.length === count) break;
  }
  return commands;
}

test('what is sent while a service is away waits for it, and its sender knows', () =>
  within(async (realm) => {
    const there = await realm.connect('root');
    await there.register('orders');
    there.unregister('orders');
    const here = await realm.connect('leaf');
    const cached = { state: 'cached', node: 'root', ms: HELD_MS_DEFAULT };
    assert.equal(await here.deliver('root:orders', 'A'), cached);
    here.send('root:orders', 'B');
    const hours = { ttlMs: 5 * 3_600_000 };
    assert.equal(await here.deliver('root:orders', 'C', { cache: hours }), {
      ...cached,
      ms: 5 * 3_600_000,
    });
    here.send('root:orders', 'GONE', { cache: 'no' });
    const last = here.deliver('root:orders', 'D', { report: 'delivered' });
    assert.is(await codeOf(here.deliver('root:orders', 'E', { cache: 'no' })), 'E_NO_SERVICE');
    assert.equal(await take(there, 'orders', 4), ['A', 'B', 'C', 'D']);
    assert.equal(await last, { state: 'delivered' });
  }));

test('what is sent to a node that is away waits for it', () =>
  within(async (realm) => {
    const here = await realm.connect('root');
    const there = await realm.connect('leaf');
    await there.register('orders');
    await realm.stop('leaf');
    assert.is((await here.deliver('leaf:orders', 'A')).state, 'cached');
    const last = here.deliver('leaf:orders', 'B', { report: 'delivered' });
    await realm.start('leaf', 'root', { role: 'leaf' });
    const back = await realm.connect('leaf');
    assert.equal(await take(back, 'orders', 2), ['A', 'B']);
    assert.equal(await last, { state: 'delivered' });
  }));

test('who has heard that a message is kept hears what becomes of it, before it is too late', () =>
  within(async (realm) => {
    const here = await realm.connect('leaf');
    const there = await realm.connect('root');
    await there.register('orders');
    there.unregister('orders');
    const count = HELD_PER_RECEIVER_MAX + 2;
    const outcomes: string[] = [];
    let settle = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      settle = resolve;
    });
    const send = (command: string) =>
      here.deliver('root:orders', command, {
        onOutcome: (error) => {
          outcomes.push(`${command} ${error?.code ?? 'delivered'}`);
          if (outcomes.length === count) settle();
        },
      });
    const commands = Array.from({ length: count }, (_, at) => `M${at}`);
    const deliveries = await Promise.all(commands.map(send));
    assert.ok(deliveries.every(({ state }) => state === 'cached'));
    // Whose place was taken is known when the last one has its place.
    assert.equal(outcomes, ['M0 E_CACHE_FULL', 'M1 E_CACHE_FULL']);
    await take(there, 'orders', HELD_PER_RECEIVER_MAX);
    await over;
    assert.equal(
      outcomes.slice(2),
      commands.slice(2).map((command) => `${command} delivered`),
    );
  }));

test('who waits for the receiver waits no longer than it says', () =>
  within(async (realm) => {
    const here = await realm.connect('root');
    await here.register('orders');
    here.unregister('orders');
    const options = { report: 'delivered', timeoutMs: 300 } as const;
    const error = await here
      .deliver('root:orders', 'A', options)
      .catch((thrown: unknown) => thrown);
    const { code, values } = error as DagentError;
    // It arrives yet, and so must not be sent again.
    assert.is(code, 'E_KEPT');
    assert.equal(values, { to: 'root:orders', node: 'root', ms: 300 });
    assert.equal(await take(here, 'orders', 1), ['A']);
  }));

test.run();
