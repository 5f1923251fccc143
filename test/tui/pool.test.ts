import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TOP_TEXTS_MAX } from '../../src/protocol/limits.ts';
import { createPool } from '../../src/tui/pool.ts';

test('lists and maps that are alike are one and the same', () => {
  const pool = createPool();
  const [list, map] = [['a', 'b'], { site: 'x', rack: '1' }];
  assert.is(pool.list(list), list);
  assert.is(pool.list(['a', 'b']), list);
  assert.not(pool.list(['a\0b']) === list);
  assert.is(pool.map(map), map);
  assert.is(pool.map({ site: 'x', rack: '1' }), map);
  assert.not(pool.map({ site: 'x', rack: '2' }) === map);
  assert.is(pool.map({ site: 'y' }, map).site, 'y');
});

test('of more than TOP_TEXTS_MAX all are forgotten, and kept again when they come', () => {
  const pool = createPool();
  const first = ['first'];
  pool.list(first);
  for (let count = 1; count < TOP_TEXTS_MAX; count++) pool.list([`${count}`]);
  assert.is(pool.list(['first']), first);
  pool.list(['one too many']);
  const again = ['first'];
  assert.is(pool.list(again), again);
  assert.is(pool.list(['first']), again);
});

test.run();
