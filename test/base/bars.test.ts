import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BLOCKS, drawChart, drawSparkline } from '../../src/base/bars.ts';

test('a line of blocks grows with its values, up to the highest', () => {
  assert.is(drawSparkline([0, 1, 2, 3, 4, 5, 6, 7], BLOCKS, 7), BLOCKS);
  assert.is(drawSparkline([9, -1, 7], BLOCKS, 7), '█▁█', 'what is beyond the ends stays within');
});

test('what is not known is a gap, and only what is nothing has the lowest block', () => {
  assert.is(drawSparkline([null, 0, null, 0.1, 100], BLOCKS, 100), ' ▁ ▂█');
  assert.is(drawSparkline([0, 0], BLOCKS, 0), '▁▁', 'also where nothing is more than zero');
  assert.is(drawSparkline([null, null], BLOCKS, -Infinity), '  ');
  assert.is(drawSparkline([], BLOCKS, -Infinity), '');
});

test('a chart fills its lines from below', () => {
  const lines = drawChart([0, 4, 8, null, 12, 16], { levels: BLOCKS, rowCount: 2, top: 16 });
  assert.equal(lines, ['  ▁ ▅█', '▁▅█ ██']);
});

test.run();
