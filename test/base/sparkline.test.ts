import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatSparkline } from '../../src/base/sparkline.ts';

test('bars reach from nothing to the greatest, and what is not known is a blank', () => {
  assert.is(formatSparkline([0, null, 1, 4, 7]), '▁ ▂▅█');
});

test('bars reach to what is said to be the most, and no further', () => {
  assert.is(formatSparkline([0, 0.1, 50, 100, 200], 100), '▁▂▅██');
});

test('where all is nothing, or nothing is known, no bar stands out', () => {
  assert.is(formatSparkline([0, 0]), '▁▁');
  assert.is(formatSparkline([null, null]), '  ');
  assert.is(formatSparkline([]), '');
});

test.run();
