import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cellWidth, cutToWidth } from '../../src/cli/cells.ts';

test('a text is as wide as the terminal shows it', () => {
  assert.is(cellWidth('web1'), 4);
  assert.is(cellWidth('日本'), 4);
  assert.is(cellWidth('e\u0301'), 1);
});

test('what is too wide is cut, and never wider than it may be', () => {
  assert.is(cutToWidth('web1', 4), 'web1');
  assert.is(cutToWidth('web10', 4), 'web…');
  assert.is(cutToWidth('日本語', 5), '日本…');
  assert.is(cutToWidth('日本語', 4), '日…');
  assert.is(cutToWidth('日本語', 1), '…');
  for (let width = 1; width < 9; width++) {
    assert.ok(cellWidth(cutToWidth('a日b本c語', width)) <= width);
  }
});

test.run();
