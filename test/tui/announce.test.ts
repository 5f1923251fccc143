import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { NodeStatus, WatchRecord } from '../../src/protocol/status.ts';
import { createAnnouncer } from '../../src/tui/announce.ts';
import { nodeOf, smallRealm } from './nodes.ts';

function withFigures(figures: Partial<NonNullable<NodeStatus['sample']>>): NodeStatus {
  return nodeOf('a', { sample: { ...nodeOf('a').sample!, ...figures } });
}

/** One who is told what happens, and says it. */
function setUp() {
  const announcer = createAnnouncer();
  const clock = { nowMs: 0 };
  const take = (...records: readonly WatchRecord[]): string[] => {
    for (const record of records) announcer.take(record, 'root1', clock.nowMs);
    return announcer.say();
  };
  const hear = (...nodes: readonly NodeStatus[]) =>
    take(...nodes.map((node) => ({ type: 'node' as const, node })));
  const see = (nodes: readonly NodeStatus[], isCutOff?: true) =>
    take({ type: 'snapshot', realm: 'demo', nodes, ...(isCutOff && { isCutOff }) });
  return { take, hear, see, clock };
}

test('the whole is said in one line, and then only what changes', () => {
  const { take, hear, see } = setUp();
  assert.equal(see(smallRealm()).slice(0, 1), ['demo: 9 nodes, 1 lost: web10']);
  assert.equal(hear(nodeOf('db2', { parent: 'agent2', rttMs: 9 })), []);
  assert.equal(hear(nodeOf('web10', { parent: 'agent1', services: ['http'] })), [
    'web10 is up again',
  ]);
  assert.equal(hear(nodeOf('web10', { parent: 'agent2', services: ['cache'], state: 'lost' })), [
    'web10 is lost',
    'web10 has moved below agent2',
    'web10 has the service cache',
    'web10 lost the service http',
  ]);
  assert.equal(hear(nodeOf('db3', { parent: 'agent2' })), ['db3 has come, a leaf below agent2']);
  assert.equal(take({ type: 'gone', name: 'db3' }), ['db3 is gone']);
  assert.equal(hear(nodeOf('top', { role: 'agent' })), ['top has come, an agent']);
  assert.equal(take({ type: 'gone', name: 'db3' }), []);
});

test('a second look at the whole says what has changed since the first, and no more', () => {
  const { see } = setUp();
  const [a, b, c] = [nodeOf('a'), nodeOf('b'), nodeOf('c')];
  see([a, b]);
  assert.equal(see([a, b]), []);
  assert.equal(see([a, c]), ['b is gone', 'c has come, a leaf']);
  assert.equal(see([a, nodeOf('c', { state: 'lost' })]), ['c is lost']);
});

test('flags are said as they change', () => {
  const { hear, see } = setUp();
  const flagged = (count: number) => nodeOf('a', { flags: { count, worst: 'error' } });
  see([nodeOf('a'), nodeOf('b')]);
  assert.equal(hear(flagged(1)), ['a has 1 flag']);
  assert.equal(hear(flagged(1)), []);
  assert.equal(hear(flagged(3)), ['a has 3 flags']);
  assert.equal(hear(nodeOf('a')), ['a has no flags any more']);
  assert.equal(hear(nodeOf('a')), []);
});

test('flags that are not known again, after a restart of the top, are not said to be over', () => {
  const { hear, see, clock } = setUp();
  const flagged = nodeOf('a', { flags: { count: 1, worst: 'error' } });
  see([flagged]);
  assert.equal(see([nodeOf('a', { state: 'lost' })]), ['a is lost']);
  assert.equal(hear(nodeOf('a')), ['a is up again']);
  assert.equal(hear(nodeOf('a')), []);
  assert.equal(hear(flagged), []);
  clock.nowMs = 20_000;
  assert.equal(hear(nodeOf('a')), ['a has no flags any more']);
});

test('flags that were lowered while the top was away are said to be over a while later', () => {
  const { hear, see, clock } = setUp();
  see([nodeOf('a', { flags: { count: 2, worst: 'error' } })]);
  assert.equal(see([nodeOf('a')]), []);
  assert.equal(hear(nodeOf('a')), []);
  clock.nowMs = 20_000;
  assert.equal(hear(nodeOf('a')), ['a has no flags any more']);
});

test('a part of the tree is said to be one, and the whole when it is there', () => {
  const { see } = setUp();
  assert.equal(see([nodeOf('a')], true), [
    'demo: 1 node, all up',
    'only what is below root1 is seen: its parent is away',
  ]);
  assert.equal(see([nodeOf('a')], true), []);
  assert.equal(see([nodeOf('a')]), ['the whole tree is seen, from root1']);
});

test('what is alike of several nodes is one line', () => {
  const { hear, see } = setUp();
  const names = Array.from({ length: 12 }, (_, index) => `n${index}`);
  see(names.map((name) => nodeOf(name)));
  const lost = names.map((name) => nodeOf(name, { state: 'lost' }));
  assert.equal(hear(...lost), ['is lost: n0, n1, n2, n3, n4, n5, n6, n7, n8, n9 and 2 more']);
  assert.equal(hear(nodeOf('n1'), nodeOf('n2')), ['is up again: n1, n2']);
});

test('a figure that is high is said once, and once when it is over', () => {
  const { hear, see } = setUp();
  const at = (cpuPercent: number) => hear(withFigures({ cpuPercent }));
  see([withFigures({ cpuPercent: 5 })]);
  assert.equal([...at(89), ...at(95), ...at(99), ...at(82)], ['a has processors above 90 percent']);
  assert.equal([...at(80), ...at(85)], ['a has processors below 81 percent']);
});

test('of very many that are lost some are named, and none acts on the terminal', () => {
  const { take } = setUp();
  const nodes = Array.from({ length: 30 }, (_, index) =>
    nodeOf(`n${index}\x1b[2J`, { state: 'lost' }),
  );
  const [line = ''] = take({ type: 'snapshot', realm: '\x1b]0;x', nodes });
  assert.match(line, 'n9\\x1b[2J and 20 more');
  assert.not.match(line, '\x1b');
});

test.run();
