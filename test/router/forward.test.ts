import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf, serviceKeyOf } from '../../src/protocol/address.ts';
import { At, Flag, Kind } from '../../src/protocol/frame.ts';
import { HOPS_MAX } from '../../src/protocol/limits.ts';
import type { LinkId } from '../../src/router/io.ts';
import { between, errorOf, frameOf, recordOf, type Sent, TestRouter } from './harness.ts';

function prepare() {
  const here = new TestRouter();
  const a = here.child('a');
  const b = here.child('b');
  const program = here.program('clock');
  return { here, a, b, program };
}

function message(to: string, more: object = {}, body?: Buffer): Buffer {
  return frameOf({ kind: Kind.MESSAGE, ...between('a:asker', to), ...more }, { cmd: 'X' }, body);
}

function without(frame: Buffer, ...offsets: readonly number[]): Buffer {
  const copy = Buffer.from(frame);
  for (const offset of offsets) copy[offset] = 0;
  return copy;
}

test('forwarding touches no byte but the hop limit', () => {
  const { here, a, b } = prepare();
  const any = fc.tuple(
    fc.constantFrom(Kind.MESSAGE, Kind.REQUEST, Kind.DATA, Kind.CANCEL, Kind.REPLY, 99),
    // What goes to many is not forwarded: it is passed on.
    fc.nat({ max: 255 }).map((flags) => flags & ~Flag.BROADCAST),
    fc.nat({ max: 255 }),
    fc.integer({ min: 1, max: HOPS_MAX }),
    fc.uint8Array({ maxLength: 300 }),
  );
  fc.assert(
    fc.property(any, ([kind, flags, channel, hops, bytes]) => {
      const more = { kind, flags, channel, hops, seed: 0xffffffff, number: 77, timeout: 9 };
      const frame = message('b:mail', more, Buffer.from(bytes));
      const before = Buffer.from(frame);
      here.bytes(a, frame);
      const [after = Buffer.alloc(0)] = here.slices(b);
      assert.equal(without(after, At.HOPS), without(before, At.HOPS));
      assert.is(after[At.HOPS], hops - 1);
    }),
  );
});

type Hearer = 'a' | 'program';

/** What comes out of a router with a parent, by link, and what it counts, fed by one of them. */
function traceOf(by: Hearer, feed: (hear: (...frames: Buffer[]) => void, seed: number) => void) {
  const here = new TestRouter('here', { parents: ['cd:///above'] });
  const above = here.parent('above');
  const [a, b, program] = [here.child('a'), here.child('b'), here.program('clock')];
  const printing = recordOf('printing', { parent: 'b', services: ['printer'] });
  here.advertise(b, { record: printing, metric: 0 });
  // A way to the parent that it has told itself is an explicit one.
  here.advertise(here.peer('p'), { record: recordOf('above'), metric: 1 });
  const came = new Map<LinkId, Sent[]>([above, a, b, program.link].map((link) => [link, []]));
  feed((...frames) => {
    here.bytes(by === 'a' ? a : program.link, ...frames.map((frame) => Buffer.from(frame)));
    for (const [link, sent] of came) sent.push(...here.sent(link));
  }, program.seed);
  // What the router itself says goes out at the end of a step.
  const isPassed = ({ kind, flags }: Sent) => kind >= Kind.MESSAGE && (flags & Flag.RESPONSE) === 0;
  const passed = [...came.values()].map((sent) => sent.filter(isPassed));
  return { passed, counters: here.router.counters };
}

test('a burst goes where its frames go that come one by one', () => {
  const often = <T>(usual: T, ...others: readonly T[]) =>
    fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, fc.constantFrom(...others));
  const alike = fc.record({
    kind: often<number>(Kind.MESSAGE, Kind.REQUEST, Kind.EVENT),
    flags: often(0, Flag.REPORT, Flag.NO_CACHE),
    hops: often(HOPS_MAX, 0, 1, 2, 65, 128, 129, 255),
    from: often('a:asker', 'a:other'),
    to: often('b:x', 'printing:x', 'b:y', 'here:clock', 'here:dagent', 'printer', 'above:x', 'c:x'),
    count: fc.integer({ min: 1, max: 4 }),
    isTwice: often(false, true),
  });
  const burst = fc.tuple(
    fc.constantFrom<Hearer>('a', 'program'),
    fc.array(alike, { maxLength: 20 }),
  );
  fc.assert(
    fc.property(burst, ([by, all]) => {
      const framesOf = (seed: number) =>
        all.flatMap(({ from, to, count, isTwice, ...fields }, index) => {
          const more = { ...fields, seed, ...between(by === 'a' ? from : 'here:clock', to) };
          return Array.from({ length: count }, (_, nth) =>
            message(
              to,
              { ...more, number: isTwice && by === 'a' ? 0 : 8 * index + nth + 1 },
              Buffer.alloc(nth),
            ),
          );
        });
      const together = traceOf(by, (hear, seed) => hear(...framesOf(seed)));
      const apart = traceOf(by, (hear, seed) => {
        for (const frame of framesOf(seed)) hear(frame);
      });
      assert.equal(together, apart);
    }),
    { numRuns: 300 },
  );
});

test('consecutive frames to one link leave as one slice of what came', () => {
  const { here, a, b, program } = prepare();
  const to = (name: string) => message(name, {}, Buffer.alloc(100));
  here.bytes(a, to('b:x'), to('b:y'), to('here:clock'), to('b:x'), to('b:x'), to('b:z'));
  assert.equal(
    here.slices(b).map(({ length }) => length / to('b:x').length),
    [2, 3],
  );
  assert.is(here.slices(program.link).length, 1);
  assert.is(here.router.counters.framesForwarded, 5);
  assert.is(here.router.counters.framesDelivered, 1);
});

test('a frame that goes nowhere leaves a gap in the run, and nothing else', () => {
  const { here, a, b } = prepare();
  here.bytes(a, message('b:x'), message('nobody:x'), message('b:y'));
  assert.is(here.slices(b).length, 2);
});

test('what follows a frame goes out after it, whatever the kind', () => {
  const { here, b, program } = prepare();
  const id = { seed: program.seed, number: 1 };
  const ask = frameOf({ kind: Kind.REQUEST, ...id, ...between('here:clock', 'b:mail') });
  here.bytes(program.link, ask, frameOf({ kind: Kind.GOODBYE }, {}));
  assert.equal(
    here.sent(b).map(({ kind }) => kind),
    [Kind.REQUEST, Kind.CANCEL],
  );
});

test('what comes after the frame that ends a link is not read', () => {
  const { here, a, b } = prepare();
  here.bytes(a, message('b:x'), frameOf({ kind: Kind.HELLO }), message('b:y'));
  assert.is(here.closed(a), 'E_FRAME_UNEXPECTED');
  assert.is(here.sent(b).length, 1);
});

test('an envelope that has passed as many nodes as it may is rejected', () => {
  const { here, a, b } = prepare();
  here.bytes(a, message('b:x', { hops: 1 }));
  assert.is(here.sent(b)[0]?.hops, 0);
  here.bytes(b, frameOf({ kind: Kind.REQUEST, hops: 0, ...between('b:x', 'a:y') }));
  assert.equal(here.sent(a), []);
  assert.is(errorOf(here.sent(b)[0])?.code, 'E_HOP_LIMIT');
});

test('nobody gets more hops than there are', () => {
  const { here, a, b, program } = prepare();
  const own = { ...between('here:clock', 'b:x'), hops: 255 };
  for (const _ of [1, 2]) {
    for (const hops of [65, 127]) {
      here.bytes(a, message('b:x', { hops }));
      assert.is(here.sent(b)[0]?.hops, HOPS_MAX - 1);
    }
    here.bytes(program.link, frameOf({ kind: Kind.MESSAGE, ...own }));
    assert.is(here.sent(b)[0]?.hops, HOPS_MAX);
  }
});

test('the source of a frame of a program is its own, or the frame is refused', () => {
  const { here, b, program } = prepare();
  const other = here.program('mail');
  for (const from of ['here:mail', 'b:clock', 'here:dagent']) {
    const fields = { seed: program.seed, number: 5, ...between(from, 'b:x') };
    here.bytes(program.link, frameOf({ kind: Kind.MESSAGE, ...fields }));
    assert.equal(here.outputs, [], from);
    here.bytes(program.link, frameOf({ kind: Kind.REQUEST, ...fields }));
    assert.equal(here.sent(b), []);
    assert.equal(here.sent(other.link), []);
    const [reject] = here.sent(program.link);
    assert.is(errorOf(reject)?.code, 'E_FORGED_SOURCE');
    assert.is(reject?.number, 5);
  }
  assert.is(here.router.counters.rejected, 6);
});

test('a program cannot end the exchange of another one, nor speak in it', () => {
  const { here, b, program } = prepare();
  const other = here.program('mail');
  for (const kind of [Kind.REQUEST, Kind.CANCEL, Kind.DATA, Kind.END, Kind.CREDIT]) {
    const fields = { kind, seed: other.seed, number: 1, ...between('here:clock', 'b:x') };
    here.bytes(program.link, frameOf(fields));
    assert.equal(here.sent(b), []);
    here.bytes(program.link, frameOf({ ...fields, seed: program.seed }));
    assert.is(here.sent(b).length, 1);
  }
});

test('a source that was right for the first frame of a burst is checked for the second', () => {
  const { here, b, program } = prepare();
  const right = frameOf({ kind: Kind.MESSAGE, ...between('here:clock', 'b:x') });
  const wrong = frameOf({ kind: Kind.MESSAGE, ...between('here:mail', 'b:x') });
  const foreign = frameOf({ kind: Kind.MESSAGE, ...between('a:clock', 'b:x') });
  here.bytes(program.link, right, right, wrong, right, foreign);
  assert.is(here.sent(b).length, 3);
});

test('what is remembered of a burst is void as soon as the tables change', () => {
  const { here, a, b } = prepare();
  here.advertise(b, { record: recordOf('n'), metric: 0 });
  here.bytes(a, message('n:x'));
  here.bytes(a, message('n:x'));
  assert.is(here.sent(b).length, 1);
  const c = here.child('c');
  here.advertise(c, { record: recordOf('n', { parent: 'c', seqno: 2 }), metric: 0 });
  here.bytes(a, message('n:x'));
  assert.is(here.sent(c).length, 1);
  here.input({ kind: 'closed', link: c, reason: 'reset' });
  here.bytes(a, message('n:x', { flags: Flag.REPORT | Flag.NO_CACHE }));
  assert.is(errorOf(here.sent(a)[0])?.code, 'E_UNREACHABLE');
});

test('to a congested link no messages go, but requests and their answers do', () => {
  const { here, a, b } = prepare();
  here.input({ kind: 'congested', link: b, isCongested: true });
  here.bytes(a, message('b:x'), message('b:x', { flags: Flag.REPORT, number: 8 }));
  assert.equal(here.sent(b), []);
  assert.is(here.router.counters.droppedSlowPeer, 2);
  const [reject, ...more] = here.sent(a);
  assert.is(more.length, 0, 'who did not ask is not told');
  assert.is(reject?.number, 8);
  assert.is(errorOf(reject)?.code, 'E_DROPPED');
  assert.is(errorOf(reject)?.values.to, 'b');
  for (const kind of [Kind.REQUEST, Kind.REPLY, Kind.REJECT, Kind.CANCEL, Kind.DATA]) {
    here.bytes(a, message('b:x', { kind }));
    assert.is(here.sent(b).length, 1);
  }
  here.input({ kind: 'congested', link: b, isCongested: false });
  here.bytes(a, message('b:x'));
  assert.is(here.sent(b).length, 1);
});

test('a program that does not read loses messages, and its sender is told its name', () => {
  const { here, a, program } = prepare();
  here.input({ kind: 'congested', link: program.link, isCongested: true });
  here.bytes(a, message('here:clock', { flags: Flag.REPORT }));
  assert.equal(here.sent(program.link), []);
  assert.is(errorOf(here.sent(a)[0])?.values.to, 'clock');
});

test('a message whose sender wants to know is confirmed once its receiver has it', () => {
  const { here, a, program } = prepare();
  here.bytes(a, message('here:clock', { flags: Flag.REPORT, seed: 3, number: 4 }));
  assert.is(here.sent(program.link).length, 1);
  const [reply, ...more] = here.sent(a);
  assert.is(more.length, 0);
  assert.is(reply?.kind, Kind.REPLY);
  assert.equal([reply?.seed, reply?.number, reply?.flags], [3, 4, Flag.RESPONSE]);
  assert.equal([reply?.toNode, reply?.toService], [nodeKeyOf('a'), serviceKeyOf('asker')]);
  here.bytes(a, message('here:clock'));
  assert.equal(here.sent(a), [], 'who does not ask is not told');
});

test('a message whose sender wants to know is rejected where it ends', () => {
  const { here, a } = prepare();
  here.bytes(a, message('here:nothing', { flags: Flag.REPORT, number: 4 }));
  assert.is(errorOf(here.sent(a)[0])?.code, 'E_NO_SERVICE');
  here.bytes(a, message('here:nothing', { number: 4 }));
  assert.equal(here.sent(a), []);
  assert.is(here.router.counters.rejected, 2, 'counted it is all the same');
});

test('a rejection that cannot be delivered is counted, and makes no other', () => {
  const { here, a } = prepare();
  here.bytes(a, frameOf({ kind: Kind.REQUEST, ...between('nobody:x', 'here:nothing') }));
  assert.equal(here.outputs, []);
  assert.is(here.router.counters.droppedUnreachable, 1);
});

test.run();
