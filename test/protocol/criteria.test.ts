import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseCriteria } from '../../src/protocol/criteria.ts';
import { CRITERIA_DEPTH_MAX } from '../../src/protocol/limits.ts';

function chosen(criteria: unknown, values: readonly unknown[]): unknown[] {
  const test = parseCriteria(criteria);
  if (test === undefined) throw new Error(`no criteria: ${JSON.stringify(criteria)}`);
  return values.filter(test);
}

const VALUES = [1, 5, 10, 'group 2', { id: 100, site: 'oslo' }, { id: 7 }, null];

test('each operator chooses what it says', () => {
  assert.equal(chosen({ eq: 'group 2' }, VALUES), ['group 2']);
  assert.equal(chosen({ eq: { id: 7 } }, VALUES), [{ id: 7 }]);
  assert.is(chosen({ neq: 1 }, VALUES).length, VALUES.length - 1);
  assert.equal(chosen({ in: [1, 10, 99] }, VALUES), [1, 10]);
  assert.equal(chosen({ gt: 1 }, VALUES), [5, 10]);
  assert.equal(chosen({ lt: 5 }, VALUES), [1]);
  assert.equal(chosen({ match: { id: 100 } }, VALUES), [{ id: 100, site: 'oslo' }]);
  assert.equal(chosen({ match: { toString: 1 } }, VALUES), []);
});

test('operators are joined, within each other too', () => {
  assert.equal(chosen({ and: [{ gt: 1 }, { lt: 10 }] }, VALUES), [5]);
  assert.equal(chosen({ or: [{ eq: 10 }, { or: [{ eq: 1 }, { eq: 2 }] }] }, VALUES), [1, 10]);
});

test('numbers are compared with numbers, texts with texts, and nothing else', () => {
  assert.equal(chosen({ gt: 'a' }, ['b', 'A', 5, null]), ['b']);
  assert.equal(chosen({ gt: null }, VALUES), []);
});

test('what is no criteria is none', () => {
  let deep: unknown = { eq: 1 };
  for (let level = 0; level <= CRITERIA_DEPTH_MAX; level++) deep = { and: [deep] };
  const wrong = [
    undefined,
    null,
    'eq',
    [],
    {},
    { like: 1 },
    { eq: 1, gt: 2 },
    { in: 5 },
    { match: [] },
    { and: [] },
    { or: [{ eq: 1 }, 5] },
    { constructor: 1 },
    deep,
  ];
  for (const each of wrong) assert.is(parseCriteria(each), undefined, JSON.stringify(each));
});

test.run();
