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

test.run();
