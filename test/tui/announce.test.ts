import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { NodeStatus } from '../../src/protocol/status.ts';
import { createAnnouncer } from '../../src/tui/announce.ts';
import { nodeOf, smallRealm } from './nodes.ts';

function withFigures(figures: Partial<NonNullable<NodeStatus['sample']>>): NodeStatus {
  return nodeOf('a', { sample: { ...nodeOf('a').sample!, ...figures } });
}

test('the whole is said in one line, and then only what changes', () => {
  const announcer = createAnnouncer();
  const hear = (node: NodeStatus) => announcer.take({ type: 'node', node });
  const snapshot = { type: 'snapshot', realm: 'demo', nodes: smallRealm() } as const;
  assert.equal(announcer.take(snapshot), ['demo: 9 nodes, 1 lost: web10']);
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
  assert.equal(announcer.take({ type: 'gone', name: 'db3' }), ['db3 is gone']);
  assert.equal(hear(nodeOf('top', { role: 'agent' })), ['top has come, an agent']);
  assert.equal(announcer.take({ type: 'gone', name: 'db3' }), []);
  const few = { type: 'snapshot', realm: 'demo', nodes: [nodeOf('a')] } as const;
  assert.equal(announcer.take(few), ['demo: 1 node, all up']);
});

test('a figure that is high is said once, and once when it is over', () => {
  const announcer = createAnnouncer();
  const hear = (cpuPercent: number) =>
    announcer.take({ type: 'node', node: withFigures({ cpuPercent }) });
  announcer.take({ type: 'snapshot', realm: 'demo', nodes: [withFigures({ cpuPercent: 5 })] });
  assert.equal(
    [...hear(89), ...hear(95), ...hear(99), ...hear(82)],
    ['a: processors at 95 percent'],
  );
  assert.equal([...hear(80), ...hear(85)], ['a: processors at 80 percent again']);
});

test('of very many that are lost some are named, and none acts on the terminal', () => {
  const nodes = Array.from({ length: 30 }, (_, index) =>
    nodeOf(`n${index}\x1b[2J`, { state: 'lost' }),
  );
  const [line = ''] = createAnnouncer().take({ type: 'snapshot', realm: '\x1b]0;x', nodes });
  assert.match(line, 'n9\\x1b[2J and 20 more');
  assert.not.match(line, '\x1b');
});

test.run();
