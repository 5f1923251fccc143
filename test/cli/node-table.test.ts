import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NODE_COLUMNS, NODE_SORTS, nodeRow, sortNodes } from '../../src/cli/node-table.ts';
import { headOf } from '../../src/cli/table-fit.ts';
import type { NodeStatus } from '../../src/protocol/status.ts';
import { sampleOf } from '../services/view.ts';

function nodeOf(name: string, more: Partial<NodeStatus> = {}): NodeStatus {
  const plain = { id: '0', role: 'leaf', state: 'up', services: [], version: '1.2.3' } as const;
  const later = { labels: {}, startedAtMs: 1_000, rttMs: null, sample: null, parent: 'hq' };
  return { name, ...plain, ...later, ...more };
}

test('a node is a row with a cell for each column', () => {
  const flags = { count: 2, worst: 'error' } as const;
  const full = nodeOf('web1', { rttMs: 0.4, sample: sampleOf(0.5), flags });
  assert.equal(nodeRow(full, 61_000), [
    ...['web1', 'leaf', 'up', 'hq', '0.40ms', '0.50', '25%', '2 error', '1.2.3', '1m'],
  ]);
  assert.equal(
    NODE_COLUMNS.map(headOf),
    NODE_SORTS.map((sort) => sort.toUpperCase()),
  );
});

test('what is not known is a dash; a lost node is not up', () => {
  assert.equal(nodeRow(nodeOf('hq', { parent: null, state: 'lost' }), 61_000), [
    ...['hq', 'leaf', 'lost', '-', '-', '-', '-', '-', '1.2.3', '-'],
  ]);
});

test('numbers are sorted the greatest first, names by their numbers, equal ones by name', () => {
  const nodes = [
    nodeOf('web10', { sample: sampleOf(0.5), startedAtMs: 9, rttMs: 3 }),
    nodeOf('web2', { sample: sampleOf(9), startedAtMs: 9, flags: { count: 9, worst: 'info' } }),
    nodeOf('web1', { startedAtMs: 2, role: 'agent', flags: { count: 1, worst: 'critical' } }),
    nodeOf('db1', { state: 'lost', startedAtMs: 1, rttMs: 20, parent: 'east' }),
  ];
  const by = (sort: (typeof NODE_SORTS)[number]): string =>
    sortNodes(nodes, sort)
      .map(({ name }) => name)
      .join(' ');
  assert.is(by('name'), 'db1 web1 web2 web10');
  assert.is(by('load'), 'web2 web10 db1 web1');
  assert.is(by('rtt'), 'db1 web10 web1 web2');
  assert.is(by('flags'), 'web1 web2 db1 web10');
  assert.is(by('up'), 'web1 web2 web10 db1');
  assert.is(by('state'), 'db1 web1 web2 web10');
  assert.is(by('role'), 'web1 db1 web2 web10');
  assert.is(by('parent'), 'db1 web1 web2 web10');
});

test.run();
