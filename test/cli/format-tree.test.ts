import { stripVTControlCharacters } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatTree } from '../../src/cli/format-tree.ts';
import type { NodeStatus } from '../../src/protocol/status.ts';

function nodeOf(name: string, parent: string | null, more: Partial<NodeStatus> = {}): NodeStatus {
  const plain = { id: '0', role: 'leaf', state: 'up', services: [], version: '1' } as const;
  const later = { labels: {}, startedAtMs: 0, rttMs: null, sample: null };
  return { name, parent, ...plain, ...later, ...more };
}

function linesOf(nodes: readonly NodeStatus[]): string[] {
  return formatTree(nodes, false).split('\n');
}

test('children stand below their parents, by name and number', () => {
  const nodes = [
    nodeOf('web10', 'east'),
    nodeOf('east', 'root', { role: 'agent' }),
    nodeOf('web2', 'east'),
    nodeOf('root', null, { role: 'root' }),
    nodeOf('west', 'root', { role: 'agent' }),
    nodeOf('db1', 'west'),
  ];
  assert.equal(linesOf(nodes), [
    'root  root',
    '├─ east  agent',
    '│  ├─ web2  leaf',
    '│  └─ web10  leaf',
    '└─ west  agent',
    '   └─ db1  leaf',
  ]);
});

test('a node is told with its role, its round trip and its services', () => {
  const services = ['clock', 'printer'];
  const [line] = linesOf([nodeOf('web1', null, { rttMs: 0.4, services })]);
  assert.is(line, 'web1  leaf  0.40ms  clock printer');
});

test('a node that is lost says so, instead of how far it is', () => {
  assert.equal(linesOf([nodeOf('web1', null, { state: 'lost', rttMs: 3 })]), ['web1  leaf  lost']);
});

test('nodes whose parent is not known stand at the top', () => {
  assert.equal(linesOf([nodeOf('web1', 'gone'), nodeOf('root', null)]), [
    'root  leaf',
    'web1  leaf',
  ]);
});

test('nodes that name each other as parents are shown all the same', () => {
  const nodes = [nodeOf('root', null), nodeOf('a', 'b'), nodeOf('b', 'a'), nodeOf('c', 'c')];
  const shown = linesOf(nodes).map((line) => /\w+/.exec(line)?.[0]);
  assert.equal(shown.toSorted(), ['a', 'b', 'c', 'root']);
});

test('no nodes make no lines', () => {
  assert.is(formatTree([], false), '');
});

test('colours tell what is up from what is lost, and add nothing else', () => {
  const nodes = [nodeOf('root', null), nodeOf('web1', 'root', { state: 'lost' })];
  const coloured = formatTree(nodes, true);
  assert.ok(coloured.includes('\x1b[1mroot\x1b[0m'));
  assert.ok(coloured.includes('\x1b[31mweb1  leaf  lost\x1b[0m'));
  assert.is(stripVTControlCharacters(coloured), formatTree(nodes, false));
});

test('a service cannot act on the terminal', () => {
  const nodes = [nodeOf('web1', null, { services: ['a\x1b[2J', 'b\nc'] })];
  assert.is(formatTree(nodes, false), 'web1  leaf  a\\x1b[2J b\\nc');
});

test.run();
