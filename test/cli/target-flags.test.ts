import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readTargets, type TargetFlags } from '../../src/cli/target-flags.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import { formatSelector } from '../../src/protocol/selector.ts';

async function read(words: readonly string[], flags: TargetFlags = {}): Promise<string> {
  return formatSelector((await readTargets(words, flags)).selector);
}

test('several words are any of them; a sentence without quotes is one', async () => {
  assert.is(await read(['web1', 'db*']), '((web1),db*)');
  assert.is(await read(['web*', 'and', 'not', 'web1']), '(web* and (not (web1)))');
  assert.is(await read(['and']), '(name=and)');
});

test('what is excluded is taken away from all of it', async () => {
  const flags = { exclude: ['web1', 'site=oslo'] };
  assert.is(await read(['web*', 'db1'], flags), '(((db1),web*) and (not ((web1),site=oslo)))');
});

test('one node that is named in full, and by nothing else, is a single one', async () => {
  const isSingle = async (words: readonly string[], flags: TargetFlags = {}) =>
    (await readTargets(words, flags)).isSingle;
  assert.is(await isSingle(['web1']), true);
  assert.is(await isSingle(['web1', 'web2']), false);
  assert.is(await isSingle(['web1,']), false);
  assert.is(await isSingle(['web*']), false);
  assert.is(await isSingle(['web1'], { exclude: ['web2'] }), false);
  assert.is(await isSingle(['web1'], { limit: { count: 1, isPercent: false } }), false);
});

test('a limit has the seed that was said, or none', async () => {
  const limit = { count: 10, isPercent: true };
  assert.equal((await readTargets(['a'], { limit })).limit, { ...limit, seed: '' });
  assert.equal((await readTargets(['a'], { limit, seed: 'x' })).limit, { ...limit, seed: 'x' });
});

test('without any target it is wrong usage', async () => {
  const thrown = await readTargets([], {}).catch((error: unknown) => error);
  assert.is((thrown as DagentError).code, 'E_USAGE');
});

test.run();
