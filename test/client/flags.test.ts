import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Client } from '../../src/client/client.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import { FLAGS_PER_NODE_MAX } from '../../src/protocol/limits.ts';
import { Realm } from './realm.ts';

const test = suite('flags of a program');
const realm = new Realm();
let program: Client;

test.before(async () => {
  await realm.start('hq');
  await realm.start('web1', 'hq');
  program = await realm.connect('web1');
});
test.after(() => realm.end());

/** What the top lists, once it has a flag of this name, or has none any more. */
async function listed(name: string, isUp = true): Promise<string[]> {
  for (;;) {
    const { flags } = await program.flags.list();
    const names = flags.map(({ node, flag, state }) => `${node} ${flag} ${state}`);
    if (flags.some(({ flag }) => flag === name) === isUp) return names;
  }
}

test('a flag of a program is listed at the top until it is lowered', async () => {
  const wish = { priority: 'error', tags: ['db'], message: 'refused' } as const;
  const { node, change, flag } = await program.flags.raise('orders', 'db', 'down', wish);
  assert.equal([node, change, flag?.by.startsWith('web1:')], ['web1', 'raised', true]);
  assert.equal(await listed('down'), ['web1 down raised']);
  assert.is((await program.flags.lower('orders', 'db', 'down')).change, 'lowered');
  assert.equal(await listed('down', false), []);
  assert.is((await program.flags.lower('orders', 'db', 'down')).change, 'none');
});

test('a flag may be that of another node', async () => {
  await program.flags.raise('orders', 'db', 'far', { node: 'hq', isManual: true });
  assert.equal(await listed('far'), ['hq far raised']);
  assert.is((await program.flags.lower('orders', 'db', 'far', { node: 'hq' })).change, 'cleared');
  const byHand = { node: 'hq', isByHand: true };
  assert.is((await program.flags.lower('orders', 'db', 'far', byHand)).change, 'lowered');
});

test('one node is asked for its own flags, and leaves those of others out', async () => {
  await program.flags.raise('orders', 'db', 'here');
  await listed('here');
  const own = await program.flags.listOf('web1');
  assert.equal(
    own.map(({ flag }) => flag),
    ['here'],
  );
  assert.equal(await program.flags.listOf('hq'), []);
  await program.flags.lower('orders', 'db', 'here');
});

test('more than FLAGS_PER_NODE_MAX are refused', async () => {
  for (let at = 0; at < FLAGS_PER_NODE_MAX; at++) {
    await program.flags.raise('orders', 'many', `f${at}`);
  }
  const code = await program.flags.raise('orders', 'many', 'more').then(
    () => 'ok',
    (error) => (error as DagentError).code,
  );
  assert.is(code, 'E_TOO_MANY_FLAGS');
});

test.run();
