import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createRouteView } from '../../src/daemon/route-view.ts';
import { Kind } from '../../src/protocol/frame.ts';
import { between, frameOf, recordOf, TestRouter } from '../router/harness.ts';

const traffic = (link: number) => ({ sentBytes: link * 100, heardBytes: link * 10 });

function viewOf(here: TestRouter) {
  return createRouteView(here.router, { nowMs: () => here.nowMs, traffic });
}

test('the table shows each node, its next hop and the ways that are not taken', () => {
  const here = new TestRouter('here', { parents: ['cd://parent:1'] });
  here.parent('above');
  const a = here.child('a');
  const b = here.peer('b', { realm: 'test' });
  here.advertise(a, { record: recordOf('deep', { parent: 'a' }), metric: 1 });
  here.advertise(b, { record: recordOf('deep', { parent: 'a' }), metric: 4 });
  const view = viewOf(here);
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
  const view = viewOf(here);
  const [route] = view.routes();
  assert.equal([route?.node, route?.state, route?.via], ['a', 'lost', null]);
  assert.equal([view.table().lost, view.table().defaultVia], [1, null]);
});

test('a link shows what went over it, who is silent, who waits and who does not keep up', () => {
  const here = new TestRouter('here', { role: 'root' });
  const a = here.child('a');
  const { link, endpoint, seed } = here.program('mail');
  const asked = { kind: Kind.REQUEST, seed, number: 1, ...between(`here:${endpoint}`, 'a:x') };
  here.bytes(link, frameOf(asked, {}));
  here.input({ kind: 'congested', link, isCongested: true });
  here.nowMs += 400;
  const [child, program] = viewOf(here).links();
  assert.equal([child?.as, child?.peer, child?.heardMs], ['child', 'a', 400]);
  assert.equal([child?.sentBytes, child?.heardBytes], [a * 100, a * 10]);
  assert.equal(
    [program?.as, program?.peer, program?.isSlow, program?.asking, program?.serving],
    ['client', 'mail', true, 1, 0],
  );
});

test.run();
