import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { columnsWithin, gatherSeries } from '../../src/tui/chart.ts';

test('neighbours share a column: their mean, or the highest, of those that are known', () => {
  const values = [1, 3, null, 8, null, null];
  assert.equal(gatherSeries(values, 3, 'mean'), [2, 8, null]);
  assert.equal(gatherSeries(values, 3, 'max'), [3, 8, null]);
  assert.equal(gatherSeries(values, 6, 'mean'), values);
});

test('an hour has as many columns as fit, of whole minutes', () => {
  assert.equal(
    [200, 60, 59, 30, 29, 19, 1, 0].map((width) => columnsWithin(60, width)),
    [60, 60, 30, 30, 20, 15, 1, 1],
  );
});

test.run();
