import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Branch } from '../../src/cli/forest.ts';
import { formatDot, formatMermaid } from '../../src/cli/graph-tree.ts';
import type { NodeStatus } from '../../src/protocol/status.ts';

function branchOf(name: string, more: Partial<NodeStatus> = {}, below: Branch[] = []): Branch {
  const plain = { id: '0', role: 'leaf', state: 'up', services: [], version: '1' } as const;
  const later = { labels: {}, startedAtMs: 0, rttMs: null, sample: null, parent: null };
  return { name, nodes: [{ name, ...plain, ...later, ...more }], below };
}

const lost = branchOf('web2', { state: 'lost' });
const FOREST = [branchOf('hq', { role: 'root' }, [branchOf('web1'), lost])];

test('a tree is a graph of Graphviz: boxes, then who is below whom', () => {
  assert.equal(formatDot(FOREST).split('\n'), [
    'digraph dagent {',
    '  node [shape=box];',
    '  n0 [label="hq\\nroot"];',
    '  n1 [label="web1\\nleaf"];',
    '  n2 [label="web2\\nleaf, lost", style=dashed, color=red];',
    '  n0 -> n1;',
    '  n0 -> n2;',
    '}',
  ]);
});

test('a tree is a graph of Mermaid', () => {
  assert.equal(formatMermaid(FOREST).split('\n'), [
    'flowchart TD',
    '  n0["hq<br/>root"]',
    '  n1["web1<br/>leaf"]',
    '  n2["web2<br/>leaf, lost"]',
    '  n0 --> n1',
    '  n0 --> n2',
    '  classDef lost stroke:#c00,stroke-dasharray:5 5',
    '  class n2 lost',
  ]);
});

test('a branch of several says how many; brackets and quotes are no part of the language', () => {
  const [first] = branchOf('web1').nodes;
  const folded: Branch = { name: 'web[1-3]', nodes: [first, first, first], below: [] };
  assert.match(formatDot([folded]), 'label="web[1-3]\\nleaf, 3 nodes"');
  assert.match(formatMermaid([folded]), '["web[1-3]<br/>leaf, 3 nodes"]');
  const odd = [branchOf('a"b\\c')];
  assert.match(formatDot(odd), 'label="a\\"b\\\\c\\nleaf"');
  assert.match(formatMermaid(odd), '["a#34;b#92;c<br/>leaf"]');
});

test('no nodes are a graph without boxes', () => {
  assert.is(formatDot([]), 'digraph dagent {\n  node [shape=box];\n}');
  assert.is(formatMermaid([]), 'flowchart TD');
});

test.run();
