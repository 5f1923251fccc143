import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NODES_MAX } from '../../src/protocol/limits.ts';
import type { NodeStatus } from '../../src/protocol/status.ts';
import {
  createNodeTable,
  figureOf,
  type NodeTable,
  plantTable,
  putNode,
  removeNode,
  roleOf,
} from '../../src/tui/node-table.ts';
import { NOW_MS, nodeOf, smallRealm } from './nodes.ts';

/** All that the table says of each node, in the order of names. */
function contentOf(table: NodeTable): unknown[] {
  return [...table.slots].sort().map(([name, slot]) => ({
    name,
    role: roleOf(table, slot),
    parent: table.parents[slot],
    isLost: table.lost[slot] === 1,
    services: table.services[slot],
    rttMs: figureOf(table, 'rttMs', slot),
    load1: figureOf(table, 'load1', slot),
    siblings: table.children.get(table.parents[slot]!)?.map((each) => table.names[each]),
  }));
}

test('what changes one by one ends as what is planted at once', () => {
  const table = plantTable(smallRealm(), NOW_MS, 0);
  const nodes = new Map(smallRealm().map((node) => [node.name, node]));
  const put = (node: NodeStatus) => {
    putNode(table, node, NOW_MS);
    nodes.set(node.name, node);
  };
  put(nodeOf('web3', { parent: 'agent1' }));
  put(nodeOf('db1', { parent: 'agent1' }));
  put(nodeOf('db2', { parent: 'agent2' }));
  removeNode(table, 'web10');
  nodes.delete('web10');
  put(nodeOf('zebra', { parent: 'agent2', services: [] }));
  const planted = plantTable([...nodes.values()].reverse(), NOW_MS, 0);
  assert.equal(contentOf(table), contentOf(planted));
  assert.equal(table.tallies, planted.tallies);
});

test('the shape changes when someone comes, goes or moves, and not with values', () => {
  const table = plantTable(smallRealm(), NOW_MS, 7);
  assert.is(table.shape, 7);
  putNode(table, nodeOf('db2', { parent: 'agent2', rttMs: 9 }), NOW_MS);
  removeNode(table, 'nobody');
  assert.is(table.shape, 7);
  putNode(table, nodeOf('db2', { parent: 'agent1' }), NOW_MS);
  assert.is(table.shape, 8);
  putNode(table, nodeOf('db3', { parent: 'agent1' }), NOW_MS);
  assert.is(table.shape, 9);
  removeNode(table, 'db3');
  assert.is(table.shape, 10);
});

test('the slot of a node that is gone is given to the next one, with nothing in it', () => {
  const table = plantTable([nodeOf('a'), nodeOf('b')], NOW_MS, 0);
  const slot = table.slots.get('a')!;
  removeNode(table, 'a');
  putNode(table, nodeOf('c', { sample: null, rttMs: null }), NOW_MS);
  assert.is(table.slots.get('c'), slot);
  assert.ok(Number.isNaN(figureOf(table, 'load1', slot)));
  assert.ok(Number.isNaN(table.sampledAtMs[slot]));
});

test('the arrays grow with what comes, and keep what is there', () => {
  const table = createNodeTable();
  for (let index = 0; index < 1_000; index++) {
    putNode(table, nodeOf(`n${index}`, { rttMs: index }), NOW_MS);
  }
  for (const index of [0, 63, 64, 999]) {
    assert.is(figureOf(table, 'rttMs', table.slots.get(`n${index}`)!), index);
  }
});

test('what nodes have in common is kept once', () => {
  const services = () => ['dagent', 'http'];
  const table = plantTable(
    [nodeOf('a', { services: services() }), nodeOf('b', { services: services() })],
    NOW_MS,
    0,
  );
  const [a, b] = [...table.slots.values()];
  assert.is(table.services[a!], table.services[b!]);
  putNode(table, nodeOf('b', { services: services() }), NOW_MS);
  assert.is(table.services[a!], table.services[b!]);
});

test('more than NODES_MAX nodes are not taken in', () => {
  const table = createNodeTable();
  for (let slot = 0; slot < NODES_MAX; slot++) table.slots.set(`n${slot}`, slot);
  putNode(table, nodeOf('one-more'), NOW_MS);
  assert.is(table.slots.size, NODES_MAX);
  assert.not(table.slots.has('one-more'));
});

test('figures age from when they came in, and by the node\u2019s own clock before that', () => {
  const sampleOf = (atMs: number) => nodeOf('a', { sample: { ...nodeOf('a').sample!, atMs } });
  const table = plantTable([sampleOf(NOW_MS - 60_000)], NOW_MS, 0);
  assert.is(table.sampledAtMs[0], NOW_MS - 60_000);
  putNode(table, sampleOf(NOW_MS - 55_000), NOW_MS + 5_000);
  assert.is(table.sampledAtMs[0], NOW_MS + 5_000);
  putNode(table, { ...sampleOf(NOW_MS - 55_000), state: 'lost' }, NOW_MS + 9_000);
  assert.is(table.sampledAtMs[0], NOW_MS + 5_000);
  assert.is(plantTable([sampleOf(NOW_MS + 1_000_000)], NOW_MS, 0).sampledAtMs[0], NOW_MS);
});

test.run();
