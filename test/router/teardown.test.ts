import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf } from '../../src/protocol/address.ts';
import { Kind, MAGIC } from '../../src/protocol/frame.ts';
import { between, errorOf, frameOf, recordOf, TestRouter } from './harness.ts';

const LEAVING = { error: { code: 'E_LEAVING', values: { node: 'child' }, origin: 'child' } };

function prepare() {
  const here = new TestRouter();
  const child = here.child('child');
  here.advertise(child, { record: recordOf('deep', { parent: 'child' }), metric: 0 });
  return { here, child };
}

function stateOf(here: TestRouter, name: string): string {
  const route = here.router.nodes.get(nodeKeyOf(name));
  if (route === undefined) return 'forgotten';
  return route.lostAtMs === null ? 'up' : 'lost';
}

test('a child that breaks off is lost, with all that is below it', () => {
  const { here, child } = prepare();
  here.input({ kind: 'closed', link: child, reason: 'reset' });
  assert.equal([stateOf(here, 'child'), stateOf(here, 'deep')], ['lost', 'lost']);
  assert.is(here.events('childDown')[0]?.error.code, 'E_CONNECTION_LOST');
  assert.is(here.events('childDown')[0]?.error.values.reason, 'reset');
});

test('a child that says goodbye is forgotten; what was below it is lost', () => {
  const { here, child } = prepare();
  here.bytes(child, frameOf({ kind: Kind.GOODBYE }, LEAVING));
  assert.equal([stateOf(here, 'child'), stateOf(here, 'deep')], ['forgotten', 'lost']);
  assert.is(here.closed(child), 'E_LEAVING');
  assert.is(here.events('nodeGone')[0]?.record.name, 'child');
});

test('a goodbye for another reason, or for none, is a loss', () => {
  for (const head of [{}, { error: { code: 'E_NAME_TAKEN', values: {} } }, { error: 7 }]) {
    const { here, child } = prepare();
    here.bytes(child, frameOf({ kind: Kind.GOODBYE }, head));
    assert.is(stateOf(here, 'child'), 'lost');
  }
});

test('the end of a former link of a node does not take away what is reached by its new one', () => {
  const { here, child } = prepare();
  const other = here.child('other');
  here.advertise(other, { record: recordOf('child', { parent: 'other', seqno: 2 }), metric: 0 });
  here.advertise(other, { record: recordOf('deep', { parent: 'child', seqno: 2 }), metric: 1 });
  here.input({ kind: 'closed', link: child, reason: 'reset' });
  assert.equal([here.way('child'), here.way('deep')], ['other', 'other']);
});

test('who leaves says goodbye to everybody, and closes every connection', () => {
  const here = new TestRouter('here', { parents: ['cd://parent:1'] });
  const links = [here.parent(), here.child('child'), here.program('mail').link];
  const fresh = here.accept();
  here.input({ kind: 'leave' });
  for (const link of links) {
    assert.is(here.sent(link).at(-1)?.kind, Kind.GOODBYE);
    assert.is(errorOf(here.sent(link).at(-1))?.code, 'E_LEAVING');
    assert.is(here.closed(link), 'E_LEAVING');
  }
  assert.is(here.sent(fresh)[0]?.kind, Kind.REFUSE);
  assert.equal([...here.router.links.keys()], [0]);
});

test('who leaves tells the callers of its programs that they are lost, while it still can', () => {
  const here = new TestRouter();
  const child = here.child('child');
  const server = here.program('mail');
  here.bytes(child, frameOf({ kind: Kind.REQUEST, ...between('child:x', 'here:mail') }));
  assert.is(here.sent(server.link).length, 1);
  here.bytes(server.link, frameOf({ kind: Kind.GOODBYE }, LEAVING));
  assert.is(errorOf(here.sent(child)[0])?.code, 'E_LOST');
});

test('nothing is written to a link after it was closed', () => {
  const { here, child } = prepare();
  const program = here.program('mail');
  here.bytes(program.link, frameOf({ kind: Kind.REQUEST, ...between('here:mail', 'child:x') }));
  here.bytes(child, frameOf({ kind: Kind.REQUEST, ...between('child:x', 'here:mail') }));
  here.bytes(child, frameOf({ kind: Kind.HELLO }));
  const isAboutChild = here.outputs.filter((each) => 'link' in each && each.link === child);
  assert.is(isAboutChild.at(-1)?.kind, 'close');
});

test('a link that was given up is not read any more', () => {
  const { here, child } = prepare();
  here.bytes(child, frameOf({ kind: Kind.GOODBYE }, LEAVING));
  assert.equal(here.bytes(child, MAGIC, here.hello(recordOf('child'))), []);
  assert.equal(here.input({ kind: 'closed', link: child, reason: 'end' }), []);
  assert.equal(here.input({ kind: 'congested', link: child, isCongested: true }), []);
});

test('a connection that ends before it said who it is, is told to people only', () => {
  const here = new TestRouter();
  const link = here.accept();
  here.input({ kind: 'closed', link, reason: 'reset' });
  assert.is(here.events('linkRefused')[0]?.error.code, 'E_CONNECTION_LOST');
  assert.is(here.router.opening.size, 0);
});

test.run();
