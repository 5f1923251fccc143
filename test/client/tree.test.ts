import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findSimilar, isLiteral, selectNodes } from '../../src/client/tree.ts';
import { DagentError } from '../../src/protocol/errors.ts';

const NAMES = ['hq', 'east', 'web1', 'web2', 'db.1'];

/** The error that a selector ends with. */
async function failureOf(selector: string): Promise<DagentError> {
  const [settled] = await Promise.allSettled([selectNodes(selector, NAMES)]);
  assert.is(settled?.status, 'rejected', selector);
  const { reason } = settled as PromiseRejectedResult;
  assert.instance(reason, DagentError);
  return reason;
}

test('a glob selects the nodes that match it and no others', async () => {
  assert.equal(await selectNodes('web*', NAMES), ['web1', 'web2']);
  assert.equal(await selectNodes('h?', NAMES), ['hq']);
  assert.equal(await selectNodes('web[2-9]', NAMES), ['web2']);
  assert.equal(await selectNodes('*', NAMES), NAMES);
});

test('a list selects its parts in their order, each node once', async () => {
  assert.equal(await selectNodes('web2,hq', NAMES), ['web2', 'hq']);
  assert.equal(await selectNodes('web2,web*,hq,', NAMES), ['web2', 'web1', 'hq']);
});

test('a part that matches nothing is an error that names it', async () => {
  for (const [selector, part] of [
    ['x*', 'x*'],
    ['web9', 'web9'],
    ['web1,zz', 'zz'],
    ['!web1', '!web1'],
    [',', ','],
  ] as const) {
    const { code, values, exit } = await failureOf(selector);
    assert.equal([code, values.selector, exit], ['E_NO_TARGET', part, 3]);
  }
});

test('the nearest names are suggested, the nearest first', async () => {
  assert.equal(findSimilar('web', NAMES), ['web1', 'web2']);
  assert.is((await failureOf('eats')).hint, 'did you mean: east');
  assert.is((await failureOf('something-else')).hint, 'see all: dagent tree');
});

test('only a plain name is literal', () => {
  assert.equal(['web1', 'db.1', 'web*', 'a,b', ''].map(isLiteral), [
    true,
    true,
    false,
    false,
    false,
  ]);
});

test.run();
