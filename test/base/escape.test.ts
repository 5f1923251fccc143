import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { escapeForTerminal, escapeLine } from '../../src/base/escape.ts';

const ESCAPED: readonly (readonly [string, string, string])[] = [
  ['plain text', 'plain text', 'plain text'],
  ['ünïcödé 漢字 🚀', 'ünïcödé 漢字 🚀', 'ünïcödé 漢字 🚀'],
  ['tab\tand\nnewline', 'tab\tand\nnewline', 'tab\\tand\\nnewline'],
  ['\x1b[2J', '\\x1b[2J', '\\x1b[2J'],
  ['\x1b]0;title\x07', '\\x1b]0;title\\x07', '\\x1b]0;title\\x07'],
  ['over\rwritten', 'over\\x0dwritten', 'over\\x0dwritten'],
  ['\u009b31m', '\\x9b31m', '\\x9b31m'],
  ['\x7f\x00', '\\x7f\\x00', '\\x7f\\x00'],
  ['user\u202etxt.exe', 'user\\u202etxt.exe', 'user\\u202etxt.exe'],
  ['\u2066isolated\u2069', '\\u2066isolated\\u2069', '\\u2066isolated\\u2069'],
];

for (const [text, escaped, line] of ESCAPED) {
  test(`${JSON.stringify(text)} is harmless when shown`, () => {
    assert.is(escapeForTerminal(text), escaped);
    assert.is(escapeLine(text), line);
  });
}

test('nothing that a terminal acts on passes, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.not.match(escapeForTerminal(text), /[^\P{Cc}\t\n]/u);
      assert.not.match(escapeForTerminal(text), /\p{Bidi_Control}/u);
      assert.not.match(escapeLine(text), /\p{Cc}/u);
    }),
    { numRuns: 1000 },
  );
});

test('what is escaped already stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const once = escapeLine(text);
      assert.is(escapeLine(once), once);
    }),
  );
});

test.run();
