import stringWidth from 'string-width';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { glyphsFor } from '../../src/tui/glyphs.ts';
import { cellWidth, cutToWidth, fitEnd, fitStart } from '../../src/tui/width.ts';

test('a width is counted in cells, not in characters', () => {
  const widths: [string, number][] = [
    ['', 0],
    ['web-10', 6],
    ['├─▾ ', 4],
    ['café', 4],
    ['cafe\u0301', 4],
    ['日本', 4],
    ['👩‍💻', 2],
  ];
  for (const [text, width] of widths) assert.is(cellWidth(text), width, text);
});

test('what is too wide is cut at a whole character, and says that it was', () => {
  assert.is(cutToWidth('web-10', 6, '…'), 'web-10');
  assert.is(cutToWidth('web-10', 5, '…'), 'web-…');
  assert.is(cutToWidth('web-10', 0, '…'), '');
  assert.is(cutToWidth('日本語', 5, '…'), '日本…');
  assert.is(cutToWidth('日本語', 4, '…'), '日…');
});

test('a cell is filled to exactly its width on either side', () => {
  assert.is(fitStart('ab', 4, '…'), 'ab  ');
  assert.is(fitEnd('ab', 4, '…'), '  ab');
  assert.is(fitStart('日本語', 4, '…'), '日… ');
  assert.is(fitEnd('abcdef', 4, '…'), 'abc…');
});

test('what the screen is drawn with is as wide as the library says', () => {
  const drawn = [
    ...Object.values(glyphsFor(false)).filter((glyph) => typeof glyph === 'string'),
    ...Array.from({ length: 0x25fd - 0x2500 }, (_, index) => String.fromCharCode(0x2500 + index)),
  ];
  for (const glyph of drawn) assert.is(cellWidth(glyph), stringWidth(glyph), glyph);
});

test.run();
