import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createRouteView } from '../../src/daemon/route-view.ts';
import { recordOf, TestRouter } from '../router/harness.ts';

test('the table shows each node, its next hop and the ways that are not taken', () => {
  const here = new TestRouter('here', { parents: ['cd://parent:1'] });
  here.parent('above');
  const a = here.child('a');
  const b = here.peer('b', { realm: 'test' });
  here.advertise(a, { record: recordOf('deep', { parent: 'a' }), metric: 1 });
  here.advertise(b, { record: recordOf('deep', { parent: 'a' }), metric: 4 });
  const view = createRouteView(here.router);
  const { routes, lost, links, defaultVia, node } = view.table();
  assert.equal([node, defaultVia, routes, lost, links], ['here', 'above', 2, 0, 3]);
  const shown = [...view.links()].map(({ peer, as }) => `${as} ${peer}`).sort();
  assert.equal(shown, ['child a', 'parent above', 'peer b']);
  const deep = [...view.routes()].find((route) => route.node === 'deep');
  assert.equal(
    [deep?.via, deep?.metric, deep?.reach, deep?.state, deep?.parent],
    ['a', 2, 'below', 'up', 'a'],
  );
  const [other] = deep?.others ?? [];
  assert.equal([other?.via, other?.metric, other?.isFeasible], ['b', 5, false]);
});

test('a node that is lost has no next hop', () => {
  const here = new TestRouter('here', { role: 'root' });
  const a = here.child('a');
  here.input({ kind: 'closed', link: a, reason: 'it is a test' });
  const view = createRouteView(here.router);
  const [route] = view.routes();
  assert.equal([route?.node, route?.state, route?.via], ['a', 'lost', null]);
  assert.equal([view.table().lost, view.table().defaultVia], [1, null]);
});

test.run();
