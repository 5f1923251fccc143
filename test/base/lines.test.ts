import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createLineSplitter } from '../../src/base/lines.ts';

/** The lines of the chunks, each as text of one byte per character. */
function linesOf(chunks: readonly Buffer[], bytesMax?: number): string[] {
  const lines: string[] = [];
  const splitter = createLineSplitter((line) => lines.push(line.toString('latin1')), bytesMax);
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return lines;
}

test('lines keep their ends, and the last may have none', () => {
  assert.equal(linesOf([Buffer.from('a\n\nb')]), ['a\n', '\n', 'b']);
  assert.equal(linesOf([Buffer.from('a\n')]), ['a\n']);
  assert.equal(linesOf([]), []);
});

test('a line that comes in pieces is put together', () => {
  assert.equal(linesOf(['on', 'e', '\ntw', 'o\n'].map((text) => Buffer.from(text))), [
    'one\n',
    'two\n',
  ]);
});

test('what has no line end is handed over when it is long enough', () => {
  const chunks = Array.from({ length: 10 }, () => Buffer.from('xxx'));
  assert.equal(linesOf(chunks, 8), ['xxxxxxxxx', 'xxxxxxxxx', 'xxxxxxxxx', 'xxx']);
});

test('any bytes in any pieces come through, and every line but the last has one end', () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 20 });
  fc.assert(
    fc.property(chunks, (arrays) => {
      const buffers = arrays.map((array) => Buffer.from(array.map((byte) => byte % 16)));
      const lines = linesOf(buffers);
      assert.is(lines.join(''), Buffer.concat(buffers).toString('latin1'));
      for (const line of lines.slice(0, -1)) assert.is(line.indexOf('\n'), line.length - 1);
    }),
    { numRuns: 500 },
  );
});

test.run();
