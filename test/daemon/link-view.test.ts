import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { areTried, viewLinks } from '../../src/daemon/link-view.ts';
import { recordOf, TestRouter } from '../router/harness.ts';

const REFUSED = { code: 'E_CONNECT', values: { url: 'cd://p:1', reason: 'refused' } } as const;

test('each wanted peer is viewed with the node it is linked with, or its last error', () => {
  const here = new TestRouter('here', { peers: ['cd://p:1', 'cd://q:1'] });
  const view = () => viewLinks(here.router).wantedPeers;
  const [p, q] = [
    { url: 'cd://p:1', node: null, error: null },
    { url: 'cd://q:1', node: null, error: null },
  ];
  assert.equal(view(), [p, q]);
  here.input({ kind: 'dialFailed', dialler: 1, error: REFUSED });
  assert.equal(view(), [{ ...p, error: REFUSED }, q]);
  assert.not.ok(areTried(view()));
  here.bytes(here.dialled(2), here.welcome(recordOf('other')));
  assert.equal(view(), [
    { ...p, error: REFUSED },
    { ...q, node: 'other' },
  ]);
  assert.ok(areTried(view()));
  here.run(1_000);
  const second = here.dialled(1);
  here.bytes(second, here.welcome(recordOf('other')));
  assert.equal(
    view().map(({ node }) => node),
    ['other', 'other'],
    'two URLs of one node',
  );
});

test('how the link to a peer ended is told until it stands again', () => {
  const here = new TestRouter('here', { peers: ['cd://p:1'] });
  const link = here.dialled(1);
  here.bytes(link, here.welcome(recordOf('other')));
  here.input({ kind: 'closed', link, reason: 'reset' });
  const { peers, wantedPeers } = viewLinks(here.router);
  assert.equal(peers, []);
  assert.is(wantedPeers[0]?.error?.code, 'E_CONNECTION_LOST');
});

test('why there is no parent is told while there is none', () => {
  const here = new TestRouter('here', { parents: ['cd://p:1'] });
  here.input({ kind: 'dialFailed', dialler: 0, error: REFUSED });
  assert.equal(viewLinks(here.router).parentError, REFUSED);
  here.run(1_000);
  here.parent('above');
  const { parent, parentError } = viewLinks(here.router);
  assert.equal([parent, parentError], ['above', null]);
});

test.run();
