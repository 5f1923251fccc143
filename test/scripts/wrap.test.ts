import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { wrapComments } from '../../scripts/checks/wrap.ts';

const WORD = 'word '.repeat(19).trim(); // 94 characters

test('a line that fits stays', () => {
  const lines = ['/** Short. */', `// ${WORD}`, 'const a = 1;'];
  assert.equal(wrapComments(lines), lines);
});

test('a comment of one line becomes one of several', () => {
  assert.equal(wrapComments([`/** ${WORD} and more. */`]), [
    '/**',
    ` * ${WORD}`,
    ' * and more.',
    ' */',
  ]);
});

test('what overflows begins the next line of the paragraph', () => {
  const lines = ['/**', ` * ${WORD} and more`, ' * of it.', ' */'];
  assert.equal(wrapComments(lines), ['/**', ` * ${WORD}`, ' * and more of it.', ' */']);
});

test('what overflows does not run into a list, a tag or a new paragraph', () => {
  for (const next of [' * - item', ' *', ' * @see x']) {
    const wrapped = wrapComments([` * ${WORD} and more`, next]);
    assert.equal(wrapped, [` * ${WORD}`, ' * and more', next]);
  }
});

test('comments in a shell script and at the end of a block are wrapped too', () => {
  assert.equal(wrapComments([`# ${WORD}s and more`]), [`# ${WORD}s`, '# and more']);
  assert.equal(wrapComments([`  // ${WORD} and more`, 'a();']), [
    `  // ${WORD}`,
    '  // and more',
    'a();',
  ]);
});

test('code, drawings and words without a blank stay as they are', () => {
  const lines = [`const a = '${WORD} and more';`, ` *   ${WORD} and more`, `// ${'x'.repeat(120)}`];
  assert.equal(wrapComments(lines), lines);
});

test.run();
