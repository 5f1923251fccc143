import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf } from '../../src/protocol/address.ts';
import { Kind } from '../../src/protocol/frame.ts';
import { ADVERT_DELAY_MS, LOST_NODE_MS } from '../../src/protocol/limits.ts';
import { pack } from '../../src/protocol/pack.ts';
import type { NodeRecord } from '../../src/protocol/record.ts';
import { frameOf, idOf, recordOf, TestRouter } from './harness.ts';

function word(name: string, more: Partial<NodeRecord> = {}, metric = 0): object {
  return { record: recordOf(name, more), metric };
}

function gone(name: string, hasLeft = false): object {
  const left = { id: idOf(name), incarnation: 1 };
  return { key: nodeKeyOf(name), ...(hasLeft ? { left } : undefined) };
}

test('a node that joins elsewhere is reached by its new parent, whatever the old one says', () => {
  const here = new TestRouter();
  const a = here.child('a');
  const b = here.child('b');
  here.advertise(a, word('n', { parent: 'a', seqno: 1 }));
  assert.is(here.way('n'), 'a');
  here.advertise(b, word('n', { parent: 'b', seqno: 2 }));
  assert.is(here.way('n'), 'b');
  here.advertise(a, word('n', { parent: 'a', seqno: 1 }));
  assert.is(here.way('n'), 'b');
  here.advertise(a, gone('n'));
  assert.is(here.way('n'), 'b', 'only who leads there can take it away');
});

test('a node that moves takes along what is below it, though that has nothing new to say', () => {
  const here = new TestRouter();
  const a = here.child('a');
  const b = here.child('b');
  const below = word('below', { parent: 'moving' }, 2);
  here.advertise(a, word('moving', { parent: 'a', seqno: 1 }, 1), below);
  here.advertise(b, word('moving', { parent: 'b', seqno: 2 }, 1), below);
  assert.is(here.way('below'), 'b');
  here.input({ kind: 'closed', link: a, reason: 'reset' });
  assert.is(here.way('below'), 'b', 'the end of the former way does no harm');
});

test('a shorter way does not draw back a node whose parent is elsewhere', () => {
  const here = new TestRouter();
  const a = here.child('a');
  const b = here.child('b');
  here.advertise(b, word('moving', { parent: 'b', seqno: 2 }, 3));
  here.advertise(b, word('below', { parent: 'moving' }, 4));
  here.advertise(a, word('moving', { parent: 'a', seqno: 1 }), word('below', { parent: 'moving' }));
  assert.is(here.way('moving'), 'b');
  assert.is(here.way('below'), 'b');
});

test('the neighbour may say that a node is further away, with a new number', () => {
  const here = new TestRouter();
  const a = here.child('a');
  here.advertise(a, word('n', { seqno: 5 }, 1));
  here.advertise(a, word('n', { seqno: 6 }, 3));
  assert.is(here.router.nodes.get(nodeKeyOf('n'))?.metric, 4);
  assert.equal(here.events('nodeLost'), []);
});

test('a lost node is not found at a former place, but at its last one or a new one', () => {
  const here = new TestRouter();
  const a = here.child('a');
  const b = here.child('b');
  here.advertise(b, word('n', { seqno: 2 }));
  here.advertise(b, gone('n'));
  assert.is(here.way('n'), undefined);
  assert.is(here.events('nodeLost')[0]?.record.name, 'n');
  here.advertise(a, word('n', { seqno: 1 }));
  assert.is(here.way('n'), undefined);
  here.advertise(a, word('n', { seqno: 2 }));
  assert.is(here.way('n'), 'a');
  assert.is(here.events('nodeUp')[0]?.record.name, 'n');
});

test('a word of a former run is not believed, and takes back what the neighbour said', () => {
  const here = new TestRouter();
  const [a, b] = [here.child('a'), here.child('b')];
  here.advertise(a, word('n', { incarnation: 2 }));
  here.advertise(b, word('n', { incarnation: 1 }));
  assert.is(here.way('n'), 'a');
  here.advertise(a, word('n', { incarnation: 1 }));
  assert.is(here.way('n'), undefined);
});

test('a name that changed hands below one child is no collision', () => {
  const here = new TestRouter();
  const a = here.child('a');
  here.advertise(a, word('n'));
  here.advertise(a, word('n', { id: 'ffffffffffffffff' }));
  assert.is(here.router.nodes.get(nodeKeyOf('n'))?.record.id, 'ffffffffffffffff');
  assert.equal(here.events('nodeGone').length, 1);
  assert.equal(here.events('nodeUp').length, 1);
});

test('a node that said goodbye is forgotten at once, with its subtree lost', () => {
  const here = new TestRouter();
  const a = here.child('a');
  here.advertise(a, word('n', { parent: 'a' }), word('m', { parent: 'n' }, 1));
  here.advertise(a, gone('n', true), gone('m'));
  assert.is(here.router.nodes.has(nodeKeyOf('n')), false);
  assert.is(here.router.nodes.get(nodeKeyOf('m'))?.lostAtMs, here.nowMs);
});

test('who said goodbye is not there on the word of others, until it starts anew', () => {
  const here = new TestRouter();
  const [a, b] = [here.child('a'), here.peer('b')];
  here.advertise(a, word('n', { parent: 'a' }));
  here.advertise(a, gone('n', true));
  here.advertise(b, word('n', { seqno: 9 }));
  assert.is(here.way('n'), undefined);
  here.advertise(b, word('n', { incarnation: 2 }));
  assert.is(here.way('n'), 'b');
});

test('the goodbye of a former run, or of a namesake, ends no more than one way', () => {
  const here = new TestRouter();
  const [a, b] = [here.peer('a'), here.peer('b')];
  const key = nodeKeyOf('n');
  for (const left of [
    { id: idOf('n'), incarnation: 1 },
    { id: idOf('other'), incarnation: 9 },
  ]) {
    for (const peer of [a, b]) here.advertise(peer, word('n', { incarnation: 2 }, 1));
    here.advertise(a, { key, left });
    assert.is(here.way('n'), 'b');
  }
});

test('who came back is not said to have left when the way there is forgotten', () => {
  const here = new TestRouter('here', { parents: ['/above'] });
  const up = here.parent();
  const [child, p] = [here.child('child'), here.peer('p', { realm: 'other' })];
  here.run(ADVERT_DELAY_MS);
  assert.ok(here.router.gateway.isOn);
  here.advertise(child, word('n'));
  here.advertise(child, gone('n', true));
  const again = word('n', { incarnation: 2 });
  here.bytes(up, frameOf({ kind: Kind.ADVERT }, { all: 1 }, pack([again])));
  here.advertise(p, again);
  here.run(ADVERT_DELAY_MS);
  here.input({ kind: 'closed', link: p, reason: 'reset' });
  here.run(ADVERT_DELAY_MS);
  assert.not.ok(here.router.gateway.isOn);
  const words = here.adverts(up).flat() as { key?: number; left?: object }[];
  const about = words.filter(({ key }) => key === nodeKeyOf('n'));
  assert.equal(about, [{ key: nodeKeyOf('n'), left: { id: idOf('n'), incarnation: 1 } }]);
});

test('what a child still speaks of is not forgotten with what the parent told', () => {
  const here = new TestRouter('here', { parents: ['/above'] });
  const up = here.parent();
  const [child, p] = [here.child('child'), here.peer('p', { realm: 'other' })];
  here.run(ADVERT_DELAY_MS);
  here.advertise(p, word('n', {}, 1));
  here.bytes(up, frameOf({ kind: Kind.ADVERT }, { all: 1 }, pack([word('n', {}, 1)])));
  here.advertise(child, word('n', {}, 3));
  here.input({ kind: 'closed', link: p, reason: 'reset' });
  assert.not.ok(here.router.gateway.isOn);
  const asked = here.sent(child).filter(({ kind }) => kind === Kind.REFRESH);
  assert.is(asked.length, 1, 'that way is to be newer first');
  here.advertise(child, word('n', { seqno: 2 }, 3));
  assert.is(here.way('n'), 'child');
});

test('a namesake of a node that the parent told of takes its place, and keeps it', () => {
  const here = new TestRouter('here', { parents: ['/above'] });
  const up = here.parent();
  const [p, q] = [here.peer('p', { realm: 'other' }), here.peer('q')];
  here.run(ADVERT_DELAY_MS);
  here.bytes(up, frameOf({ kind: Kind.ADVERT }, { all: 1 }, pack([word('n')])));
  here.advertise(q, word('n', { id: idOf('other'), incarnation: 9 }));
  assert.is(here.way('n'), 'above');
  here.input({ kind: 'closed', link: p, reason: 'reset' });
  assert.is(here.way('n'), 'q');
});

test('a goodbye ends all ways, a loss only one', () => {
  const here = new TestRouter();
  const [a, b] = [here.peer('a'), here.peer('b')];
  for (const hasLeft of [false, true]) {
    const name = `n-${hasLeft}`;
    here.advertise(a, word(name, {}, 1));
    here.advertise(b, word(name, {}, 1));
    here.advertise(a, gone(name, hasLeft));
    assert.is(here.way(name), hasLeft ? undefined : 'b');
  }
});

test('a lost node is remembered for a minute, then forgotten', () => {
  const here = new TestRouter();
  const a = here.child('a');
  here.advertise(a, word('n'), word('m'));
  here.advertise(a, gone('n'));
  here.nowMs += 1_000;
  here.advertise(a, gone('m'));
  here.input({ kind: 'closed', link: a, reason: 'reset' });
  here.run(LOST_NODE_MS - 1_001);
  assert.is(here.router.nodes.size, 3);
  here.run(1);
  assert.equal(
    here.events('nodeGone').map(({ record }) => record.name),
    ['n'],
  );
  here.run(1_000);
  assert.is(here.router.nodes.size, 0);
  assert.is(here.router.wakeAtMs, Number.POSITIVE_INFINITY);
});

test('the same word again changes nothing and is no news', () => {
  const here = new TestRouter();
  const a = here.child('a');
  here.advertise(a, word('n', { services: ['x'] }));
  here.run(ADVERT_DELAY_MS);
  const version = here.router.tableVersion;
  assert.equal(here.advertise(a, word('n', { services: ['x'] })), []);
  assert.is(here.router.tableVersion, version);
});

test.run();
