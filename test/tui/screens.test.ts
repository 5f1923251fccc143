/**
 * Whole screens, compared with the text files in `screens/`. Where a change is meant, run this file
 * with UPDATE_SCREENS=1, and look at what git says has changed.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createModel } from '../../src/tui/model.ts';
import { update } from '../../src/tui/update.ts';
import { VIEWS } from '../../src/tui/views/index.ts';
import { modelOf, NOW_MS, nodeOf, press, screenOf, smallRealm } from './nodes.ts';
import { assertScreen } from './screen-file.ts';

test('80x24: everything but the age has a place', () => {
  assertScreen(screenOf(modelOf(smallRealm()), NOW_MS + 3_000), '80x24');
});

test('120x30: there is room for mailboxes', () => {
  const model = modelOf(smallRealm(), { columns: 120, rows: 30 });
  press(model, 'down', 'down');
  assertScreen(screenOf(model, NOW_MS + 3_000), '120x30');
});

test('60x10 in ASCII: folded, filtered keys, no lines drawn', () => {
  const model = modelOf(smallRealm(), { columns: 60, rows: 10 }, { isAscii: true });
  press(model, 'down', 'left', 'down');
  assertScreen(screenOf(model), '60x10-ascii');
});

test('a terminal that is too small is told how large it has to be', () => {
  assertScreen(screenOf(modelOf(smallRealm(), { columns: 59, rows: 9 })), 'too-narrow');
  assertScreen(screenOf(modelOf(smallRealm(), { columns: 60, rows: 7 })), 'too-low');
});

test('the help lists every key', () => {
  const model = modelOf(smallRealm());
  press(model, '?');
  assertScreen(screenOf(model), 'help');
});

test('the help uses half of the line for a key', () => {
  const model = modelOf(smallRealm());
  press(model, '?');
  assert.match(screenOf(model), 'follow first or last');
});

test('the help of a low screen can be scrolled', () => {
  const model = modelOf(smallRealm(), { columns: 60, rows: 8 });
  press(model, '?', ...Array.from({ length: 9 }, () => 'down'));
  assertScreen(screenOf(model), 'help-scrolled');
});

test('what is wrong with a filter has a blank before the count, where it is cut', () => {
  const model = modelOf(smallRealm());
  press(model, '/', ...'a-text-that-is-long-enough-for-the-line ['.split(''));
  assert.match(screenOf(model).split('\n').at(-1) ?? '', /… 0 of 9$/);
});

test('a filter shows its matches, the way to them, and how many they are', () => {
  const model = modelOf(smallRealm(), { columns: 80, rows: 12 });
  press(model, '/', 'w', 'e', 'b', '1');
  assertScreen(screenOf(model), 'filter');
});

test('a lost link is said at the top, and what is below stands still', () => {
  const model = modelOf(smallRealm(), { columns: 80, rows: 12 });
  const retryAtMs = NOW_MS + 20_000;
  const reason = 'the link to root1 broke: nothing was heard for 15000 ms';
  update(model, { kind: 'lost', reason, retryAtMs }, NOW_MS + 10_000);
  assertScreen(screenOf(model, NOW_MS + 17_500), 'link-lost');
});

test('the head names who tells of the tree, from when a watch stands', () => {
  const model = modelOf(smallRealm());
  assert.not.match(screenOf(model), 'from');
  update(model, { kind: 'opened', top: 'hq' }, NOW_MS);
  assert.match(screenOf(model), /^dagent top {2}demo {2}from hq /);
});

test('a pause is said with its age, and nothing moves meanwhile', () => {
  const model = modelOf(smallRealm(), { columns: 80, rows: 12 });
  press(model, 'p');
  const gone = { type: 'gone', name: 'agent1' } as const;
  update(model, { kind: 'record', record: gone }, NOW_MS + 5_000);
  assertScreen(screenOf(model, NOW_MS + 65_000), 'paused');
});

test('before the first word there is nothing to show but that', () => {
  const size = { columns: 60, rows: 8 };
  const model = createModel({
    views: VIEWS,
    size,
    hasColour: false,
    isAscii: false,
    isReadOnly: true,
  });
  assertScreen(screenOf(model), 'connecting');
});

test('a tree that is longer than the screen shows the part around the cursor', () => {
  const nodes = [nodeOf('root1', { role: 'root' })];
  for (let index = 1; index <= 4_310; index++) {
    nodes.push(nodeOf(`leaf${index}`, { parent: 'root1' }));
  }
  const model = modelOf(nodes, { columns: 80, rows: 10 });
  press(model, 'G', 'up', 'up');
  assertScreen(screenOf(model), 'long');
});

test.run();
