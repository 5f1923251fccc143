import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { plantForest, putNode, removeNode } from '../../src/tui/forest.ts';
import { orderForest, selectRows, type TreeRow } from '../../src/tui/tree-order.ts';
import { NOW_MS, nodeOf, smallRealm } from './nodes.ts';

const ALL = { folded: new Set<string>(), filter: '' };

/** Each row as its depth in dots and its name. */
function outline(rows: readonly TreeRow[]): string[] {
  return rows.map(({ depth, entry }) => '.'.repeat(depth) + entry.name);
}

function link(name: string, parent: string | null) {
  return nodeOf(name, { parent });
}

test('children follow their parent, in natural order', () => {
  const rows = selectRows(orderForest(plantForest(smallRealm(), NOW_MS)), ALL);
  assert.equal(outline(rows), [
    'root1',
    '.agent1',
    '..web1',
    '..web2',
    '..web10',
    '.agent2',
    '..a-host-with-a-rather-long-name.example.net',
    '..db1',
    '..db2',
  ]);
  assert.equal(
    rows.filter(({ isLast }) => isLast).map(({ entry }) => entry.name),
    ['root1', 'web10', 'agent2', 'db2'],
  );
});

test('a fold hides a subtree and says how many nodes it hides', () => {
  const order = orderForest(plantForest(smallRealm(), NOW_MS));
  const rows = selectRows(order, { folded: new Set(['agent1', 'db1']), filter: '' });
  assert.is(rows.find(({ entry }) => entry.name === 'agent1')?.hidden, 3);
  assert.is(rows.find(({ entry }) => entry.name === 'db1')?.hidden, 0);
  assert.is(rows.length, 6);
});

test('a filter keeps the matches and the way to them, and opens folds', () => {
  const order = orderForest(plantForest(smallRealm(), NOW_MS));
  const rows = selectRows(order, { folded: new Set(['agent1']), filter: 'web1' });
  assert.equal(outline(rows), ['root1', '.agent1', '..web1', '..web10']);
  assert.equal(
    rows.map(({ isMatch }) => isMatch),
    [false, false, true, true],
  );
});

test('a filter looks at services as well', () => {
  const order = orderForest(plantForest(smallRealm(), NOW_MS));
  const rows = selectRows(order, { ...ALL, filter: 'postgres' });
  assert.equal(outline(rows), ['root1', '.agent2', '..db1']);
});

test('a node whose parent is not known stands at the top', () => {
  const forest = plantForest([link('b', 'gone'), link('a', null), link('c', 'b')], NOW_MS);
  assert.equal(outline(selectRows(orderForest(forest), ALL)), ['a', 'b', '.c']);
});

test('nodes that are each other\u2019s parents are shown all the same, once', () => {
  const nodes = [
    link('root', null),
    link('x', 'y'),
    link('y', 'z'),
    link('z', 'x'),
    link('s', 's'),
  ];
  const rows = selectRows(orderForest(plantForest(nodes, NOW_MS)), ALL);
  assert.equal(outline(rows), ['root', 's', 'x', '.z', '..y']);
});

test('a tree as deep as it is large breaks nothing', () => {
  const nodes = Array.from({ length: 5_000 }, (_, index) =>
    link(`n${index}`, index === 0 ? null : `n${index - 1}`),
  );
  const rows = selectRows(orderForest(plantForest(nodes, NOW_MS)), ALL);
  assert.is(rows.at(-1)?.depth, 4_999);
});

test('what changes one by one ends as what is planted at once', () => {
  const forest = plantForest(smallRealm(), NOW_MS);
  assert.is(putNode(forest, link('web3', 'agent1'), NOW_MS), 'shape');
  assert.is(putNode(forest, link('db1', 'agent1'), NOW_MS), 'shape');
  assert.is(putNode(forest, nodeOf('db2', { parent: 'agent2' }), NOW_MS), 'values');
  assert.is(removeNode(forest, 'web10'), 'shape');
  assert.is(removeNode(forest, 'web10'), 'nothing');
  const nodes = [...forest.entries.values()].map(({ status }) => status);
  const planted = plantForest(nodes.reverse(), NOW_MS);
  assert.equal(
    outline(selectRows(orderForest(forest), ALL)),
    outline(selectRows(orderForest(planted), ALL)),
  );
  assert.equal(forest.tallies, planted.tallies);
});

test('figures age from when they came in, and by the node\u2019s own clock before that', () => {
  const sampleOf = (atMs: number) => nodeOf('a', { sample: { ...nodeOf('a').sample!, atMs } });
  const forest = plantForest([sampleOf(NOW_MS - 60_000)], NOW_MS);
  const entry = forest.entries.get('a')!;
  assert.is(entry.sampledAtMs, NOW_MS - 60_000);
  putNode(forest, sampleOf(NOW_MS - 55_000), NOW_MS + 5_000);
  assert.is(entry.sampledAtMs, NOW_MS + 5_000);
  putNode(forest, { ...sampleOf(NOW_MS - 55_000), state: 'lost' }, NOW_MS + 9_000);
  assert.is(entry.sampledAtMs, NOW_MS + 5_000);
  assert.is(
    plantForest([sampleOf(NOW_MS + 1_000_000)], NOW_MS).entries.get('a')?.sampledAtMs,
    NOW_MS,
  );
});

test.run();
