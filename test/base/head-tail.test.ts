import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HeadTail } from '../../src/base/head-tail.ts';

function keep(bytesMax: number, pieces: readonly Buffer[]) {
  const both = new HeadTail(bytesMax);
  for (const piece of pieces) both.push(piece);
  return both.kept;
}

test('what fits is kept whole', () => {
  const { head, omittedBytes, tail } = keep(8, [Buffer.from('abc'), Buffer.from('defgh')]);
  assert.is(`${head}${tail}`, 'abcdefgh');
  assert.is(omittedBytes, 0);
});

test('of what does not fit the middle is left out, and counted', () => {
  const { head, omittedBytes, tail } = keep(4, [Buffer.from('abc'), Buffer.from('defgh')]);
  assert.equal([String(head), omittedBytes, String(tail)], ['ab', 4, 'gh']);
});

test('the head takes what its room allows, and says so', () => {
  const both = new HeadTail(4);
  assert.equal(
    ['a', 'bc', 'd'].map((text) => both.push(Buffer.from(text))),
    [1, 1, 0],
  );
});

test('however it is cut, beginning and end are right, and nothing is lost uncounted', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 200 });
  fc.assert(
    fc.property(fc.nat(64), pieces, (bytesMax, all) => {
      const whole = Buffer.concat(all);
      const { head, omittedBytes, tail } = keep(bytesMax, all.map(Buffer.from));
      assert.is(head.length + omittedBytes + tail.length, whole.length);
      assert.ok(whole.subarray(0, head.length).equals(head));
      assert.ok(whole.subarray(whole.length - tail.length).equals(tail));
      assert.is(head.length + tail.length, Math.min(bytesMax, whole.length));
    }),
  );
});

test.run();
