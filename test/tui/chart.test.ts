import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { columnsWithin, drawChart, drawSparkline, gatherSeries } from '../../src/tui/chart.ts';
import { glyphsFor } from '../../src/tui/glyphs.ts';

const LEVELS = glyphsFor(false).levels;

test('a line of blocks grows with its values, up to the highest', () => {
  assert.is(drawSparkline([0, 1, 2, 3, 4, 5, 6, 7, 8], LEVELS, 8), '▁▁▂▃▄▅▆▇█');
  assert.is(drawSparkline([9, -1, 8], LEVELS, 8), '█▁█', 'what is beyond the ends stays within');
});

test('what is not known is a gap, and what is zero is not', () => {
  assert.is(drawSparkline([null, 0, null, 8], LEVELS, 8), ' ▁ █');
  assert.is(drawSparkline([0, 0], LEVELS, 0), '▁▁', 'also where nothing is more than zero');
});

test('ASCII draws the same with what it has', () => {
  const { levels } = glyphsFor(true);
  assert.match(levels, /^[\x20-\x7e]+$/);
  assert.is(drawSparkline([null, 0, 4, 8], levels, 8), ' _=#');
});

test('a chart fills its lines from below', () => {
  const lines = drawChart([0, 4, 8, null, 12, 16], { levels: LEVELS, rowCount: 2, top: 16 });
  assert.equal(lines, ['    ▄█', '▁▄█ ██']);
});

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
