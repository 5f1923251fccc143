import { test } from 'uvu';
import * as check from 'uvu/assert';
import { AssertionFailed, assert, assertNever } from '../../src/base/assert.ts';

test('a condition that holds passes', () => {
  assert(true, 'truth holds');
  assert(1, 'what is not false holds');
});

test('one that does not hold throws, and says which invariant it is', () => {
  check.throws(
    () => assert(false, 'a queue is never negative'),
    (error: unknown) =>
      error instanceof AssertionFailed && error.message.includes('a queue is never negative'),
  );
});

test('a kind that nobody handles is named', () => {
  check.throws(() => assertNever({ kind: 'unheard' } as never), /unheard/);
});

test.run();
