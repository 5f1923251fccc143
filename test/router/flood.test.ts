import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf, serviceKeyOf } from '../../src/protocol/address.ts';
import { At, Flag, type FrameFields, Kind, Scope } from '../../src/protocol/frame.ts';
import { HOPS_MAX } from '../../src/protocol/limits.ts';
import { between, errorOf, frameOf, type Program, recordOf, TestRouter } from './harness.ts';

const BROADCAST = { kind: Kind.MESSAGE, flags: Flag.BROADCAST, channel: Scope.EVERYWHERE } as const;
const EVENT = { kind: Kind.EVENT } as const;

/** A frame of a program of `here` to many. */
function toMany(from: Program, fields: FrameFields, head: object = {}): Buffer {
  const source = { ...between(`here:${from.endpoint}`, 'here:x'), seed: from.seed, number: 1 };
  return frameOf({ ...source, toNode: 0, toService: 0, ...fields }, head);
}

/** The same from a node elsewhere. */
function fromAfar(fields: FrameFields, head: object = {}, number = 1): Buffer {
  const source = { ...between('afar:mail', 'here:x'), seed: 99, number };
  return frameOf({ ...source, toNode: 0, toService: 0, ...fields }, head);
}

/** Kinds that the last input sent by a link, but for those of links themselves. */
function passed(here: TestRouter, link: number): number[] {
  return here.sent(link).flatMap(({ kind }) => (kind >= Kind.MESSAGE ? [kind] : []));
}

test('a broadcast goes to each program that has a name, once, and not to its sender', () => {
  const here = new TestRouter();
  const [sender, one, nameless] = [here.program('a'), here.program('b', 'c'), here.program()];
  here.bytes(sender.link, toMany(sender, { ...BROADCAST, channel: Scope.NODE }));
  const heard = [sender, one, nameless].map(({ link }) => passed(here, link));
  assert.equal(heard, [[], [Kind.MESSAGE], []]);
  assert.is(here.router.counters.framesDelivered, 1);
});

test('one to a service goes to the program that has it, and nobody asks the node itself', () => {
  const here = new TestRouter();
  const [sender, one, other] = [here.program('a'), here.program('mail'), here.program('clock')];
  here.bytes(sender.link, toMany(sender, { ...BROADCAST, toService: serviceKeyOf('mail') }));
  assert.equal(
    [one, other].map(({ link }) => passed(here, link)),
    [[Kind.MESSAGE], []],
  );
  const toBuiltin = { ...BROADCAST, toService: serviceKeyOf('dagent'), number: 2 };
  here.bytes(sender.link, toMany(sender, toBuiltin));
  assert.equal(passed(here, 0), []);
  assert.is(here.closed(sender.link), undefined);
});

test('it goes on to parent, children and peers, but not back', () => {
  const here = new TestRouter('here', { parents: ['cd://parent:1'] });
  const up = here.parent();
  const [a, b, p] = [here.child('a'), here.child('b'), here.peer('p', { realm: 'test' })];
  const all = [up, a, b, p];
  for (const [index, from] of all.entries()) {
    here.bytes(from, fromAfar(BROADCAST, {}, index + 1));
    for (const link of all) assert.equal(passed(here, link), link === from ? [] : [Kind.MESSAGE]);
  }
  assert.is(here.sent(a)[0]?.hops, HOPS_MAX - 1);
  assert.is(here.router.counters.framesForwarded, 12);
});

test('its scope keeps it on the node, in the realm, or nowhere', () => {
  const here = new TestRouter('here');
  const [kin, foreign] = [here.peer('p', { realm: 'test' }), here.peer('q', { realm: 'other' })];
  const child = here.child('a');
  const sender = here.program('mail');
  const reached = (scope: number): boolean[] => {
    here.bytes(sender.link, toMany(sender, { ...BROADCAST, channel: scope, number: 10 + scope }));
    return [child, kin, foreign].map((link) => passed(here, link).length > 0);
  };
  assert.equal(reached(Scope.NODE), [false, false, false]);
  assert.equal(reached(Scope.REALM), [true, true, false]);
  assert.equal(reached(Scope.EVERYWHERE), [true, true, true]);
  assert.equal(reached(7), [false, false, false]);
});

test('what should not have left its node or realm is not taken', () => {
  const here = new TestRouter('here');
  const foreign = here.peer('q', { realm: 'other' });
  const child = here.child('a');
  const { link } = here.program('mail');
  here.bytes(child, fromAfar({ ...BROADCAST, channel: Scope.NODE }));
  here.bytes(foreign, fromAfar({ ...BROADCAST, channel: Scope.REALM }));
  assert.equal(passed(here, link), []);
  assert.is(here.router.counters.rejected, 2);
  here.bytes(foreign, fromAfar(BROADCAST));
  assert.equal(passed(here, link), [Kind.MESSAGE]);
});

test('the realm of a peer is the one that it has by now', () => {
  const here = new TestRouter('here');
  const peer = here.peer('p');
  const sender = here.program('mail');
  const send = (number: number): number[] => {
    const fields = { ...BROADCAST, channel: Scope.REALM, number };
    here.bytes(sender.link, toMany(sender, fields));
    return passed(here, peer);
  };
  assert.equal(send(1), []);
  const link = here.router.links.get(peer);
  if (link !== undefined) link.peer = recordOf('p', { realm: 'test' });
  assert.equal(send(2), [Kind.MESSAGE]);
});

test('what came once does not go on again, whoever brings it', () => {
  const here = new TestRouter('here');
  const [a, b] = [here.child('a'), here.child('b')];
  const { link } = here.program('mail');
  here.bytes(a, fromAfar(BROADCAST));
  here.bytes(b, fromAfar(BROADCAST));
  assert.equal(
    [a, b, link].flatMap((each) => passed(here, each)),
    [],
  );
  assert.is(here.router.counters.droppedDuplicate, 1);
});

test('without hops left it ends, and is counted', () => {
  const here = new TestRouter('here');
  const a = here.child('a');
  const { link } = here.program('mail');
  here.bytes(a, fromAfar({ ...BROADCAST, hops: 0 }));
  assert.equal(passed(here, link), []);
  assert.is(here.router.counters.rejected, 1);
  here.bytes(a, fromAfar({ ...BROADCAST, hops: 1 }));
  assert.equal(passed(here, link), [Kind.MESSAGE]);
});

test('who does not keep up misses it, and is counted', () => {
  const here = new TestRouter('here');
  const [a, b] = [here.child('a'), here.child('b')];
  here.input({ kind: 'congested', link: b, isCongested: true });
  here.bytes(a, fromAfar(BROADCAST));
  assert.equal(passed(here, b), []);
  assert.is(here.router.counters.droppedSlowPeer, 1);
});

test('a copy for a program slows its sender no more than one for nobody', () => {
  const here = new TestRouter('here');
  const a = here.child('a');
  const { link } = here.program('mail');
  here.bytes(a, fromAfar(BROADCAST));
  assert.ok(here.outputs.some((each) => each.kind === 'copy' && each.link === link));
});

test('a request or a report to many is refused, with what to do', () => {
  const here = new TestRouter('here');
  const sender = here.program();
  const asking = [
    { ...BROADCAST, kind: Kind.REQUEST },
    { ...BROADCAST, flags: Flag.BROADCAST | Flag.REPORT },
  ];
  for (const fields of asking) {
    here.bytes(sender.link, toMany(sender, fields));
    assert.is(errorOf(here.sent(sender.link)[0])?.code, 'E_BROADCAST');
  }
});

test('who claims to be another one is not passed on', () => {
  const here = new TestRouter('here');
  const a = here.child('a');
  const [sender, other] = [here.program('mail'), here.program('clock')];
  const claims = [{ fromNode: nodeKeyOf('a') }, { fromService: 5 }, { seed: other.seed }];
  for (const fields of [BROADCAST, EVENT]) {
    for (const claim of claims) {
      here.bytes(sender.link, toMany(sender, { ...fields, ...claim }, { topic: 'x' }));
      assert.equal(passed(here, a), []);
    }
  }
  assert.is(here.router.counters.rejected, 6);
});

test('order is kept between what goes to one and what goes to many', () => {
  const here = new TestRouter('here');
  const a = here.child('a');
  const sender = here.program('mail');
  const single = (number: number): Buffer =>
    frameOf({ kind: Kind.MESSAGE, ...between(`here:${sender.endpoint}`, 'a:x'), number });
  const run = [single(1), toMany(sender, { ...BROADCAST, number: 2 }), single(3)];
  here.bytes(sender.link, ...run, toMany(sender, { ...BROADCAST, number: 4 }));
  assert.equal(
    here.sent(a).map(({ number }) => number),
    [1, 2, 3, 4],
  );
});

test('an event goes to those who want its topic, and to nobody else', () => {
  const here = new TestRouter('here', { parents: ['cd://parent:1'] });
  const up = here.parent();
  const a = here.child('a', { topics: ['orders.*'] });
  const b = here.child('b', { topics: ['bills.*'] });
  const [one, other] = [here.program(), here.program('named')];
  here.bytes(one.link, frameOf({ kind: Kind.SUBSCRIBE }, { pattern: 'orders.>' }));
  here.bytes(other.link, toMany(other, EVENT, { topic: 'orders.paid' }));
  const all = [up, a, b, one.link, other.link];
  assert.equal(
    all.map((link) => passed(here, link)),
    [[], [Kind.EVENT], [], [Kind.EVENT], []],
  );
});

test('what has no topic is no event', () => {
  const here = new TestRouter('here');
  const a = here.child('a', { topics: ['>', '*'] });
  const sender = here.program();
  const topics = ['', 'a..b', '*', '>', 7, undefined, 'x'.repeat(300)];
  for (const topic of topics) {
    here.bytes(sender.link, toMany(sender, EVENT, { topic }));
    assert.equal(passed(here, a), [], String(topic));
  }
  assert.is(here.router.counters.rejected, topics.length);
  assert.is(here.closed(sender.link), undefined);
});

test('the hop limit is the only byte of it that changes', () => {
  const here = new TestRouter('here');
  const [a, b] = [here.child('a'), here.child('b')];
  const frame = fromAfar(BROADCAST, { from: 'afar:mail', to: '*' });
  const expected = Buffer.from(frame);
  expected[At.HOPS] = HOPS_MAX - 1;
  here.bytes(a, frame);
  assert.equal(here.slices(b), [expected]);
});

test.run();
