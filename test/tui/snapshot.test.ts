import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readEdges } from '../../scripts/checks/edges.ts';
import { formatPlain } from '../../src/tui/snapshot.ts';
import { NOW_MS, nodeOf, smallRealm } from './nodes.ts';
import { assertScreen } from './screen-file.ts';

test('nodes are plain lines in aligned columns, children indented', () => {
  const nodes = smallRealm().filter(({ name }) => !name.startsWith('a-host'));
  assertScreen(formatPlain(nodes, NOW_MS + 4_000).replace(/\n$/, ''), 'plain');
});

test('processors and disks are percents, and flags are counted with the most urgent one', () => {
  const sample = { ...nodeOf('a').sample!, cpuPercent: 33.6, diskUsedPercent: 71 };
  const flags = { count: 2, worst: 'error' } as const;
  const [titles = '', row = ''] = formatPlain([nodeOf('a', { sample, flags })], NOW_MS).split('\n');
  const fields = new Map(titles.split(/ +/).map((title, at) => [title, row.split(/ +/)[at]]));
  const shown = ['CPU', 'DISK', 'FLAGS'].map((title) => fields.get(title));
  assert.equal(shown, ['34%', '71%', '2:error']);
});

test('durable messages are counted, with the age of the oldest that waits', () => {
  const mail = { durableWaiting: 12, durableDead: 3, durableOldestAtMs: NOW_MS - 180_000 };
  const node = nodeOf('a', { sample: { ...nodeOf('a').sample!, ...mail } });
  assert.match(formatPlain([node], NOW_MS), / 12 {4}3 {5}3m {6}-\n$/);
});

test('nothing is cut, and nothing that a node says acts on the terminal', () => {
  const services = Array.from({ length: 50 }, (_, index) => `service-${index}`);
  const text = formatPlain([nodeOf('\x1b[2Ja\n', { services })], NOW_MS);
  assert.match(text, '\\x1b[2Ja\\n');
  assert.match(text, services.join(','));
  assert.is(text.split('\n').length, 3);
});

test('without nodes there are titles only', () => {
  assert.is(
    formatPlain([], NOW_MS).trimEnd(),
    'NAME  ROLE  STATE  RTT  LOAD  CPU  MEM  DISK  UP  AGE  FLAGS  MAIL  DEAD  OLDEST  SERVICES',
  );
});

test('what draws the first screen is loaded without Ink', () => {
  const edges = readEdges(`${import.meta.dirname}/../..`, ['src/**/*.{ts,tsx}']);
  const seen = new Set(['src/tui/run.ts']);
  for (const file of seen) {
    for (const edge of edges) {
      if (edge.file === file && !edge.isType && !edge.isDynamic) seen.add(edge.target);
    }
  }
  assert.ok(seen.has('src/tui/screen.ts'));
  for (const heavy of ['ink', 'react', 'src/tui/keyboard.tsx']) assert.not(seen.has(heavy), heavy);
});

test('a script that asks for it does not load what draws screens', () => {
  const edges = readEdges(`${import.meta.dirname}/../..`, ['src/**/*.{ts,tsx}']);
  const seen = new Set(['src/tui/snapshot.ts']);
  for (const file of seen) {
    for (const edge of edges.filter((each) => each.file === file && !each.isType)) {
      seen.add(edge.target);
    }
  }
  assert.ok(seen.has('src/tui/node-table.ts'));
  for (const heavy of ['ink', 'react', 'src/tui/run.ts', 'src/tui/keyboard.tsx']) {
    assert.not(seen.has(heavy), heavy);
  }
});

test.run();
