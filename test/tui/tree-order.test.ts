import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TOP_DEPTH_MAX } from '../../src/protocol/limits.ts';
import type { NodeStatus } from '../../src/protocol/status.ts';
import { plantTable, type Slot } from '../../src/tui/node-table.ts';
import { orderTree, selectRows, type TreeRows } from '../../src/tui/tree-order.ts';
import { NOW_MS, nodeOf, smallRealm } from './nodes.ts';

interface Selection {
  readonly folded?: readonly string[];
  /** Part of the names that are looked for. */
  readonly part?: string;
}

function rowsOf(nodes: readonly NodeStatus[], { folded = [], part }: Selection = {}): TreeRows {
  const table = plantTable(nodes, NOW_MS, 0);
  const isMatch = (slot: Slot) => table.names[slot]!.includes(part ?? '');
  return selectRows(table, orderTree(table), {
    folded: new Set(folded),
    isMatch: part === undefined ? undefined : isMatch,
  });
}

function indexes({ count }: TreeRows): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** Each row as its depth in dots and its name. */
function outline(rows: TreeRows): string[] {
  return indexes(rows).map((index) => '.'.repeat(rows.depth(index)) + rows.id(index));
}

function link(name: string, parent: string | null) {
  return nodeOf(name, { parent });
}

test('children follow their parent, in natural order', () => {
  const rows = rowsOf(smallRealm());
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
  const last = indexes(rows).filter((index) => rows.last[index] === 1);
  assert.equal(
    last.map((index) => rows.id(index)),
    ['root1', 'web10', 'agent2', 'db2'],
  );
});

test('a fold hides a subtree and says how many nodes it hides', () => {
  const rows = rowsOf(smallRealm(), { folded: ['agent1', 'db1'] });
  assert.is(rows.count, 6);
  assert.equal([...rows.hidden.subarray(0, rows.count)], [0, 3, 0, 0, 0, 0]);
});

test('a filter keeps the matches and the way to them, and opens folds', () => {
  const rows = rowsOf(smallRealm(), { folded: ['agent1'], part: 'web1' });
  assert.equal(outline(rows), ['root1', '.agent1', '..web1', '..web10']);
  assert.equal(
    indexes(rows).map((index) => rows.isMatch(index)),
    [false, false, true, true],
  );
  assert.is(rows.matchCount, 2);
});

test('siblings stand in the order that is asked for, and stay below their parent', () => {
  const table = plantTable(smallRealm(), NOW_MS, 0);
  const order = orderTree(table, (siblings) => [...siblings].reverse());
  const rows = selectRows(table, order, { folded: new Set(), isMatch: undefined });
  assert.equal(outline(rows).slice(0, 6), [
    'root1',
    '.agent2',
    '..db2',
    '..db1',
    '..a-host-with-a-rather-long-name.example.net',
    '.agent1',
  ]);
});

test('a node whose parent is not known stands at the top', () => {
  const nodes = [link('b', 'gone'), link('a', null), link('c', 'b')];
  assert.equal(outline(rowsOf(nodes)), ['a', 'b', '.c']);
});

test('nodes that are each other\u2019s parents are shown all the same, once', () => {
  const nodes = [
    link('root', null),
    link('x', 'y'),
    link('y', 'z'),
    link('z', 'x'),
    link('s', 's'),
  ];
  assert.equal(outline(rowsOf(nodes)), ['root', 's', 'x', '.z', '..y']);
});

test('a tree as deep as it is large breaks nothing', () => {
  const nodes = Array.from({ length: 5_000 }, (_, index) =>
    link(`n${index}`, index === 0 ? null : `n${index - 1}`),
  );
  assert.is(rowsOf(nodes).depth(4_999), 4_999);
});

test('deeper than TOP_DEPTH_MAX, nodes are drawn as if they were at that depth', () => {
  const nodes = Array.from({ length: TOP_DEPTH_MAX + 3 }, (_, index) =>
    link(`n${index}`, index === 0 ? null : `n${index - 1}`),
  );
  const rows = rowsOf(nodes);
  assert.is(rows.count, nodes.length);
  assert.equal(
    [rows.depth(TOP_DEPTH_MAX), rows.depth(TOP_DEPTH_MAX + 2)],
    [TOP_DEPTH_MAX, TOP_DEPTH_MAX],
  );
});

test.run();
