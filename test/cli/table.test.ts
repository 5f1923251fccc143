import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatTable } from '../../src/cli/table.ts';

test('a table has its columns below their heads, without borders and blanks at the end', () => {
  const rows = [
    ['web1', 'up'],
    ['a-long-name', ''],
  ];
  assert.equal(formatTable(['NODE', 'STATE'], rows).split('\n'), [
    'NODE         STATE',
    'web1         up',
    'a-long-name',
  ]);
});

test('a cell cannot act on the terminal or leave its line', () => {
  const table = formatTable(['A'], [['\x1b[2J\nforged']]);
  assert.equal(table.split('\n'), ['A', '\\x1b[2J\\nforged']);
});

test('numbers stand on the right, wide signs take their room', () => {
  const columns = ['NAME', { head: 'LOAD', isNumber: true }, 'UP'];
  const rows = [
    ['日本', '0.5', '3d'],
    ['web1', '12.5', '1h'],
  ];
  assert.equal(formatTable(columns, rows).split('\n'), [
    'NAME  LOAD  UP',
    '日本   0.5  3d',
    'web1  12.5  1h',
  ]);
});

test('a table for a narrow terminal has a line for each row, none of them wider', () => {
  const columns = ['NODE', { head: 'MESSAGE', isText: true }, 'UP'];
  const rows = [['web1', 'the disk is nearly full', '3d']];
  assert.equal(formatTable(columns, rows, 26).split('\n'), [
    'NODE  MESSAGE           UP',
    'web1  the disk is nea…  3d',
  ]);
  assert.equal(formatTable(columns, rows, 18).split('\n'), ['NODE  MESSAGE', 'web1  the disk is…']);
});

test('without headings there is no line of them, and a row may have any number of cells', () => {
  const rows = [['a', 'b'], ['cc', 'd', 'e'], []];
  assert.equal(formatTable([], rows).split('\n'), ['a   b', 'cc  d  e', '']);
  assert.is(formatTable(['A'], []), 'A');
});

test('a table of 10,000 rows is no work', () => {
  const rows = Array.from({ length: 10_000 }, (_, at) => [`web${at}`, 'leaf', 'up', 'east']);
  const lines = formatTable(['NAME', 'ROLE', 'STATE', 'PARENT'], rows).split('\n');
  assert.is(lines.length, 10_001);
  assert.is(lines.at(-1), 'web9999  leaf  up     east');
});

test.run();
