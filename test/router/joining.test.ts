import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf } from '../../src/protocol/address.ts';
import { Flag, Kind } from '../../src/protocol/frame.ts';
import { ADVERT_DELAY_MS, BACKOFF_MS_MAX, JOINED_HOLD_MS } from '../../src/protocol/limits.ts';
import { errorOf, frameOf, recordOf, TestRouter } from './harness.ts';

const AGENT = { parents: ['cd://parent:1'] };
const OTHER_ID = 'ffffffffffffffff';

function nodeFrame(kind: number, to: string, head: object = {}): Buffer {
  return frameOf({ kind, flags: Flag.RESPONSE, toNode: nodeKeyOf(to) }, head);
}

function evicted(name: string): Buffer {
  const error = { code: 'E_NAME_TAKEN', values: { name, where: 'root/a' }, origin: 'root' };
  return nodeFrame(Kind.EVICTED, name, { error });
}

test('the top tells a node that is new to it that it is known', () => {
  const here = new TestRouter();
  const child = here.child('child');
  assert.ok(here.sent(child).some(({ kind }) => kind === Kind.JOINED));
  here.advertise(child, { record: recordOf('n'), metric: 0 });
  const [joined] = here.sent(child);
  assert.is(joined?.kind, Kind.JOINED);
  assert.is(joined?.toNode, nodeKeyOf('n'));
  here.advertise(child, { record: recordOf('n', { services: ['mail'] }), metric: 0 });
  assert.equal(here.sent(child), [], 'a new service is no new node');
});

test('the top says it again whenever the way to the node stands anew: the word may be lost', () => {
  const here = new TestRouter();
  const child = here.child('child');
  const word = { record: recordOf('n'), metric: 0 };
  here.advertise(child, word);
  here.advertise(child, { ...word, isAnew: true });
  assert.is(here.sent(child)[0]?.kind, Kind.JOINED);
});

/** A top that reaches a node below its child by a shorter way: over a peer. */
function prepareShortcut() {
  const here = new TestRouter('here', { holdMs: 1_000_000 });
  const [child, peer] = [here.child('child'), here.peer('peer')];
  here.advertise(peer, { record: recordOf('n', { parent: 'mid' }), metric: 0 });
  const joined = () => here.sent(child).map(({ kind, toNode }) => kind === Kind.JOINED && toNode);
  return { here, child, peer, joined };
}

test('the word goes down the tree, though the way to the node leads over a peer', () => {
  const { here, child, peer, joined } = prepareShortcut();
  here.advertise(child, { record: recordOf('mid', { parent: 'child' }), metric: 0 });
  here.run(ADVERT_DELAY_MS);
  assert.equal(joined(), [nodeKeyOf('n')], 'as soon as it is known what is above it');
  assert.is(here.way('n'), 'peer');
  const again = recordOf('n', { parent: 'mid', seqno: 2 });
  here.advertise(peer, { record: again, metric: 0 });
  here.run(ADVERT_DELAY_MS);
  assert.equal(joined(), [nodeKeyOf('n')]);
  here.advertise(child, { record: recordOf('mid', { parent: 'child', seqno: 2 }), metric: 0 });
  here.run(ADVERT_DELAY_MS);
  assert.ok(joined().includes(nodeKeyOf('n')), 'who is below one that joined anew is told as well');
});

test('who turns out to be below only much later is not told', () => {
  const { here, child, joined } = prepareShortcut();
  const holdMs = here.router.links.get(child)?.holdMs ?? 0;
  for (let ms = 0; ms < JOINED_HOLD_MS; ms += holdMs / 2) {
    for (const link of here.router.links.keys()) here.bytes(link, frameOf({ kind: Kind.PONG }));
    here.run(holdMs / 2);
  }
  here.advertise(child, { record: recordOf('mid', { parent: 'child' }), metric: 0 });
  here.run(ADVERT_DELAY_MS);
  assert.not.ok(joined().includes(nodeKeyOf('n')));
  assert.is(here.router.unwelcomed.size, 0);
});

test('the word about a new place of a node does not follow the way to its former one', () => {
  const here = new TestRouter('here', AGENT);
  const up = here.parent();
  const [a, b] = [here.child('a'), here.child('b')];
  here.advertise(a, { record: recordOf('n', { parent: 'a' }), metric: 0 });
  here.bytes(up, nodeFrame(Kind.JOINED, 'n', { joinedSeqno: 2 }));
  assert.equal(here.sent(a), []);
  here.advertise(b, { record: recordOf('n', { parent: 'b', seqno: 2 }), metric: 0 });
  here.run(ADVERT_DELAY_MS);
  assert.equal(
    here.sent(b).map(({ kind, head }) => [kind, head]),
    [[Kind.JOINED, { joinedSeqno: 2 }]],
  );
});

test('who is of another realm is not below, and is not waited for', () => {
  const { here, peer } = prepareShortcut();
  here.advertise(peer, { record: recordOf('stranger', { realm: 'other' }), metric: 0 });
  here.run(ADVERT_DELAY_MS);
  assert.equal([...here.router.unwelcomed.keys()], [nodeKeyOf('n')]);
});

test('who has a parent is not the top, and says nothing', () => {
  const here = new TestRouter('here', AGENT);
  here.parent();
  const child = here.child('child');
  assert.not.ok(here.sent(child).some(({ kind }) => kind === Kind.JOINED));
});

test('a node that is known at the top says so, once', () => {
  const here = new TestRouter('here', AGENT);
  const up = here.parent();
  assert.is(here.router.uplink.isJoined, false);
  here.bytes(up, nodeFrame(Kind.JOINED, 'here'));
  assert.is(here.events('joined').length, 1);
  assert.is(here.router.uplink.isJoined, true);
  here.bytes(up, nodeFrame(Kind.JOINED, 'here'));
  assert.is(here.events('joined').length, 0);
});

test('word for a node below is passed on to it', () => {
  const here = new TestRouter('here', AGENT);
  const child = here.child('child');
  const up = here.parent();
  here.bytes(up, nodeFrame(Kind.JOINED, 'child'));
  assert.is(here.sent(child)[0]?.kind, Kind.JOINED);
  assert.is(here.router.uplink.isJoined, false);
});

test('the common ancestor sends the second of a name away, and says where the first is', () => {
  const here = new TestRouter('here');
  const a = here.child('a');
  const b = here.child('b');
  here.advertise(a, { record: recordOf('n', { parent: 'a' }), metric: 0 });
  here.advertise(b, { record: recordOf('n', { parent: 'b', id: OTHER_ID }), metric: 0 });
  const [frame] = here.sent(b);
  assert.is(frame?.kind, Kind.EVICTED);
  assert.is(frame?.toNode, nodeKeyOf('n'));
  assert.is(errorOf(frame)?.code, 'E_NAME_TAKEN');
  assert.is(errorOf(frame)?.values.where, 'a/n');
  assert.is(here.way('n'), 'a');
});

test('a node of our own name further down is sent away as well', () => {
  const here = new TestRouter('here');
  const a = here.child('a');
  here.advertise(a, { record: recordOf('here', { id: OTHER_ID }), metric: 0 });
  const [frame] = here.sent(a);
  assert.is(frame?.kind, Kind.EVICTED);
  assert.is(errorOf(frame)?.values.where, 'here itself');
});

test('an evicted node leaves its parent, says why, and waits', () => {
  const here = new TestRouter('here', AGENT);
  const up = here.parent();
  here.bytes(up, evicted('here'));
  assert.is(here.closed(up), 'E_NAME_TAKEN');
  assert.is(here.sent(up)[0]?.kind, Kind.GOODBYE);
  assert.is(here.events('evicted')[0]?.error.values.where, 'root/a');
  assert.is(here.router.uplink.phase, 'waiting');
});

/** Dials in ten minutes of a node that is taken and sent away again each time. */
function countDials(isJoinedFirst: boolean): number {
  const here = new TestRouter('here', AGENT);
  const endMs = here.nowMs + 600_000;
  let dials = 0;
  for (; here.nowMs < endMs; dials++) {
    const up = here.parent();
    if (isJoinedFirst) here.bytes(up, nodeFrame(Kind.JOINED, 'here'));
    here.pass(ADVERT_DELAY_MS);
    here.bytes(up, evicted('here'));
  }
  return dials;
}

test('an evicted node does not hammer: it comes back ever more slowly', () => {
  const most = (2 * 600_000) / (BACKOFF_MS_MAX / 2);
  assert.ok(countDials(false) < most);
});

test('neither does one that is known for a moment each time, as twins of one id would be', () => {
  const most = (2 * 600_000) / (BACKOFF_MS_MAX / 2);
  assert.ok(countDials(true) < most);
});

test('nobody but the parent can send a node away', () => {
  for (const kind of [Kind.EVICTED, Kind.JOINED]) {
    const here = new TestRouter('here', AGENT);
    const up = here.parent();
    const child = here.child('child');
    const { link } = here.program();
    for (const forger of [child, link]) {
      here.bytes(forger, nodeFrame(kind, 'here', { error: { code: 'E_NAME_TAKEN', values: {} } }));
      assert.is(here.closed(forger), 'E_FRAME_UNEXPECTED');
    }
    assert.is(here.router.uplink.link, up);
    assert.is(here.router.uplink.isJoined, false);
  }
});

test('nobody below can send away a node that is elsewhere', () => {
  const here = new TestRouter();
  const victim = here.child('victim');
  const child = here.child('child');
  here.bytes(child, evicted('victim'));
  assert.equal(here.sent(victim), []);
  assert.is(here.closed(child), 'E_FRAME_UNEXPECTED');
});

test.run();
