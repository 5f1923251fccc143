import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf } from '../../src/protocol/address.ts';
import { Kind } from '../../src/protocol/frame.ts';
import { ADVERT_DELAY_MS } from '../../src/protocol/limits.ts';
import type { NodeRecord } from '../../src/protocol/record.ts';
import type { LinkId } from '../../src/router/io.ts';
import { between, errorOf, frameOf, REALM, recordOf, TestRouter } from './harness.ts';

const AGENT = { parents: ['cd://parent:1'] };
const OTHER_ID = 'ffffffffffffffff';

function word(name: string, metric: number, more: Partial<NodeRecord> = {}): object {
  return { record: recordOf(name, more), metric };
}

/** What a neighbour was told in the last moment: names that are reached, and `-` what is not. */
function told(here: TestRouter, link: LinkId): string[] {
  const words = here.adverts(link).flat() as { record?: NodeRecord; isBeside?: boolean }[];
  const text = ({ record, isBeside }: (typeof words)[number]) =>
    record === undefined ? '-' : `${record.name}${isBeside === true ? ' beside' : ''}`;
  return words.map(text).sort();
}

/** An agent with a parent, a child with a node below it, and a peer that reaches another one. */
function prepare() {
  const here = new TestRouter('here', AGENT);
  const up = here.parent();
  const [child, peer] = [here.child('child'), here.peer('peer')];
  here.advertise(child, word('below', 0, { parent: 'child', services: ['mail'] }));
  here.advertise(peer, word('peer', 0), word('across', 0, { parent: 'peer', services: ['clock'] }));
  return { here, up, child, peer };
}

test('parent and peers hear of what is below and of what peers reach, not back from where', () => {
  const { here, up, child, peer } = prepare();
  here.run(ADVERT_DELAY_MS);
  assert.equal(told(here, up), ['across beside', 'below', 'child', 'here', 'peer beside']);
  assert.equal(told(here, peer), ['below', 'child', 'here']);
  assert.equal(told(here, child), []);
});

test('a peer that comes later hears everything, and then what changes', () => {
  const { here, child } = prepare();
  here.run(1_000);
  const late = here.peer('late');
  here.run(ADVERT_DELAY_MS);
  assert.is(told(here, late).length, 5);
  here.advertise(child, word('fresh', 0));
  here.run(ADVERT_DELAY_MS);
  assert.equal(told(here, late), ['fresh']);
});

test('a peer to which a way turns is told that we have none', () => {
  const { here, peer } = prepare();
  const other = here.peer('other');
  here.advertise(other, word('n', 3));
  here.run(1_000);
  here.advertise(peer, word('n', 1));
  here.run(ADVERT_DELAY_MS);
  assert.is(here.way('n'), 'peer');
  assert.equal([told(here, peer), told(here, other)], [['-'], ['n beside']]);
});

test('of several ways the shortest is taken, and of equally short ones the present one', () => {
  const { here, peer } = prepare();
  const other = here.peer('other');
  here.advertise(peer, word('n', 2));
  here.advertise(other, word('n', 2));
  assert.is(here.way('n'), 'peer');
  here.advertise(other, word('n', 1));
  assert.is(here.way('n'), 'other');
});

test('a way that seemed to be from before a move is taken as soon as it is not', () => {
  const { here, peer } = prepare();
  const other = here.peer('other');
  const mid = { parent: 'x', seqno: 2 };
  here.advertise(peer, word('mid', 3, mid), word('n', 4, { parent: 'mid' }));
  here.advertise(other, word('mid', 3, { ...mid, seqno: 1 }), word('n', 1, { parent: 'mid' }));
  here.run(ADVERT_DELAY_MS);
  assert.is(here.way('n'), 'peer');
  here.advertise(other, word('mid', 3, mid));
  here.run(ADVERT_DELAY_MS);
  assert.is(here.way('n'), 'other');
});

test('what is said of a node is believed by its revision, and does not turn the way', () => {
  const { here, peer } = prepare();
  const other = here.peer('other');
  here.advertise(peer, word('n', 1, { revision: 5 }));
  const { epoch } = here.router.nodes.get(nodeKeyOf('n')) ?? {};
  here.advertise(other, word('n', 4, { revision: 6, services: ['new'] }));
  here.advertise(other, word('n', 4, { revision: 4, services: ['old'] }));
  const route = here.router.nodes.get(nodeKeyOf('n'));
  assert.equal(route?.record.services, ['new']);
  assert.is(route?.epoch, epoch);
  assert.is(here.way('n'), 'peer');
});

test('what comes from a peer goes on by an explicit route, or ends; it never goes up', () => {
  const { here, up, child, peer } = prepare();
  const send = (to: string) =>
    here.bytes(peer, frameOf({ kind: Kind.MESSAGE, flags: 1, ...between('across:x', to) }));
  send('below:mail');
  assert.is(here.sent(child)[0]?.kind, Kind.MESSAGE);
  for (const to of ['unknown:x', 'across:clock', 'nothing']) {
    send(to);
    assert.equal(here.sent(up), []);
    assert.is(errorOf(here.sent(peer)[0])?.code, 'E_UNREACHABLE');
  }
});

test('the first node that knows a nearest one writes it into the frame', () => {
  const { here, up, child, peer } = prepare();
  const far = { ...word('far', 1, { services: ['print'] }), isBeside: true };
  here.advertise(peer, far);
  const send = (from: LinkId, to: string) => {
    here.bytes(from, frameOf({ kind: Kind.MESSAGE, flags: 1, ...between('below:x', to) }));
    const next = [up, child, peer].find((link) => here.sent(link)[0]?.kind === Kind.MESSAGE);
    return next === undefined ? [] : [next, here.sent(next)[0]?.toNode];
  };
  assert.equal(send(child, 'clock'), [peer, nodeKeyOf('across')]);
  assert.equal(send(child, 'print'), [peer, nodeKeyOf('far')], 'also beyond a peer of our peer');
  assert.equal(send(child, 'nothing'), [up, 0]);
  assert.equal(send(up, 'clock'), [], 'what came down goes down');
  assert.equal(send(peer, 'mail'), [child, nodeKeyOf('below')]);
});

test('the parent is reached by its own link, whatever way leads there over peers', () => {
  const { here, up, child, peer } = prepare();
  here.advertise(peer, { ...word('above', 3), isBeside: true });
  here.bytes(child, frameOf({ kind: Kind.MESSAGE, ...between('below:x', 'above:x') }));
  assert.is(here.sent(up)[0]?.kind, Kind.MESSAGE);
  here.bytes(peer, frameOf({ kind: Kind.MESSAGE, flags: 1, ...between('across:x', 'above:x') }));
  assert.equal(here.sent(up), []);
});

test('what peers say of this very node is no news, and no circle', () => {
  const { here, child, peer } = prepare();
  here.advertise(peer, { ...word('here', 2), isBeside: true });
  here.advertise(child, { ...word('here', 2), isBeside: true });
  assert.equal([here.closed(peer), here.closed(child)], [undefined, undefined]);
});

test('a parent that turns out to be below is left', () => {
  const { here, up, child, peer } = prepare();
  here.run(1_000);
  here.advertise(peer, { ...word('above', 1, { parent: 'mid' }), isBeside: true });
  here.advertise(child, word('mid', 1, { parent: 'child' }));
  here.run(ADVERT_DELAY_MS);
  assert.is(here.closed(up), 'E_LOOP');
});

test('of two of one name in two realms each side keeps its own, until that is lost', () => {
  const { here, child, peer } = prepare();
  here.advertise(child, word('n', 0, { parent: 'child', realm: REALM }));
  here.advertise(peer, word('n', 0, { id: OTHER_ID, realm: 'elsewhere', incarnation: 0 }));
  assert.is(here.way('n'), 'child');
  assert.is(here.events('linkRefused')[0]?.error.code, 'E_NAME_TAKEN');
  here.advertise(child, { key: nodeKeyOf('n') });
  assert.is(here.way('n'), 'peer');
  here.advertise(child, word('n', 0, { parent: 'child', realm: REALM, seqno: 2 }));
  assert.is(here.way('n'), 'child');
});

test('of two of one name in one realm the one that started first is kept', () => {
  for (const [incarnation, kept] of [
    [0, 'peer'],
    [2, 'child'],
  ] as const) {
    const { here, child, peer } = prepare();
    here.advertise(child, word('n', 0, { parent: 'child', realm: REALM }));
    here.advertise(peer, word('n', 0, { id: OTHER_ID, realm: REALM, incarnation }));
    assert.is(here.way('n'), kept);
    const isEvicted = here.sent(child).some(({ kind }) => kind === Kind.EVICTED);
    assert.is(isEvicted, kept === 'peer', 'who has the other one below it sends that away');
  }
});

test.run();
