import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf } from '../../src/protocol/address.ts';
import { Flag, Kind, MAGIC } from '../../src/protocol/frame.ts';
import { BACKOFF_MS_MAX, LOST_NODE_MS } from '../../src/protocol/limits.ts';
import type { LinkId } from '../../src/router/io.ts';
import { errorOf, frameOf, idOf, recordOf, type Sent, TestRouter } from './harness.ts';

const EARLIER = { incarnation: 1 };
const LATER = { incarnation: 2 };

function evictionsOf(here: TestRouter, link: LinkId): Sent[] {
  return here.sent(link).filter(({ kind }) => kind === Kind.EVICTED);
}

/** A node with two children that stay, however long nothing comes. */
function prepare() {
  const here = new TestRouter('here', { holdMs: 1_000_000 });
  const long = { holdMs: 1_000_000 };
  const [a, b] = ['a', 'b'].map((name) => {
    const link = here.accept();
    here.bytes(link, MAGIC, here.hello(recordOf(name), long));
    return link;
  });
  return { here, a: a ?? 0, b: b ?? 0 };
}

function word(parent: string, run: { incarnation: number }) {
  return { record: recordOf('n', { parent, ...run }), metric: 0 };
}

test('the earlier of two runs that meet is told to go, and where the later one is', () => {
  const { here, a, b } = prepare();
  here.advertise(a, word('a', EARLIER));
  here.advertise(b, word('b', LATER));
  const [evicted] = evictionsOf(here, a);
  assert.is(evicted?.toNode, nodeKeyOf('n'));
  assert.is(evicted?.head.incarnation, 1);
  assert.is(errorOf(evicted)?.code, 'E_ID_TAKEN');
  assert.equal(errorOf(evicted)?.values, { name: 'n', where: 'b/n', other: 'a/n' });
  assert.equal(evictionsOf(here, b), []);
  assert.is(here.way('n'), 'b');
});

test('so it is when the earlier one comes second', () => {
  const { here, a, b } = prepare();
  here.advertise(b, word('b', LATER));
  here.advertise(a, word('a', EARLIER));
  assert.equal(errorOf(evictionsOf(here, a)[0])?.values, { name: 'n', where: 'b/n', other: 'a/n' });
  assert.is(here.way('n'), 'b');
});

test('the earlier one is told also while the later one is lost, and is taken after that', () => {
  const { here, a, b } = prepare();
  here.advertise(b, word('b', LATER));
  here.advertise(b, { key: nodeKeyOf('n') });
  here.advertise(a, word('a', EARLIER));
  assert.is(errorOf(evictionsOf(here, a)[0])?.values.where, 'b/n (lost since)');
  here.run(LOST_NODE_MS);
  here.advertise(a, word('a', EARLIER));
  assert.equal(evictionsOf(here, a), []);
  assert.is(here.way('n'), 'a');
});

test('and while the later one has stopped a moment ago', () => {
  const { here, a, b } = prepare();
  here.advertise(b, word('b', LATER));
  here.advertise(b, { key: nodeKeyOf('n'), left: { id: idOf('n'), ...LATER } });
  here.advertise(a, word('a', EARLIER));
  assert.is(errorOf(evictionsOf(here, a)[0])?.values.where, 'n (stopped since)');
  here.run(LOST_NODE_MS);
  here.advertise(a, word('a', EARLIER));
  assert.is(here.way('n'), 'a');
});

test('who is restarted below the same child, or is told of again, is not sent away', () => {
  const { here, a } = prepare();
  for (const run of [EARLIER, EARLIER, LATER, LATER]) {
    here.advertise(a, word('a', run));
    assert.equal(evictionsOf(here, a), []);
  }
});

test('of two runs that are children here the earlier one goes, and is not taken back', () => {
  const here = new TestRouter('here');
  const earlier = here.child('n', EARLIER);
  const later = here.child('n', LATER);
  const told = here.sent(earlier).map((frame) => [frame.kind, errorOf(frame)?.code]);
  const ends = [
    [Kind.EVICTED, 'E_ID_TAKEN'],
    [Kind.GOODBYE, 'E_REPLACED'],
  ];
  assert.equal(told, ends);
  assert.is(here.way('n'), 'n');
  const again = here.child('n', EARLIER);
  const where = 'here/n (another daemon there)';
  const refusal = errorOf(here.sent(again)[0]);
  assert.is(here.closed(again), 'E_ID_TAKEN');
  assert.equal(refusal?.values, { name: 'n', where, other: 'here/n' });
  assert.is(here.closed(later), undefined);
});

test('the earlier one below a child hears it from the parent that it is linked to', () => {
  const here = new TestRouter('here', { parents: ['cd://parent:1'] });
  const up = here.parent();
  const child = here.child('n', EARLIER);
  const error = { code: 'E_ID_TAKEN', values: {}, origin: 'root' };
  const to = { kind: Kind.EVICTED, flags: Flag.RESPONSE, toNode: nodeKeyOf('n') };
  here.bytes(up, frameOf(to, { error, ...EARLIER }));
  assert.is(evictionsOf(here, child)[0]?.head.incarnation, 1);
});

test('what is meant for a former run does not send this one away', () => {
  const here = new TestRouter('here', { parents: ['cd://parent:1'], incarnation: 5 });
  const up = here.parent();
  const error = { code: 'E_ID_TAKEN', values: {}, origin: 'root' };
  const to = { kind: Kind.EVICTED, flags: Flag.RESPONSE, toNode: nodeKeyOf('here') };
  here.bytes(up, frameOf(to, { error, incarnation: 4 }));
  assert.is(here.closed(up), undefined);
  here.bytes(up, frameOf(to, { error, incarnation: 5 }));
  assert.is(here.closed(up), 'E_ID_TAKEN');
  assert.is(here.events('evicted')[0]?.error.code, 'E_ID_TAKEN');
  assert.ok(here.router.uplink.retryAtMs - here.nowMs <= BACKOFF_MS_MAX, 'it will try again');
});

test.run();
