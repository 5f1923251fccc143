import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { WatchRecord } from '../../src/protocol/status.ts';
import type { Model } from '../../src/tui/model.ts';
import { update } from '../../src/tui/update.ts';
import { modelOf, NOW_MS, namesOf, nodeOf, press, screenOf, smallRealm } from './nodes.ts';

function hear(model: Model, ...records: readonly WatchRecord[]): void {
  for (const record of records) update(model, { kind: 'record', record }, NOW_MS);
}

function cursorOf(model: Model): string {
  return namesOf(model).find((name) => name.startsWith('>')) ?? '';
}

/** A root and so many leaves below it, on a screen that shows eight rows. */
function longModel(leafCount = 40): Model {
  const leaves = Array.from({ length: leafCount }, (_, index) =>
    nodeOf(`leaf${index + 1}`, { parent: 'root1' }),
  );
  return modelOf([nodeOf('root1', { role: 'root' }), ...leaves], { rows: 12 });
}

test('the cursor moves by rows, with arrows and letters, and stops at the ends', () => {
  const model = modelOf(smallRealm());
  assert.is(cursorOf(model), '>root1');
  press(model, 'up', 'k');
  assert.is(cursorOf(model), '>root1');
  press(model, 'down', 'j', 'j');
  assert.is(cursorOf(model), '>web2');
  press(model, 'k');
  assert.is(cursorOf(model), '>web1');
  press(model, ...Array.from({ length: 20 }, () => 'down'));
  assert.is(cursorOf(model), '>db2');
});

test('pages are half a screen, first and last the ends', () => {
  const model = longModel();
  press(model, 'pagedown');
  assert.is(cursorOf(model), '>leaf4');
  press(model, 'ctrl-d', 'ctrl-d');
  assert.is(cursorOf(model), '>leaf12');
  press(model, 'pageup', 'ctrl-u');
  assert.is(cursorOf(model), '>leaf4');
  press(model, 'G');
  assert.is(cursorOf(model), '>leaf40');
  press(model, 'g');
  assert.is(cursorOf(model), '>root1');
  press(model, 'end');
  assert.is(cursorOf(model), '>leaf40');
  press(model, 'home');
  assert.is(cursorOf(model), '>root1');
});

test('the body scrolls no further than it must', () => {
  const model = longModel();
  press(model, ...Array.from({ length: 9 }, () => 'down'));
  assert.equal(namesOf(model).at(0), 'leaf2');
  assert.is(namesOf(model).at(-1), '>leaf9');
  press(model, ...Array.from({ length: 7 }, () => 'up'));
  assert.equal(namesOf(model).at(0), '>leaf2');
});

test('left folds and then goes to the parent, right unfolds', () => {
  const model = modelOf(smallRealm());
  press(model, 'down', 'left');
  assert.equal(namesOf(model).slice(0, 3), ['root1', '>agent1', 'agent2']);
  assert.match(screenOf(model), 'agent1 +3');
  press(model, 'h');
  assert.is(cursorOf(model), '>root1');
  press(model, 'down', 'l');
  assert.equal(namesOf(model).slice(1, 3), ['>agent1', 'web1']);
  press(model, 'down', 'h');
  assert.is(cursorOf(model), '>agent1');
  press(model, 'right');
  assert.is(namesOf(model).length, 9);
});

test('z toggles a fold, Z folds all below the tops, and * opens all', () => {
  const model = modelOf(smallRealm());
  press(model, 'down', 'z', 'down', 'z');
  assert.equal(namesOf(model), ['root1', 'agent1', '>agent2']);
  press(model, 'z');
  assert.is(namesOf(model).length, 6);
  press(model, 'home', 'z');
  assert.equal(namesOf(model), ['>root1']);
  press(model, '*');
  assert.is(namesOf(model).length, 9);
  press(model, 'Z');
  assert.equal(namesOf(model), ['>root1', 'agent1', 'agent2']);
});

test('folding a leaf does nothing', () => {
  const model = modelOf(smallRealm());
  press(model, 'G', 'z', 'l');
  assert.is(namesOf(model).length, 9);
  assert.is(cursorOf(model), '>db2');
});

test('a filter is written live, kept with Enter, cleared with Escape', () => {
  const model = modelOf(smallRealm());
  press(model, '/', 'W', 'e', 'b', '1');
  assert.equal(namesOf(model), ['root1', 'agent1', '>web1', 'web10']);
  press(model, 'down');
  assert.is(cursorOf(model), '>web10');
  press(model, 'backspace', 'backspace', 'backspace', 'backspace', 'backspace', 'q');
  assert.match(screenOf(model), 'no node or service matches q');
  press(model, 'ctrl-u', 'd', 'b', 'return');
  assert.equal(namesOf(model), ['root1', 'agent2', '>db1', 'db2']);
  press(model, 'G', 'escape');
  assert.is(namesOf(model).length, 9);
  assert.is(cursorOf(model), '>db2');
});

test('a fold waits until the filter is gone', () => {
  const model = modelOf(smallRealm());
  press(model, 'down', 'left', '/', 'w', 'e', 'b', 'return');
  assert.is(namesOf(model).length, 5);
  press(model, 'z', 'h');
  assert.is(cursorOf(model), '>agent1');
  press(model, 'escape');
  assert.is(namesOf(model).length, 6);
});

test('the cursor stays on its node, and the node on its line, when rows come and go above', () => {
  const model = longModel();
  press(model, 'G', 'up', 'up', 'up');
  const before = namesOf(model);
  assert.is(before.at(-4), '>leaf37');
  hear(
    model,
    { type: 'node', node: nodeOf('leaf0', { parent: 'root1' }) },
    { type: 'node', node: nodeOf('leaf3-1', { parent: 'root1' }) },
    { type: 'gone', name: 'leaf7' },
    { type: 'gone', name: 'leaf35' },
  );
  assert.is(namesOf(model).at(-4), '>leaf37');
});

test('the cursor goes to the nearest row when its node goes away', () => {
  const model = modelOf(smallRealm());
  press(model, 'down', 'down', 'down');
  hear(model, { type: 'gone', name: 'web2' });
  assert.is(cursorOf(model), '>web10');
  press(model, 'G');
  hear(model, { type: 'gone', name: 'db2' });
  assert.is(cursorOf(model), '>db1');
});

test('the cursor goes to the node that hides its own when that moves below a fold', () => {
  const model = modelOf(smallRealm());
  press(model, 'G', 'left', 'z', 'home', 'down', 'down');
  assert.is(cursorOf(model), '>web1');
  hear(model, { type: 'node', node: nodeOf('web1', { parent: 'agent2' }) });
  assert.is(cursorOf(model), '>agent2');
});

test('a pause holds back what comes, and then shows the last of it', () => {
  const model = modelOf(smallRealm());
  const before = screenOf(model);
  press(model, 'p');
  hear(
    model,
    { type: 'gone', name: 'agent1' },
    { type: 'node', node: nodeOf('db3', { parent: 'agent2' }) },
    { type: 'node', node: nodeOf('db4', { parent: 'agent2' }) },
    { type: 'gone', name: 'db3' },
  );
  assert.equal(screenOf(model).split('\n').slice(1), before.split('\n').slice(1));
  press(model, 'p');
  const names = namesOf(model);
  assert.not(names.includes('agent1'));
  assert.not(names.includes('db3'));
  assert.ok(names.includes('db4'));
});

test('what is held back is at most one word for each node', () => {
  const model = modelOf(smallRealm());
  press(model, 'p');
  for (let round = 0; round < 100; round++) {
    for (const node of smallRealm()) hear(model, { type: 'node', node });
  }
  assert.is(model.held.changes.size, smallRealm().length);
  hear(model, { type: 'snapshot', realm: 'other', nodes: [] });
  assert.is(model.held.changes.size, 0);
  press(model, 'p');
  assert.match(screenOf(model), /^dagent top {2}other[\s\S]*no node is known/);
});

test('a loss says why and when it is tried again, and a snapshot ends it', () => {
  const model = modelOf(smallRealm());
  update(model, { kind: 'lost', reason: 'gone', retryAtMs: NOW_MS + 500 }, NOW_MS);
  update(model, { kind: 'retrying' }, NOW_MS + 500);
  update(model, { kind: 'lost', reason: 'refused', retryAtMs: NOW_MS + 9_000 }, NOW_MS + 600);
  assert.match(screenOf(model, NOW_MS + 4_000), 'LINK LOST: refused');
  assert.match(screenOf(model, NOW_MS + 4_000), 'trying again in 5s');
  hear(model, { type: 'snapshot', realm: 'demo', nodes: smallRealm() });
  assert.not.match(screenOf(model), 'LINK LOST');
});

test('a fold outlives a snapshot, and is forgotten with its node', () => {
  const model = modelOf(smallRealm());
  press(model, 'down', 'left');
  hear(model, { type: 'snapshot', realm: 'demo', nodes: smallRealm() });
  assert.is(namesOf(model).length, 6);
  const others = smallRealm().filter(({ name }) => name !== 'agent1');
  hear(model, { type: 'snapshot', realm: 'demo', nodes: others });
  hear(model, { type: 'snapshot', realm: 'demo', nodes: smallRealm() });
  assert.is(namesOf(model).length, 9);
});

test('the keys of the world are returned as effects', () => {
  const effectsOf = (key: string) =>
    update(modelOf(smallRealm()), { kind: 'key', key }, NOW_MS)
      .map(({ kind }) => kind)
      .join();
  assert.is(effectsOf('q'), 'quit');
  assert.is(effectsOf('ctrl-c'), 'quit');
  assert.is(effectsOf('ctrl-z'), 'suspend');
  assert.is(effectsOf('ctrl-l'), 'redraw');
  assert.is(effectsOf('x'), '');
});

test('n and N go round the rows that match for themselves', () => {
  const model = modelOf(smallRealm());
  press(model, '/', ...'web', 'return');
  assert.is(cursorOf(model), '>web1');
  press(model, 'n', 'n');
  assert.is(cursorOf(model), '>web10');
  press(model, 'n');
  assert.is(cursorOf(model), '>web1');
  press(model, 'N');
  assert.is(cursorOf(model), '>web10');
});

test('a filter by columns keeps the way to its matches, and says what is wrong with it', () => {
  const model = modelOf(smallRealm(), { columns: 120 });
  press(model, '/', ...'state=lost', 'return');
  assert.equal(namesOf(model), ['root1', 'agent1', '>web10']);
  assert.match(screenOf(model), /\/state=lost .* 1 of 9$/);
  press(model, '/', 'ctrl-u', ...'colour=red');
  assert.match(screenOf(model), /\/colour=red█ {2}there is no field colour/);
  assert.is(namesOf(model).length, 9);
});

test('the cursor follows the first row, or the last one, until it is moved', () => {
  const model = modelOf([nodeOf('b'), nodeOf('c')]);
  press(model, 'f');
  hear(model, { type: 'node', node: nodeOf('a') });
  assert.equal(namesOf(model), ['>a', 'b', 'c']);
  assert.match(screenOf(model), 'follows the first');
  press(model, 'G', 'f');
  hear(model, { type: 'node', node: nodeOf('d') });
  assert.is(cursorOf(model), '>d');
  press(model, 'k');
  hear(model, { type: 'node', node: nodeOf('e') });
  assert.is(cursorOf(model), '>c');
});

test('frames are drawn more and less often, within bounds', () => {
  const model = modelOf(smallRealm());
  press(model, '-', '-');
  assert.is(model.rateMs, 500);
  assert.match(screenOf(model), 'a frame each 500ms');
  press(model, ...'-------------');
  assert.is(model.rateMs, 60_000);
  press(model, ...'++++++++++++');
  assert.is(model.rateMs, 100);
});

test('another size keeps the cursor in sight', () => {
  const model = longModel();
  press(model, 'G');
  update(model, { kind: 'resized', size: { columns: 60, rows: 8 } }, NOW_MS);
  assert.is(namesOf(model).at(-1), '>leaf40');
  update(model, { kind: 'resized', size: { columns: 90, rows: 50 } }, NOW_MS);
  assert.is(namesOf(model).length, 41);
});

test.run();
