import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GAP, placeColumns } from '../../src/tui/columns.ts';
import { treeView } from '../../src/tui/views/tree.ts';

function titles(width: number): string {
  return placeColumns(treeView.columns, width)
    .map(({ column }) => column.title)
    .join(' ');
}

test('columns give way one after the other as the screen narrows', () => {
  const all = 'NAME ROLE STATE RTT LOAD CPU MEM DISK NETIN NETOUT MSGS QUEUE DROPS JOBS UP';
  assert.is(titles(200), `${all} FLAGS MAIL OLDEST AGE SERVICES`);
  assert.is(titles(120), 'NAME ROLE STATE RTT LOAD CPU MEM DISK UP FLAGS MAIL SERVICES');
  assert.is(titles(95), 'NAME ROLE STATE RTT LOAD CPU MEM UP FLAGS SERVICES');
  assert.is(titles(80), 'NAME STATE RTT LOAD MEM UP FLAGS SERVICES');
  assert.is(titles(70), 'NAME STATE RTT LOAD MEM UP FLAGS');
  assert.is(titles(60), 'NAME STATE RTT LOAD MEM FLAGS');
  assert.is(titles(20), 'NAME');
});

test('flags are seen on the narrowest screen', () => {
  for (const width of [60, 80, 100]) assert.match(titles(width), / FLAGS/);
});

test('the columns fill the screen and never more', () => {
  for (let width = 60; width <= 300; width++) {
    const placed = placeColumns(treeView.columns, width);
    const used = placed.reduce((sum, each) => sum + each.width + GAP, -GAP);
    assert.ok(used <= width, `${used} of ${width}`);
    assert.ok(used > width - 12, `${used} of ${width}`);
    for (const { column, width: cells } of placed) assert.ok(cells >= column.width);
  }
});

test.run();
