import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Column, fitColumns } from '../../src/cli/table-fit.ts';

const COLUMNS: readonly Column[] = [
  { head: 'NODE', priority: 0 },
  { head: 'STATE', priority: 2 },
  { head: 'MESSAGE', priority: 1, isText: true },
  'UP',
];
const WIDTHS = [8, 6, 40, 5];

/** `place:width` of each column that is left. */
function fit(widthMax: number, columns = COLUMNS, widths = WIDTHS): string {
  return fitColumns(columns, widths, widthMax)
    .map(({ at, width }) => `${at}:${width}`)
    .join(' ');
}

test('where there is room each column has what it would like', () => {
  assert.is(fit(65), '0:8 1:6 2:40 3:5');
  assert.is(fit(Number.POSITIVE_INFINITY), '0:8 1:6 2:40 3:5');
});

test('a text is cut first, down to what is of use', () => {
  assert.is(fit(64), '0:8 1:6 2:39 3:5');
  assert.is(fit(37), '0:8 1:6 2:12 3:5');
});

test('then columns give way, the least important first, and the text gets their room', () => {
  assert.is(fit(36), '0:8 1:6 2:18');
  assert.is(fit(30), '0:8 1:6 2:12');
  assert.is(fit(29), '0:8 2:19');
  assert.is(fit(21), '0:8');
});

test('the most important column is always there, cut when it must be', () => {
  assert.is(fit(5), '0:5');
  assert.is(fit(0), '0:1');
});

test('of headings alone the last gives way first; of several texts the widest is cut first', () => {
  assert.is(fit(10, ['A', 'B', 'C'], [4, 4, 4]), '0:4 1:4');
  const texts = ['A', 'B'].map((head) => ({ head, isText: true }));
  assert.is(fit(52, texts, [20, 40]), '0:20 1:30');
  assert.is(fit(30, texts, [20, 40]), '0:16 1:12');
});

test('whatever the widths, a row fits', () => {
  for (let width = 1; width < 90; width++) {
    const fitted = fitColumns(COLUMNS, WIDTHS, width);
    const total = fitted.reduce((sum, column) => sum + column.width + 2, -2);
    assert.ok(total <= width, `${total} of ${width}`);
  }
});

test.run();
