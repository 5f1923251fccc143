import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf } from '../../src/protocol/address.ts';
import { ADVERT_DELAY_MS, LOST_NODE_MS } from '../../src/protocol/limits.ts';
import type { NodeRecord } from '../../src/protocol/record.ts';
import { compareFreshness } from '../../src/router/routes.ts';
import { recordOf, TestRouter } from './harness.ts';

function word(name: string, more: Partial<NodeRecord> = {}, metric = 0): object {
  return { record: recordOf(name, more), metric };
}

function gone(name: string, hasLeft = false): object {
  return { key: nodeKeyOf(name), hasLeft };
}

test('a later run is fresher than an earlier one, then a later joining', () => {
  const record = (incarnation: number, seqno: number) => recordOf('n', { incarnation, seqno });
  assert.ok(compareFreshness(record(2, 1), record(1, 9)) > 0);
  assert.ok(compareFreshness(record(1, 2), record(1, 1)) > 0);
  assert.is(compareFreshness(record(1, 1), record(1, 1)), 0);
});

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

test('the neighbour that leads to a node may take back what it said', () => {
  const here = new TestRouter();
  const a = here.child('a');
  here.advertise(a, word('n', { seqno: 5 }, 1));
  here.advertise(a, word('n', { seqno: 4 }, 3));
  assert.is(here.router.nodes.get(nodeKeyOf('n'))?.metric, 4);
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

test('a node whose clock was set back is found again after it was lost', () => {
  const here = new TestRouter();
  const former = here.child('n', { incarnation: 1_000 });
  here.input({ kind: 'closed', link: former, reason: 'reset' });
  here.child('n', { incarnation: 10 });
  assert.is(here.way('n'), 'n');
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
