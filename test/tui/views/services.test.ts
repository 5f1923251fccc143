import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TOP_SERVICE_NODES_MAX } from '../../../src/protocol/limits.ts';
import type { NodeStatus } from '../../../src/protocol/status.ts';
import { update } from '../../../src/tui/update.ts';
import { NOW_MS, nodeOf, press, screenOf, smallRealm } from '../nodes.ts';
import { assertScreens, showing } from './showing.ts';

function rowsOf(screen: string): string[] {
  return [...screen.matchAll(/^(\S+) +(?:●|○) .*$/gm)].map(([, name = '']) => name);
}

test('services have a screen of each size', () => assertScreens('services', undefined));

test('a service is one row, with the nodes that have it', () => {
  const nodes = Array.from({ length: 12 }, (_, index) =>
    nodeOf(`web${index}`, { services: ['dagent', '~3', 'http', index < 2 ? 'cache' : 'orders'] }),
  );
  const model = showing('services', undefined, {}, {}, nodes);
  const screen = screenOf(model);
  assert.equal(rowsOf(screen), ['cache', 'http', 'orders']);
  assert.match(screen, /^http +● up +12 +0 {2}web\[0-11\]$/m);
  assert.match(screen, /^orders +● up +10 +0 {2}web\[2-11\]$/m);
});

test('it follows who is lost and who offers what, and keeps its cursor', () => {
  const model = showing('services', undefined, { columns: 120 });
  press(model, 'G');
  assert.is(model.state.selected, 'relay');
  const hear = (node: NodeStatus) =>
    update(model, { kind: 'record', record: { type: 'node', node } }, NOW_MS);
  hear(nodeOf('agent1', { parent: 'root1', services: ['relay'], state: 'lost' }));
  assert.match(screenOf(model), /^relay +○ lost +0 +1 {2}agent1$/m);
  hear(nodeOf('web1', { parent: 'agent1', services: ['relay', 'aaa'] }));
  assert.match(screenOf(model), /^relay +● partly +1 +1 {2}web1$/m);
  assert.is(rowsOf(screenOf(model))[0], 'aaa');
  assert.is(model.state.selected, 'relay');
  const record = { type: 'snapshot', realm: 'demo', nodes: smallRealm() } as const;
  update(model, { kind: 'record', record }, NOW_MS);
  assert.match(screenOf(model), /^relay +● up +1 +0 {2}agent1$/m);
});

test('more names than TOP_SERVICE_NODES_MAX are not all written out', () => {
  const nodes = Array.from({ length: TOP_SERVICE_NODES_MAX + 200 }, (_, index) =>
    nodeOf(`web${index}`, { services: ['http'] }),
  );
  const model = showing('services', undefined, {}, {}, nodes);
  assert.match(screenOf(model), /^http +● up +1,200 +0 {2}web\[0-999\] and 200 more$/m);
});

test('it sorts by every column, and finds names', () => {
  const model = showing('services', undefined);
  for (const column of model.view.columns) assert.ok(column.sortKey !== undefined, column.title);
  press(model, '>', '>');
  assert.is(rowsOf(screenOf(model))[0], 'http', 'one of its two nodes is lost');
  press(model, '/', ...'post'.split(''));
  assert.equal(rowsOf(screenOf(model)), ['postgres']);
});

test('filters test what columns say', () => {
  const model = showing('services', undefined);
  press(model, '/', ...'where=web* nodes<2 state=partly'.split(''));
  assert.equal(rowsOf(screenOf(model)), ['http']);
});

test('without rows it says what to do', () => {
  const model = showing('services', undefined, {}, {}, [nodeOf('a')]);
  assert.match(screenOf(model), 'dagent listen SERVICE');
});

test('Enter shows the nodes that have it', () => {
  const model = showing('services', undefined);
  press(model, 'return');
  assert.match(screenOf(model), /^http\n {2}nodes {7}1\n {2}up {10}web2\n {2}lost {8}web10$/m);
});

test.run();
