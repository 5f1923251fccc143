import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Model } from '../../src/tui/model.ts';
import type { MouseEvent } from '../../src/tui/mouse-input.ts';
import { update } from '../../src/tui/update.ts';
import { modelOf, NOW_MS, namesOf, nodeOf, press, screenOf, smallRealm } from './nodes.ts';

function send(model: Model, mouse: MouseEvent): void {
  update(model, { kind: 'mouse', mouse }, NOW_MS);
}

/** Clicks where `text` begins on the screen. */
function click(model: Model, text: string): void {
  const lines = screenOf(model).split('\n');
  const row = lines.findIndex((line) => line.includes(text));
  send(model, { kind: 'click', row, column: lines[row]!.indexOf(text) });
}

test('a click puts the cursor on a row, and on the row under the cursor opens its details', () => {
  const model = modelOf(smallRealm());
  click(model, 'web2');
  assert.ok(namesOf(model).includes('>web2'));
  click(model, 'web2');
  assert.is(model.mode, 'details');
  press(model, 'escape');
  send(model, { kind: 'click', row: 20, column: 3 });
  assert.ok(namesOf(model).includes('>web2'), 'there is no row');
});

test('a click on a title sorts by its column, and again the other way round', () => {
  const model = modelOf(smallRealm());
  press(model, ' ');
  click(model, 'LOAD');
  assert.equal(model.state.sort, { title: 'LOAD', isReversed: false });
  click(model, 'LOAD▼');
  assert.equal(model.state.sort, { title: 'LOAD', isReversed: true });
});

test('a click on a digit or a name in the head leads to that view', () => {
  const model = modelOf(smallRealm(), { columns: 80 });
  click(model, '2 3');
  assert.is(model.view.name, 'flat');
  assert.match(screenOf(model), ' 1  2 flat 3');
  click(model, 'flat 3');
  assert.is(model.view.name, 'flat');
  click(model, ' 3 4');
  assert.is(model.view.name, 'flat', 'between the tabs is none');
  press(model, 'return');
  click(model, '1  2 flat');
  assert.equal([model.view.name, model.mode], ['tree', 'rows']);
  const wide = modelOf(smallRealm(), { columns: 200 });
  click(wide, 'services');
  assert.is(wide.view.name, 'services');
  click(wide, 'dagent top');
  assert.is(wide.view.name, 'services');
  press(wide, '/');
  click(wide, 'flat');
  assert.is(wide.view.name, 'services', 'a filter is being written');
});

test('the wheel moves among the rows, in details and in the help', () => {
  const nodes = Array.from({ length: 50 }, (_, index) => nodeOf(`n${index}`));
  const model = modelOf(nodes, { rows: 10 });
  send(model, { kind: 'wheel', isDown: true, column: 3, row: 5 });
  assert.is(model.state.selected, 'n3');
  send(model, { kind: 'wheel', isDown: false, column: 3, row: 5 });
  assert.is(model.state.selected, 'n0');
  press(model, '?');
  send(model, { kind: 'wheel', isDown: true, column: 3, row: 5 });
  assert.is(model.helpOffset, 3);
  press(model, 'escape', 'return');
  send(model, { kind: 'wheel', isDown: true, column: 3, row: 5 });
  assert.is(model.detailsOffset, 3);
  press(model, 'escape', 'S');
  send(model, { kind: 'wheel', isDown: true, column: 3, row: 5 });
  send(model, { kind: 'click', row: 4, column: 4 });
  assert.is(model.mode, 'sort');
});

test('with details beside the rows, the keys go where the mouse is', () => {
  const model = modelOf(smallRealm(), { columns: 200 });
  press(model, 'return');
  send(model, { kind: 'click', row: 8, column: 150 });
  assert.is(model.mode, 'details');
  click(model, 'db1');
  assert.is(model.mode, 'rows');
  assert.is(model.state.selected, 'db1');
  click(model, 'LOAD');
  assert.is(model.state.sort?.title, 'LOAD');
});

test('m leaves the mouse to the terminal, and takes it back', () => {
  const model = modelOf(smallRealm(), {}, { hasMouse: true });
  const toggle = () => update(model, { kind: 'key', key: 'm' }, NOW_MS)[0];
  assert.equal(toggle(), { kind: 'mouse', isOn: false });
  assert.match(screenOf(model), 'the mouse selects text');
  assert.equal(toggle(), { kind: 'mouse', isOn: true });
});

test.run();
