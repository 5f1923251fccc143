/** What all views have in common: switching, sorting, marks, details. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { WatchRecord } from '../../../src/protocol/status.ts';
import { showView } from '../../../src/tui/cursor.ts';
import type { Model } from '../../../src/tui/model.ts';
import { update } from '../../../src/tui/update.ts';
import { VIEWS } from '../../../src/tui/views/index.ts';
import { modelOf, NOW_MS, namesOf, nodeOf, press, screenOf, smallRealm } from '../nodes.ts';

/** The titles of the columns, as they are on the screen. */
function titlesOf(screen: string): string {
  return screen.split('\n')[2] ?? '';
}

test('digits lead to the views, and each keeps its cursor, its filter and its order', () => {
  const model = modelOf(smallRealm(), { columns: 120 });
  press(model, 'down', '2', 'G', '/', 'd', 'b', 'return', '>');
  assert.equal(namesOf(model), ['db1', '>db2']);
  press(model, '1');
  assert.is(namesOf(model)[1], '>agent1');
  assert.is(namesOf(model).length, 9);
  press(model, '2');
  assert.equal(namesOf(model), ['db1', '>db2']);
  assert.match(titlesOf(screenOf(model)), 'NAME▲');
});

test('every view has a name and a summary of its own, and something to say without rows', () => {
  assert.is(new Set(VIEWS.map(({ name }) => name)).size, VIEWS.length);
  assert.is(new Set(VIEWS.map(({ summary }) => summary)).size, VIEWS.length);
  for (const view of VIEWS) {
    assert.match(view.name, /^[a-z]+$/);
    assert.is(new Set(view.columns.map(({ title }) => title)).size, view.columns.length);
    assert.ok(view.emptyText(modelOf([])).length > 0);
  }
});

test('t goes from the tree to the list and back with the cursor on its node', () => {
  const model = modelOf(smallRealm());
  press(model, 'down', 'down', 't');
  assert.ok(namesOf(model).includes('>web1'));
  assert.is(namesOf(model)[0], 'a-host-with-a-rat…');
  press(model, 'G', 't');
  assert.ok(namesOf(model).includes('>web10'));
});

test('the list is in the order of any column, the tree is in it below each parent', () => {
  const model = modelOf(smallRealm(), { columns: 120 });
  press(model, ...'>>>>>'.split(''));
  assert.match(titlesOf(screenOf(model)), 'LOAD▼');
  assert.equal(
    namesOf(model).map((name) => name.replace('>', '')),
    ['root1', 'agent1', 'web1', 'web2', 'web10', 'agent2', 'a-host-with-a-rat…', 'db1', 'db2'],
  );
  press(model, 'R');
  assert.match(titlesOf(screenOf(model)), 'LOAD▲');
  assert.equal(namesOf(model).slice(1, 5), ['agent1', 'web2', 'web10', 'web1']);
  press(model, '2', 'S', 'down', 'down', 'down', 'down', 'down', 'return', 'escape', 'home');
  assert.match(titlesOf(screenOf(model)), 'LOAD▼');
  assert.is(namesOf(model)[0], '>web1');
  assert.is(namesOf(model).at(-1), 'db2', 'what is not known comes last');
});

test('the node with the most urgent flag stands first when flags decide', () => {
  const nodes = [
    nodeOf('a', { flags: { count: 9, worst: 'warning' } }),
    nodeOf('b'),
    nodeOf('c', { flags: { count: 1, worst: 'critical' } }),
    nodeOf('d', { flags: { count: 2, worst: 'warning' } }),
  ];
  const model = modelOf(nodes, { columns: 120 });
  press(model, '2', 'home');
  for (let at = 0; at < 30 && !titlesOf(screenOf(model)).includes('FLAGS▼'); at++)
    press(model, '>');
  assert.equal(
    namesOf(model).map((name) => name.replace('>', '')),
    ['c', 'a', 'd', 'b'],
  );
});

test('the cursor stays on its row when another order moves it', () => {
  const model = modelOf(smallRealm(), { columns: 120 });
  press(model, '2', 'G', '<', '<', 'R');
  assert.is(model.state.selected, 'web10');
  assert.ok(namesOf(model).includes('>web10'));
});

test('rows that are sorted by a figure are sorted anew once a second', () => {
  const model = modelOf([nodeOf('a', { rttMs: 1 }), nodeOf('b', { rttMs: 2 })], { columns: 120 });
  press(model, '2', 'home', ...'>>>>>'.split(''));
  assert.match(titlesOf(screenOf(model)), 'RTT▼');
  assert.equal(namesOf(model), ['b', '>a']);
  update(model, { kind: 'record', record: { type: 'node', node: nodeOf('a', { rttMs: 9 }) } }, 0);
  assert.equal(namesOf(model), ['b', '>a']);
  update(model, { kind: 'tick' }, NOW_MS);
  assert.equal(namesOf(model), ['>a', 'b']);
});

test('space marks rows by what they are, and Escape takes first the filter, then the marks', () => {
  const model = modelOf(smallRealm());
  press(model, 'down', ' ', ' ');
  assert.equal([...model.state.marked], ['agent1', 'web1']);
  assert.match(screenOf(model), /^✓ ├─▾ agent1/m);
  assert.match(screenOf(model), '2 marked  4/9');
  press(model, 'up', ' ');
  assert.equal([...model.state.marked], ['agent1']);
  press(model, '/', 'd', 'b', 'return', 'escape');
  assert.is(model.state.marked.size, 1);
  press(model, 'escape');
  assert.is(model.state.marked.size, 0);
});

test('Enter shows the details of a row, which scroll, and Escape leads back', () => {
  const model = modelOf(smallRealm(), { rows: 10 });
  press(model, 'down', 'return');
  assert.match(screenOf(model), /^agent1\n {2}state {7}● up 1h02m$/m);
  // Keys come faster than frames.
  press(model, 'G', 'down', 'down');
  assert.match(screenOf(model), 'facts are on their way');
  press(model, 'up');
  assert.not.match(screenOf(model), 'facts are on their way');
  press(model, 'g');
  assert.match(screenOf(model), /^agent1$/m);
  press(model, '?', 'escape');
  assert.match(screenOf(model), /^agent1$/m);
  press(model, 'escape');
  assert.ok(namesOf(model).includes('>agent1'));
});

/** The details of b, which is forgotten while they are open. */
function readingOfGone(columns: number, view: string): Model {
  const model = modelOf([nodeOf('a'), nodeOf('b'), nodeOf('c')], { columns });
  showView(
    model,
    model.views.find(({ name }) => name === view),
  );
  press(model, 'down', 'return');
  update(model, { kind: 'record', record: { type: 'gone', name: 'b' } }, NOW_MS);
  return model;
}

test('details of a node that is forgotten say so, and no key means its neighbour', () => {
  for (const [columns, view] of [
    [80, 'tree'],
    [200, 'tree'],
    [80, 'flat'],
    [200, 'flat'],
  ] as const) {
    for (const keys of [['x'], ['ctrl-k', 'x'], ['ctrl-k', 'c'], ['s'], ['T'], ['left']]) {
      const model = readingOfGone(columns, view);
      assert.match(screenOf(model), 'b was forgotten: it was stopped, or lost for a minute');
      press(model, ...keys);
      assert.is(model.prompt, null, `${keys} at ${columns} columns in ${view}`);
      assert.equal([model.outputs, [...model.folded]], [[], []]);
      if (!keys.includes('left'))
        assert.match(screenOf(model), 'there is no node under the cursor');
    }
  }
});

test('the cursor leaves a node that is forgotten when its details are closed', () => {
  const model = readingOfGone(80, 'tree');
  assert.not.match(screenOf(model), /^c$/m);
  press(model, 'escape');
  assert.ok(namesOf(model).includes('>c'));
  press(model, 'x');
  assert.equal(model.prompt?.ask.kind === 'exec' && model.prompt.ask.nodes, ['c']);
});

test('the cursor is on a node again that was forgotten and comes back', () => {
  const model = readingOfGone(200, 'tree');
  assert.not.ok(namesOf(model).some((name) => name.startsWith('>')));
  const record: WatchRecord = { type: 'node', node: nodeOf('b') };
  update(model, { kind: 'record', record }, NOW_MS);
  assert.ok(namesOf(model).some((name) => name.startsWith('>b')));
});

test.run();
