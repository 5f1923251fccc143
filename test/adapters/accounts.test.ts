import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemAccounts } from '../../src/adapters/accounts.ts';

test('a user is found by its name and by its number', async () => {
  const root = await systemAccounts.findUser('root');
  assert.is(root?.uid, 0);
  assert.is(root?.gid, 0);
  assert.equal(await systemAccounts.findUser('0'), root);
});

test('a group is found by its name and by its number', async () => {
  assert.is(await systemAccounts.findGroup('root'), 0);
  assert.is(await systemAccounts.findGroup('0'), 0);
});

test('what is not there, or would be a flag, is not found', async () => {
  for (const name of ['no-such-name', '', '--help', 'a:b']) {
    assert.is(await systemAccounts.findUser(name), undefined);
    assert.is(await systemAccounts.findGroup(name), undefined);
  }
});

test.run();
