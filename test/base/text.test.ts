import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeData, toText } from '../../src/base/text.ts';

const TEXTS: readonly (readonly [unknown, string])[] = [
  ['text', 'text'],
  ['', ''],
  [undefined, ''],
  [null, ''],
  [0, '0'],
  [false, 'false'],
  [7n, '7'],
  [['a', 1], 'a,1'],
  [{ toString: 1, valueOf: 2 }, ''],
  [Object.create(null), ''],
  [Symbol('s'), 'Symbol(s)'],
];

for (const [value, text] of TEXTS) {
  test(`the text of ${typeof value} is ${JSON.stringify(text)}`, () => {
    assert.is(toText(value), text);
  });
}

test('whatever comes, there is a text and no exception', () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true, withMap: true, withDate: true }), (value) =>
      assert.type(toText(value), 'string'),
    ),
  );
});

test('data are a text where they are one, and in base64 otherwise', () => {
  assert.equal(encodeData(Buffer.from('ü\ufffd')), { data: 'ü\ufffd' });
  assert.equal(encodeData(Buffer.from([0xff, 0x00])), { data: '/wA=', enc: 'base64' });
  assert.equal(encodeData(Buffer.alloc(0)), { data: '' });
});

test.run();
