import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  GATHER_AT_ONCE,
  GATHER_ITEMS_MAX,
  GATHER_NODES_MAX,
  gather,
} from '../../src/client/gather.ts';

function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `n${index}`);
}

test('what all nodes tell is together, and who does not tell is named with why', async () => {
  const told = await gather(['a', 'b', 'c'], async (node) => {
    if (node === 'b') throw new Error('b is away');
    return [`${node}1`, `${node}2`];
  });
  assert.equal(told.items.toSorted(), ['a1', 'a2', 'c1', 'c2']);
  assert.equal(told.silent, [{ node: 'b', reason: 'b is away' }]);
  assert.is(told.unaskedCount, 0);
});

test('GATHER_NODES_MAX nodes are asked, GATHER_AT_ONCE at a time', async () => {
  let [now, most, all] = [0, 0, 0];
  const told = await gather(namesOf(GATHER_NODES_MAX + 7), async () => {
    all++;
    most = Math.max(most, ++now);
    await Promise.resolve();
    now--;
    return [];
  });
  assert.equal([all, most, told.unaskedCount], [GATHER_NODES_MAX, GATHER_AT_ONCE, 7]);
});

test('when there are GATHER_ITEMS_MAX things, no further node is asked', async () => {
  const many = Array.from({ length: GATHER_ITEMS_MAX / 10 }, () => 'x');
  const told = await gather(namesOf(400), async () => many);
  assert.ok(told.items.length < GATHER_ITEMS_MAX + GATHER_AT_ONCE * many.length);
  assert.ok(told.unaskedCount >= 400 - 10 - GATHER_AT_ONCE);
});

test('nobody is asked when there is nobody', async () => {
  const told = await gather([], async () => ['x']);
  assert.equal(told, { items: [], silent: [], unaskedCount: 0 });
});

test.run();
