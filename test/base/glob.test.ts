import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { matchesGlob } from '../../src/base/glob.ts';

test('a star is any characters, a question mark is one', () => {
  for (const [pattern, text] of [
    ['*', ''],
    ['web*', 'web'],
    ['web*', 'web1:orders'],
    ['*:orders', 'web1:orders'],
    ['w?b1', 'web1'],
    ['*1*1', 'web11'],
    ['a*b*c', 'a-b-b-c'],
    ['', ''],
  ] as const) {
    assert.ok(matchesGlob(pattern, text), `${pattern} ${text}`);
  }
  for (const [pattern, text] of [
    ['', 'a'],
    ['?', ''],
    ['web', 'web1'],
    ['*b', 'abc'],
    ['a*b*c', 'a-c-b'],
    ['w.b1', 'web1'],
  ] as const) {
    assert.not.ok(matchesGlob(pattern, text), `${pattern} ${text}`);
  }
});

test('it says the same as a regular expression', () => {
  const letters = (all: string) =>
    fc.array(fc.constantFrom(...all), { maxLength: 12 }).map((each) => each.join(''));
  fc.assert(
    fc.property(letters('ab*?'), letters('ab'), (pattern, text) => {
      const source = pattern.replaceAll('*', '.*').replaceAll('?', '.');
      assert.is(matchesGlob(pattern, text), new RegExp(`^${source}$`).test(text));
    }),
    { numRuns: 1_000 },
  );
});

test('many stars against a long text that does not fit take no time to speak of', () => {
  const steps = 'a*'.repeat(200);
  assert.not.ok(matchesGlob(`${steps}b`, 'a'.repeat(20_000)));
});

test.run();
