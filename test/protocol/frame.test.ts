import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { viewOf } from '../../src/base/view.ts';
import {
  At,
  bodyOf,
  decodeHeader,
  decodeTimeoutMs,
  encodeFrame,
  encodeTimeout,
  Flag,
  headOf,
  Kind,
  MAGIC,
  PREFIX_BYTES,
  ROUTED_KIND_MIN,
  readHeader,
  readNodeKey,
} from '../../src/protocol/frame.ts';
import { HOPS_MAX, REQUEST_MS_DEFAULT, REQUEST_MS_MAX } from '../../src/protocol/limits.ts';
import { measureFrame } from '../../src/protocol/splitter.ts';

const u8 = fc.nat({ max: 0xff });
const u16 = fc.nat({ max: 0xffff });
const u32 = fc.nat({ max: 0xffff_ffff });
const nodeKey = fc.nat({ max: 0xffff_ffff_ffff });
const header = fc.record({
  kind: u8,
  flags: u8,
  hops: u8,
  channel: u8,
  toNode: nodeKey,
  toService: u32,
  fromNode: nodeKey,
  fromService: u32,
  seed: u32,
  number: u32,
  timeout: u16,
});
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));

test('a frame is laid out as documented', () => {
  const frame = encodeFrame(
    {
      kind: Kind.REQUEST,
      flags: Flag.REPORT,
      hops: 9,
      channel: 2,
      toNode: 0x0000_1234_5678_9abc,
      toService: 0x11111111,
      fromNode: 0x0000_cba9_8765_4321,
      fromService: 0x22222222,
      seed: 0x33333333,
      number: 0x44444444,
      timeout: 0x5555,
    },
    Buffer.from('head'),
    Buffer.from('body!'),
  );
  const layout = [
    '00000031', // length: 40 bytes of prefix, 4 of head, 5 of body
    '11', // kind
    '01', // flags
    '09', // hop limit
    '02', // channel
    '0000123456789abc', // destination node
    '11111111', // destination service
    '22222222', // source service
    '0000cba987654321', // source node
    '33333333', // id: seed
    '44444444', // id: number
    '0004', // head length
    '5555', // timeout
    Buffer.from('headbody!').toString('hex'),
  ];
  assert.is(frame.toString('hex'), layout.join(''));
});

test('what is encoded is decoded, whatever it is', () => {
  fc.assert(
    fc.property(header, bytes, bytes, (fields, head, body) => {
      const frame = encodeFrame(fields, head, body);
      assert.equal(decodeHeader(frame), { ...fields });
      assert.ok(headOf(frame).equals(head));
      assert.ok(bodyOf(frame).equals(body));
      assert.is(measureFrame(frame, 0), frame.length);
      assert.is(frame.length, PREFIX_BYTES + head.length + body.length);
    }),
  );
});

test('a header is read at its offset within a run', () => {
  const first = encodeFrame({ kind: Kind.PING }, Buffer.from('x'));
  const second = encodeFrame({ kind: Kind.PONG, number: 7, toNode: 99 });
  const run = Buffer.concat([first, second]);
  assert.is(readHeader(viewOf(run), first.length).kind, Kind.PONG);
  assert.is(readHeader(viewOf(run), first.length).number, 7);
  assert.is(readNodeKey(viewOf(run), first.length + At.TO_NODE), 99);
  assert.is(measureFrame(run, first.length), second.length);
});

test('a frame starts with all its hops, and asks for the usual time', () => {
  const fresh = decodeHeader(encodeFrame({ kind: Kind.REQUEST }));
  assert.is(fresh.hops, HOPS_MAX);
  assert.is(decodeTimeoutMs(fresh.timeout), REQUEST_MS_DEFAULT);
});

test('head and body are views into the frame', () => {
  const frame = encodeFrame({ kind: Kind.MESSAGE }, Buffer.from('head'), Buffer.from('body'));
  assert.is(headOf(frame).buffer, frame.buffer);
  assert.is(bodyOf(frame).buffer, frame.buffer);
});

test('the kinds are all different, and fit their byte', () => {
  const kinds = Object.values(Kind);
  assert.is(new Set(kinds).size, kinds.length);
  assert.ok(kinds.every((kind) => kind > 0 && kind <= 0xff));
});

test('the numbers on the wire are those of version 1', () => {
  assert.equal([...MAGIC], [0xda, 0x9e, 0x47, 0x01]);
  assert.is(ROUTED_KIND_MIN, 16);
  const wire = [Kind.HELLO, Kind.WELCOME, Kind.REFUSE, Kind.MESSAGE, Kind.REQUEST, Kind.REPLY];
  assert.equal(wire, [1, 2, 3, 16, 17, 18]);
});

const TIMEOUTS: readonly (readonly [number, number])[] = [
  [0, 100],
  [1, 100],
  [100, 100],
  [101, 200],
  [30_000, 30_000],
  [6_553_400, 6_553_400],
  [6_553_401, REQUEST_MS_MAX],
  [REQUEST_MS_MAX, REQUEST_MS_MAX],
  [REQUEST_MS_MAX * 10, REQUEST_MS_MAX],
];

for (const [askedMs, givenMs] of TIMEOUTS) {
  test(`who asks for ${askedMs} ms gets ${givenMs} ms`, () => {
    assert.is(decodeTimeoutMs(encodeTimeout(askedMs)), givenMs);
  });
}

test('nobody gets less time than was asked for, up to the longest there is', () => {
  fc.assert(
    fc.property(fc.nat({ max: REQUEST_MS_MAX }), (askedMs) => {
      assert.ok(decodeTimeoutMs(encodeTimeout(askedMs)) >= askedMs);
    }),
  );
});

const MEASURED: readonly (readonly [string, string, unknown])[] = [
  ['nothing', '', 0],
  ['three bytes of the length', '000000', 0],
  ['a length, and no more', '00000028', 0],
  ['a length below the prefix', '00000027', 'E_FRAME_INVALID'],
  ['a length of zero', '00000000', 'E_FRAME_INVALID'],
  ['the largest length', 'ffffffff', 'E_FRAME_TOO_LONG'],
  ['the text GET', Buffer.from('GET ').toString('hex'), 'E_FRAME_TOO_LONG'],
];

for (const [what, hex, expected] of MEASURED) {
  test(`${what} measures ${expected}`, () => {
    const measured = measureFrame(Buffer.from(hex, 'hex'), 0);
    assert.is(typeof measured === 'number' ? measured : measured.code, expected);
  });
}

test('a head that is longer than its frame is E_FRAME_INVALID', () => {
  const frame = encodeFrame({ kind: Kind.MESSAGE }, Buffer.alloc(4), Buffer.alloc(4));
  frame.writeUInt16BE(8, At.HEAD_LENGTH);
  assert.is(measureFrame(frame, 0), frame.length);
  frame.writeUInt16BE(9, At.HEAD_LENGTH);
  const fault = measureFrame(frame, 0);
  assert.ok(typeof fault !== 'number' && fault.code === 'E_FRAME_INVALID');
});

test('random bytes never make it throw', () => {
  fc.assert(
    fc.property(bytes, fc.nat({ max: 50 }), (random, offset) => {
      const measured = measureFrame(random, Math.min(offset, random.length));
      if (typeof measured === 'number' && measured > 0) readHeader(viewOf(random), offset);
    }),
    { numRuns: 1000 },
  );
});

test.run();
