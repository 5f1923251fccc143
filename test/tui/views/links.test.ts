import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LinkStatus } from '../../../src/client/links.ts';
import type { NodeLink } from '../../../src/tui/effects.ts';
import { update } from '../../../src/tui/update.ts';
import { linksView } from '../../../src/tui/views/links.ts';
import { NOW_MS, nodeOf, press, screenOf, smallRealm } from '../nodes.ts';
import { askedBy, assertScreens, showing } from './showing.ts';

function linkOf(at: string, as: LinkStatus['as'], peer: string, more: Partial<NodeLink> = {}) {
  const bytes = { sentBytes: 2_000, heardBytes: 5_000_000 };
  return { at, as, peer, rttMs: 3.5, heardMs: 500, ...bytes, isSlow: false, ...more };
}

const LINKS: readonly NodeLink[] = [
  linkOf('root1', 'child', 'agent1'),
  linkOf('agent1', 'parent', 'root1', { isSlow: true, sentBytes: 5_000_000, heardBytes: 2_000 }),
  linkOf('agent1', 'child', 'web1', { isSlow: true }),
  linkOf('agent1', 'child', 'web2', { heardMs: 12_000 }),
  linkOf('web2', 'peer', 'db1\x1b[2J', { rttMs: null }),
  linkOf('db1', 'peer', 'agent1', { rttMs: 40 }),
  linkOf('agent1', 'peer', 'db1', { rttMs: 40 }),
];
const ANSWER = { value: { items: LINKS, silent: [], unaskedCount: 0 } };

/** `NODE TO AS STATE` of the rows. */
function rowsOf(screen: string): string[] {
  return [...screen.matchAll(/^(\S+) +(\S+) +(parent|peer) +[●○] (\S+)/gm)].map(([, ...words]) =>
    words.join(' '),
  );
}

test('links have a screen of each size', () => assertScreens('links', ANSWER));

test('each link is one row, whoever tells of it', () => {
  const screen = screenOf(showing('links', ANSWER, { columns: 200 }));
  assert.equal(rowsOf(screen).slice(1), [
    'agent1 root1 parent slow',
    'agent1 db1 peer up',
    'agent2 root1 parent up',
    'db1 agent2 parent up',
    'db2 agent2 parent up',
    'web1 agent1 parent slow',
    'web2 agent1 parent silent',
    'web10 agent1 parent lost',
  ]);
  assert.match(screen, /^agent1 +root1 .* 4\.8 MiB +2\.0 KiB /m);
  assert.match(screen, /^web1 +agent1 .* 4\.8 MiB +2\.0 KiB /m, 'seen from its lower end');
});

test('the round trip is that of the watch, and rows follow who moves', () => {
  const model = showing('links', undefined, { columns: 200 });
  assert.match(screenOf(model), /^web1 +agent1 +parent +● up +0\.42ms +- +- /m);
  const node = nodeOf('web1', { parent: 'agent2', rttMs: 88 });
  update(model, { kind: 'record', record: { type: 'node', node } }, NOW_MS);
  assert.match(screenOf(model), /^web1 +agent2 +parent +● up +88ms /m);
});

test('nodes are asked that have children, or more links than in the tree', () => {
  const sample = nodeOf('a').sample!;
  const nodes = smallRealm().map((node) => {
    const links = node.name === 'db1' ? 2 : 1;
    return node.role === 'leaf' ? { ...node, sample: { ...sample, links } } : node;
  });
  const model = showing('links', undefined, {}, {}, nodes);
  const fetches = askedBy(model, { kind: 'tick' });
  const asked = ['agent1', 'agent2', 'db1', 'root1'];
  assert.equal(fetches, [{ source: 'allLinks', nodes: asked }]);
});

test('it sorts by every column, and filters test them', () => {
  const model = showing('links', ANSWER, { columns: 200 });
  for (const column of model.view.columns) assert.ok(column.sortKey !== undefined, column.title);
  press(model, ...'>>>>>'.split(''));
  assert.match(screenOf(model), 'RTT▼');
  assert.is(rowsOf(screenOf(model))[0], 'agent1 db1 peer up');
  press(model, '/', ...'to=agent1 state=slow'.split(''));
  assert.equal(rowsOf(screenOf(model)), ['web1 agent1 parent slow']);
});

test('what could not be asked is said', () => {
  const silent = [{ node: 'agent1', reason: 'no reply' }];
  const model = showing('links', { value: { items: [], silent, unaskedCount: 1 } });
  assert.match(screenOf(model), 'agent1 does not tell: no reply; 1 node was not asked');
  assert.match(screenOf(showing('links', { reason: 'gone' })), 'gone');
  assert.match(
    screenOf(showing('links', undefined, {}, {}, [nodeOf('a')])),
    'no node has a parent',
  );
});

test('Enter shows what went over a link', () => {
  const model = showing('links', ANSWER);
  press(model, 'down', 'return');
  assert.match(screenOf(model), /^agent1 to its parent root1$[\s\S]*sent {8}4\.8 MiB$/m);
});

test('what is run on a row goes to the node that told of it', () => {
  assert.is(linksView.nodeOf?.('web1 db1\x1b[2J x peer'), 'web1');
});

test.run();
