import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withoutName } from '../../src/cli/own-name.ts';

test('a name is not said twice', () => {
  assert.is(withoutName('web9: cannot be reached', 'web9'), 'cannot be reached');
  assert.is(withoutName('web9 was lost', 'web9'), 'was lost');
});

test('a longer name, and one that stands elsewhere, is not the name', () => {
  for (const reason of ['web90: cannot be reached', 'hq knows no way to web9', 'web9']) {
    assert.is(withoutName(reason, 'web9'), reason);
  }
  assert.is(withoutName(undefined, 'web9'), undefined);
});

test.run();
