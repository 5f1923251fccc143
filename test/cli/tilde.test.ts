import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TildeFilter } from '../../src/cli/tilde.ts';

/** What is sent of what is typed, piece by piece; `<` where it is left. */
function type(...pieces: readonly string[]): string {
  const filter = new TildeFilter();
  return pieces
    .map((piece) => filter.push(Buffer.from(piece)))
    .map(({ bytes, isLeaving }) => `${bytes}${isLeaving ? '<' : ''}`)
    .join('');
}

test('what is typed is sent as it is', () => {
  assert.is(type('ls ~/a.b', '\r', 'cd ~.\n'), 'ls ~/a.b\rcd ~.\n');
});

test('a tilde and a dot at the beginning of a line leave, also one after the other', () => {
  assert.is(type('~.'), '<');
  assert.is(type('ls\r~', '.rest'), 'ls\r<');
});

test('two tildes there are one, and another letter gets its tilde back', () => {
  assert.is(type('~~.\r'), '~.\r');
  assert.is(type('\r~', 'a'), '\r~a');
  assert.is(type('\r~\r~.'), '\r~\r<');
});

test.run();
