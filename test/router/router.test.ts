import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeFrame, Kind, MAGIC, PREFIX_BYTES } from '../../src/protocol/frame.ts';
import {
  FRAME_BYTES_MAX,
  HANDSHAKE_BYTES_MAX,
  UNAUTHENTICATED_MAX,
} from '../../src/protocol/limits.ts';
import { BUILTIN_LINK } from '../../src/router/io.ts';
import { between, errorOf, frameOf, recordOf, TestRouter } from './harness.ts';

/** A prefix that promises so many bytes. */
function prefixOf(bytes: number, headBytes = 0): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(bytes - 4, 0);
  prefix.writeUInt16BE(headBytes, 40);
  return prefix;
}

function assertLives(here: TestRouter): void {
  const child = here.child('witness');
  assert.is(here.sent(child)[0]?.kind, Kind.WELCOME);
}

test('a stranger with other first bytes is closed', () => {
  for (const text of ['GET / HTTP/1.1\r\n\r\n', '\x16\x03\x01', '\xda\x9e\x47\x02', 'x']) {
    const here = new TestRouter();
    const link = here.accept();
    here.bytes(link, Buffer.from(text, 'latin1'));
    assert.is(here.closed(link), 'E_NOT_OURS');
    assert.is(here.router.opening.size, 0);
    assertLives(here);
  }
});

test('a wrong magic is seen at its first wrong byte', () => {
  const here = new TestRouter();
  const link = here.accept();
  assert.equal(here.bytes(link, MAGIC.subarray(0, 2)), []);
  here.bytes(link, Buffer.from([0]));
  assert.is(here.closed(link), 'E_NOT_OURS');
});

test('a frame that is too long closes the link as soon as it says so', () => {
  const here = new TestRouter();
  const child = here.child('child');
  here.bytes(child, prefixOf(FRAME_BYTES_MAX + 1).subarray(0, 4));
  assert.is(here.closed(child), 'E_FRAME_TOO_LONG');
  const goodbye = here.sent(child).find(({ kind }) => kind === Kind.GOODBYE);
  assert.equal(errorOf(goodbye)?.values, { bytes: FRAME_BYTES_MAX + 1, max: FRAME_BYTES_MAX });
  assertLives(here);
});

test('before the handshake much less is too long', () => {
  const here = new TestRouter();
  const link = here.accept();
  here.bytes(link, MAGIC, prefixOf(HANDSHAKE_BYTES_MAX + 1));
  assert.is(here.closed(link), 'E_FRAME_TOO_LONG');
  assert.is(errorOf(here.sent(link)[0])?.values.max, HANDSHAKE_BYTES_MAX);
});

test('a frame that is shorter than its prefix, or than its head, closes the link', () => {
  for (const bad of [prefixOf(10), prefixOf(PREFIX_BYTES + 3, 4)]) {
    const here = new TestRouter();
    const child = here.child('child');
    here.bytes(child, bad, Buffer.alloc(100));
    assert.is(here.closed(child), 'E_FRAME_INVALID');
    assertLives(here);
  }
});

test('the frames before a bad one are passed on', () => {
  const here = new TestRouter();
  const a = here.child('a');
  const b = here.child('b');
  here.bytes(a, frameOf({ kind: Kind.MESSAGE, ...between('a:x', 'b:y') }), prefixOf(10));
  assert.is(here.sent(b).length, 1);
  assert.is(here.closed(a), 'E_FRAME_INVALID');
});

test('a frame that never ends is cut short with its link', () => {
  const here = new TestRouter();
  const child = here.child('child');
  assert.equal(here.bytes(child, prefixOf(1_000), Buffer.alloc(500)), []);
  here.input({ kind: 'closed', link: child, reason: 'reset' });
  assert.is(here.events('childDown').length, 1);
  assertLives(here);
});

test('whatever comes, on whatever link, the router lives', () => {
  const kinds = fc.oneof(fc.integer({ min: 0, max: 27 }), fc.nat({ max: 255 }));
  const keys = fc.constantFrom('here:mail', 'below:x', 'above:y', 'mail', 'nobody:z', 'here:');
  const frame = fc
    .record({
      kind: kinds,
      flags: fc.nat({ max: 255 }),
      hops: fc.nat({ max: 255 }),
      number: fc.nat({ max: 3 }),
      seed: fc.nat({ max: 2 }),
      timeout: fc.nat({ max: 0xffff }),
      from: keys,
      to: keys,
      head: fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.constant(null)),
      body: fc.uint8Array({ maxLength: 40 }),
    })
    .map(({ from, to, head, body, ...fields }) =>
      encodeFrame({ ...between(from, to), ...fields }, Buffer.from(head ?? []), Buffer.from(body)),
    );
  const garbage = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));
  const inputs = fc.array(
    fc.tuple(fc.nat({ max: 5 }), fc.oneof({ weight: 5, arbitrary: frame }, garbage)),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(inputs, (list) => {
      const here = new TestRouter('here', { parents: ['cd://parent:1'] });
      const links = [
        here.parent(),
        here.child('below'),
        here.child('beside', { services: ['mail'] }),
        here.program('mail').link,
        here.program().link,
        here.accept(),
      ];
      for (const [index, bytes] of list) {
        here.bytes(links[index] ?? 0, bytes);
        here.run(7);
      }
      here.run(5_000);
      assertLives(here);
    }),
    { numRuns: 300 },
  );
});

test('those who wait for their handshake are counted while they do, and no longer', () => {
  const here = new TestRouter();
  const links = Array.from({ length: UNAUTHENTICATED_MAX }, () => here.accept());
  here.bytes(links[0] ?? 0, MAGIC, here.hello(recordOf('child')));
  here.input({ kind: 'closed', link: links[1] ?? 0, reason: 'reset' });
  here.bytes(links[2] ?? 0, Buffer.from('GET '));
  const room = Array.from({ length: 3 }, () => here.accept());
  assert.is(here.router.opening.size, UNAUTHENTICATED_MAX);
  here.accept();
  assert.is(here.closed(links[3] ?? 0), 'E_BUSY', 'who has been silent for longest goes');
  assert.is(here.router.opening.size, UNAUTHENTICATED_MAX);
  assert.ok(room.every((link) => here.router.links.has(link)));
});

test('the node itself asks and answers like a program', () => {
  const here = new TestRouter();
  const child = here.child('child');
  here.bytes(child, frameOf({ kind: Kind.REQUEST, seed: 4, ...between('child:x', 'here:dagent') }));
  assert.is(here.sent(BUILTIN_LINK)[0]?.kind, Kind.REQUEST);
  const reply = { kind: Kind.REPLY, flags: 2, seed: 4, ...between('here:dagent', 'child:x') };
  here.bytes(BUILTIN_LINK, frameOf(reply, undefined, Buffer.alloc(500_000)));
  assert.is(here.sent(child)[0]?.body.length, 500_000);
  const ask = { kind: Kind.REQUEST, seed: 9, number: 1, ...between('here:dagent', 'child:x') };
  here.bytes(BUILTIN_LINK, frameOf(ask));
  assert.is(here.sent(child)[0]?.kind, Kind.REQUEST);
  const back = { kind: Kind.REPLY, flags: 2, seed: 9, number: 1 };
  here.bytes(child, frameOf({ ...back, ...between('child:x', 'here:dagent') }));
  assert.is(here.sent(BUILTIN_LINK)[0]?.kind, Kind.REPLY);
});

test('a wish to be woken is said when it changes, and at no other time', () => {
  const here = new TestRouter();
  const wakes = () => here.outputs.flatMap((each) => (each.kind === 'wake' ? [each.atMs] : []));
  const child = here.child('child');
  assert.is(wakes().length, 1);
  here.bytes(child, frameOf({ kind: Kind.PONG }));
  assert.equal(wakes(), []);
  const program = here.program('mail');
  const ask = { kind: Kind.REQUEST, timeout: 1, ...between('here:mail', 'child:x') };
  here.bytes(program.link, frameOf({ ...ask, number: 1 }), frameOf({ ...ask, number: 2 }));
  assert.ok(wakes().length <= 1);
  here.bytes(program.link, frameOf({ ...ask, number: 3 }));
  assert.equal(wakes(), []);
});

test('what is due is done in the step that comes late, whatever its input', () => {
  const here = new TestRouter();
  const child = here.child('child');
  here.nowMs += 100_000;
  here.input({ kind: 'congested', link: child, isCongested: true });
  assert.is(here.closed(child), 'E_HOLD_TIME');
});

test.run();
