import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MAILBOX_FIND_MS_MAX, MAILBOX_FIND_MS_MIN } from '../../src/protocol/limits.ts';
import { MailboxSearch } from '../../src/services/mailbox-search.ts';
import { FakeClock } from '../fakes/clock.ts';

/** A search for `orders` that counts how often the parent is asked. */
function start() {
  const clock = new FakeClock();
  const found: string[] = [];
  const asked: number[] = [];
  let parent: string | undefined;
  const search = new MailboxSearch({
    clock,
    findNode: () => undefined,
    askParent(): Promise<string | undefined> {
      asked.push(clock.monotonicMs());
      return Promise.resolve(parent);
    },
    waiting: () => (found.length === 0 ? ['orders'] : []),
    resolve: (service, node) => found.push(`${node}:${service}`),
  });
  const tellParent = (node: string): void => {
    parent = node;
  };
  return { clock, search, found, asked, tellParent };
}

/** Lets what waits for promises go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

test('a service is looked for again and again, at first soon, then rarely', async () => {
  const { clock, search, asked } = start();
  search.begin();
  await settle();
  for (let waitMs = MAILBOX_FIND_MS_MIN; waitMs < 2 * MAILBOX_FIND_MS_MAX; waitMs *= 2) {
    clock.advance(Math.min(waitMs, MAILBOX_FIND_MS_MAX));
    await settle();
  }
  const waits = asked.slice(1).map((atMs, at) => atMs - asked[at]!);
  assert.is(waits[0], MAILBOX_FIND_MS_MIN);
  assert.is(Math.max(...waits), MAILBOX_FIND_MS_MAX);
});

test('news end the wait, and what is found is not looked for any more', async () => {
  const { clock, search, found, asked, tellParent } = start();
  search.begin();
  await settle();
  tellParent('web1');
  search.begin();
  await settle();
  assert.equal(found, ['web1:orders']);
  clock.advance(10 * MAILBOX_FIND_MS_MAX);
  await settle();
  assert.is(asked.length, 2);
  search.stop();
});

test('a name that no service can have is not asked for', async () => {
  const { search, asked } = start();
  assert.is(await search.find('a b'), null);
  assert.equal(asked, []);
});

test.run();
