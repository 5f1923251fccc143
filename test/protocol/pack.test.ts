import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pack, unpack, unpackMap } from '../../src/protocol/pack.ts';

const json = fc.jsonValue({ noUnicodeString: false } as fc.JsonSharedConstraints);

test('what JSON can say is packed and unpacked', () => {
  fc.assert(
    fc.property(json, (value) => {
      const text = JSON.stringify(value);
      if (text.includes('__proto__')) return;
      assert.is(JSON.stringify(unpack(pack(value))), text);
    }),
    { numRuns: 500 },
  );
});

test('bytes stay bytes, and large integers numbers', () => {
  const bytes = Buffer.from([0, 1, 255]);
  const value = unpack(pack({ bytes, time: 1_700_000_000_000, below: -(2 ** 40) }));
  assert.equal(value, { bytes, time: 1_700_000_000_000, below: -(2 ** 40) });
});

test('an absent value is packed as null', () => {
  assert.equal(unpack(pack({ a: undefined, b: [undefined] })), { a: null, b: [null] });
});

test('maps are maps on the wire: nothing of ours that others could not read', () => {
  assert.is(pack({ a: 1 }).toString('hex'), 'de0001a16101');
});

test('a packed value does not change when others are packed after it', () => {
  const first = pack({ text: 'x'.repeat(100) });
  const copy = Buffer.from(first);
  for (let count = 0; count < 1000; count++) pack({ text: 'y'.repeat(100) });
  assert.ok(first.equals(copy));
});

test('random bytes never make it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (array) => {
      unpack(Buffer.from(array));
      assert.type(unpackMap(Buffer.from(array)), 'object');
    }),
    { numRuns: 5000 },
  );
});

test('a packed value with bytes changed never makes it throw', () => {
  const places = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 5 });
  fc.assert(
    fc.property(json, places, (value, changes) => {
      const bytes = Buffer.from(pack(value));
      for (const [place, byte] of changes) bytes[place % bytes.length] = byte;
      unpack(bytes);
    }),
    { numRuns: 2000 },
  );
});

test('a map never reaches the prototype of objects', () => {
  const evil = Buffer.from('81a95f5f70726f746f5f5f81a8706f6c6c7574656401', 'hex');
  const value = unpackMap(evil);
  assert.is(Object.getPrototypeOf(value), Object.prototype);
  assert.is(({} as Record<string, unknown>).polluted, undefined);
  assert.is(value.polluted, undefined);
});

const HOSTILE: readonly (readonly [string, Buffer])[] = [
  ['an array that says it has four billion elements', Buffer.from('ddffffffff', 'hex')],
  [
    'arrays of thirty million elements within each other',
    Buffer.from('dd01ffffff'.repeat(1000), 'hex'),
  ],
  ['a map that says it has four billion entries', Buffer.from('dfffffffff', 'hex')],
  ['a string that is longer than all there is', Buffer.from('dbffffffff61', 'hex')],
  ['bytes that are more than all there is', Buffer.from('c6ffffffff61', 'hex')],
  ['an extension that is longer than all there is', Buffer.from('c9ffffffff0161', 'hex')],
  ['arrays within arrays, sixty thousand deep', Buffer.alloc(60_000, 0x91)],
  ['maps within maps, twenty thousand deep', Buffer.from('81a161'.repeat(20_000), 'hex')],
  ['nothing', Buffer.alloc(0)],
  ['the byte that is never used', Buffer.from('c1', 'hex')],
  ['two values', Buffer.from('0102', 'hex')],
];

for (const [what, bytes] of HOSTILE) {
  test(`${what}: no exception, and no memory to speak of`, () => {
    const before = process.memoryUsage().rss;
    unpack(bytes);
    assert.equal(unpackMap(bytes), {});
    assert.ok(process.memoryUsage().rss - before < 100_000_000);
  });
}

test('one message cannot change how the next is read', () => {
  // A record definition, an extension of this library, would give the numbers from 64 on a meaning.
  const definition = Buffer.from('d4724091a16101', 'hex');
  unpack(definition);
  assert.is(unpack(Buffer.from('40', 'hex')), 64);
  assert.equal(unpack(pack([64, 65, 127])), [64, 65, 127]);
});

test.run();
