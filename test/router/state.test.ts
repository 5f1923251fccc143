import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { serviceKeyOf } from '../../src/protocol/address.ts';
import { BUILTIN_LINK } from '../../src/router/io.ts';
import { parentLink, selfRecord } from '../../src/router/state.ts';
import { idOf, REALM, TestRouter } from './harness.ts';

test('a fresh router knows itself only, and has the services that every node has', () => {
  const { router } = new TestRouter();
  assert.equal([...router.links.keys()], [BUILTIN_LINK]);
  const services = [...router.endpoints].map(([key, link]) => link.services.get(key));
  assert.equal(services, ['~sniff', 'dagent']);
  assert.is(router.nodes.size, 0);
  assert.is(parentLink(router), undefined);
});

test('a node describes itself by its named services, in order', () => {
  const here = new TestRouter('here', { parents: ['cd://parent:1'] });
  here.program('print', 'clock');
  here.program('mail');
  here.program();
  assert.equal(selfRecord(here.router), {
    name: 'here',
    id: idOf('here'),
    role: 'agent',
    parent: null,
    services: ['clock', 'mail', 'print'],
    incarnation: 1,
    seqno: 0,
    joinedSeqno: 0,
    revision: 3,
    realm: REALM,
    labels: {},
    urls: [],
    topics: [],
    version: '1.0.0',
  });
});

test('a node names its parent while its uplink stands', () => {
  const here = new TestRouter('here', { parents: ['cd://parent:1'] });
  const link = here.parent();
  assert.is(selfRecord(here.router).parent, 'above');
  assert.is(parentLink(here.router)?.id, link);
  here.input({ kind: 'closed', link, reason: 'reset' });
  assert.is(selfRecord(here.router).parent, null);
  assert.is(parentLink(here.router), undefined);
});

test('routers share nothing: two of one process do not see each other', () => {
  const [one, two] = [new TestRouter('one'), new TestRouter('two')];
  one.child('child');
  one.program('mail');
  assert.is(two.router.nodes.size, 0);
  assert.is(two.router.endpoints.has(serviceKeyOf('mail')), false);
});

test.run();
