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

test('the head takes what its room allows, and says what that is', () => {
  const both = new HeadTail(4);
  assert.equal(
    ['a', 'bc', 'd'].map((text) => String(both.push(Buffer.from(text)))),
    ['a', 'b', ''],
  );
});

test('lines are left whole, where they end near the cut', () => {
  const words = 'one\ntwo\nthree\nfour\nfive\nsix\n';
  const { head, omittedBytes, tail } = keep(20, [Buffer.from(words)]);
  assert.equal([String(head), omittedBytes, String(tail)], ['one\ntwo\n', 11, 'five\nsix\n']);
});

test('what is cut exactly at the end of a line loses no other one', () => {
  const { head, omittedBytes, tail } = keep(8, ['a\nb\nc\n', 'd\ne\nf\n'].map(Buffer.from));
  assert.equal([String(head), omittedBytes, String(tail)], ['a\nb\n', 4, 'e\nf\n']);
});

test('a long line is cut, but half of what is wanted is always kept', () => {
  const long = Buffer.from(`a\n${'x'.repeat(50)}\nb\n`);
  const { head, tail } = keep(20, [long]);
  assert.equal([String(head), String(tail)], ['a\nxxxxxxxx', 'xxxxxxx\nb\n']);
  const large = Buffer.from(`a\n${'x'.repeat(100_000)}\nb\n`);
  assert.is(keep(40_000, [large]).head.length, 20_000);
});

test('the beginning of a line waits for its end near the cut only', () => {
  const both = new HeadTail(20);
  const push = (text: string): string => String(both.push(Buffer.from(text)));
  assert.equal(['abc', 'def', 'g\n', 'hij'].map(push), ['abc', 'de', 'fg\n', '']);
  assert.is(`${both.kept.head}${both.kept.tail}`, 'abcdefg\nhij');
  assert.equal([push('k'.repeat(30)), String(both.kept.head)], ['', 'abcdefg\n']);
});

test('what was left out elsewhere lies between head and tail', () => {
  const both = new HeadTail(20);
  both.push(Buffer.from('abcdef'));
  assert.is(String(both.skip(1_000)), 'f');
  both.push(Buffer.from('gh\nij\n'));
  const { head, omittedBytes, tail } = both.kept;
  assert.equal([String(head), omittedBytes, String(tail)], ['abcdef', 1_000, 'gh\nij\n']);
  both.skip(1);
  both.push(Buffer.from('kl\n'));
  assert.equal([both.kept.omittedBytes, String(both.kept.tail)], [1_007, 'kl\n']);
});

const texts = fc.array(fc.string({ unit: fc.constantFrom('x', '\n'), maxLength: 30 }), {
  maxLength: 200,
});

test('however it is cut, beginning and end are right, and nothing is lost uncounted', () => {
  fc.assert(
    fc.property(fc.nat(64), texts, (bytesMax, all) => {
      const whole = Buffer.from(all.join(''));
      const both = new HeadTail(bytesMax);
      const told = Buffer.concat(all.map((text) => both.push(Buffer.from(text))));
      const { head, omittedBytes, tail } = both.kept;
      assert.ok(told.equals(head));
      assert.is(head.length + omittedBytes + tail.length, whole.length);
      assert.ok(whole.subarray(0, head.length).equals(head));
      assert.ok(whole.subarray(whole.length - tail.length).equals(tail));
      assert.ok(head.length + tail.length <= bytesMax);
      if (whole.length <= bytesMax) assert.is(omittedBytes, 0);
      else assert.ok(head.length + tail.length >= bytesMax / 2);
      if (omittedBytes > 0) assert.equal(both.kept, keep(bytesMax, [whole]));
    }),
  );
});

test('a stream of which all lines are short loses whole lines only', () => {
  const lines = fc.array(fc.string({ unit: fc.constant('x'), maxLength: 14 }), { minLength: 30 });
  fc.assert(
    fc.property(fc.integer({ min: 62, max: 300 }), lines, (bytesMax, all) => {
      const whole = Buffer.from(`${all.join('\n')}\n`);
      const { head, omittedBytes, tail } = keep(bytesMax, [whole]);
      if (omittedBytes === 0) return;
      assert.is(head.at(-1), 0x0a);
      const [before] = whole.subarray(head.length + omittedBytes - 1);
      assert.is(before, 0x0a);
      assert.is(tail.at(-1), 0x0a);
    }),
  );
});

test.run();
