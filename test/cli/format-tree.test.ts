import { stripVTControlCharacters } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { growForest, parentsOf } from '../../src/cli/forest.ts';
import { formatTree } from '../../src/cli/format-tree.ts';
import type { NodeStatus } from '../../src/protocol/status.ts';

function nodeOf(name: string, parent: string | null, more: Partial<NodeStatus> = {}): NodeStatus {
  const plain = { id: '0', role: 'leaf', state: 'up', services: [], version: '1' } as const;
  const later = { labels: {}, startedAtMs: 0, rttMs: null, sample: null };
  return { name, parent, ...plain, ...later, ...more };
}

function format(nodes: readonly NodeStatus[], hasColour: boolean, isFolded = true): string {
  const forest = growForest(nodes, { isFolded, parents: parentsOf(nodes) });
  return formatTree(forest, { hasColour, widthMax: Number.POSITIVE_INFINITY });
}

function linesOf(nodes: readonly NodeStatus[], isFolded = true): string[] {
  return format(nodes, false, isFolded).split('\n');
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
  assert.is(format([], false), '');
});

test('colours tell what is up from what is lost, and add nothing else', () => {
  const nodes = [nodeOf('root', null), nodeOf('web1', 'root', { state: 'lost' })];
  const coloured = format(nodes, true);
  assert.ok(coloured.includes('\x1b[1mroot\x1b[0m'));
  assert.ok(coloured.includes('\x1b[31mweb1  leaf  lost\x1b[0m'));
  assert.is(stripVTControlCharacters(coloured), format(nodes, false));
});

test('a service cannot act on the terminal', () => {
  const nodes = [nodeOf('web1', null, { services: ['a\x1b[2J', 'b\nc'] })];
  assert.is(format(nodes, false), 'web1  leaf  a\\x1b[2J b\\nc');
});

test('siblings that are alike are one line, as short as their names can be', () => {
  const web = Array.from({ length: 40 }, (_, at) =>
    nodeOf(`web${at + 1}`, 'root', { rttMs: at + 1, services: ['http'] }),
  );
  const nodes = [nodeOf('root', null, { role: 'root' }), ...web, nodeOf('db1', 'root')];
  assert.equal(linesOf(nodes), [
    'root  root',
    '├─ db1  leaf',
    '└─ web[1-40]  leaf  40 nodes  1.0ms to 40ms  http',
  ]);
  assert.is(linesOf(nodes, false).length, 42);
  assert.ok(format(nodes, true).includes('\x1b[1mweb[1-40]\x1b[0m'));
});

test('a node stands for itself when anything of it is otherwise, or it has others below it', () => {
  const flags = { count: 2, worst: 'error' } as const;
  const nodes = [
    nodeOf('root', null),
    ...[1, 2, 3, 4, 5, 6, 7, 8].map((at) => nodeOf(`n${at}`, 'root')),
    nodeOf('n9', 'root', { state: 'lost' }),
    nodeOf('n10', 'root', { labels: { site: 'oslo' } }),
    nodeOf('n11', 'root', { services: ['x'] }),
    nodeOf('n12', 'root', { flags }),
    nodeOf('n13', 'root', { role: 'agent' }),
    nodeOf('below', 'n4'),
  ];
  assert.equal(linesOf(nodes), [
    'root  leaf',
    '├─ n[1-3,5-8]  leaf  7 nodes',
    '├─ n4  leaf',
    '│  └─ below  leaf',
    '├─ n9  leaf  lost',
    '├─ n10  leaf  site=oslo',
    '├─ n11  leaf  x',
    '├─ n12  leaf  2 flags (error)',
    '└─ n13  agent',
  ]);
  assert.ok(format(nodes, true).includes('\x1b[31m2 flags (error)\x1b[0m'));
});

test('two that are alike are two lines', () => {
  assert.equal(linesOf([nodeOf('a1', null), nodeOf('a2', null)]), ['a1  leaf', 'a2  leaf']);
});

test('flags of nodes that are alike are told for each', () => {
  const flags = { count: 1, worst: 'warning' } as const;
  const nodes = [1, 2, 3].map((at) => nodeOf(`a${at}`, null, { flags }));
  assert.equal(linesOf(nodes), ['a[1-3]  leaf  3 nodes  1 flag each (warning)']);
  assert.ok(format(nodes, true).includes('\x1b[33m1 flag each (warning)\x1b[0m'));
});

test('on a narrow terminal what is said of a node is cut, its name and flags are not', () => {
  const flags = { count: 1, worst: 'warning' } as const;
  const labels = { site: 'oslo' };
  const nodes = [nodeOf('hq', null), nodeOf('web1', 'hq', { labels, flags, services: ['http'] })];
  const forest = growForest(nodes, { isFolded: true, parents: parentsOf(nodes) });
  for (let widthMax = 26; widthMax < 60; widthMax++) {
    const lines = formatTree(forest, { hasColour: false, widthMax }).split('\n');
    assert.ok(lines.every(({ length }) => length <= widthMax));
    assert.match(lines[1] ?? '', /^└─ web1 .*1 flag \(warning\)$/);
    const coloured = formatTree(forest, { hasColour: true, widthMax });
    assert.is(stripVTControlCharacters(coloured), lines.join('\n'));
  }
  assert.is(
    formatTree(forest, { hasColour: false, widthMax: 35 }).split('\n')[1],
    [...['└─ web1  leaf  h…  1 flag (warning)']].join(),
  );
});

test.run();
