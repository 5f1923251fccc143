import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  DUPLICATE_MS,
  DUPLICATE_NUMBERS,
  DUPLICATE_SENDERS_MAX,
} from '../../src/protocol/limits.ts';
import { createDuplicates, isFirst } from '../../src/router/duplicates.ts';

test('each number of each sender is new once, in whatever order they come', () => {
  const number = fc.integer({ min: 0, max: DUPLICATE_NUMBERS - 1 });
  const start = fc.constantFrom(0, 1, 1_000_000, 2 ** 31 - 40, 2 ** 32 - 700, 2 ** 32 - 5);
  fc.assert(
    fc.property(start, fc.array(number, { maxLength: 200 }), (begin, offsets) => {
      const duplicates = createDuplicates();
      const seen = new Set<number>();
      // What came before the first one is old, or not: here all are of one window.
      isFirst(duplicates, 1, begin, 0);
      for (const offset of offsets) {
        const each = (begin + 1 + offset) >>> 0;
        assert.is(isFirst(duplicates, 1, each, 0), !seen.has(each), `${begin} ${offset}`);
        seen.add(each);
      }
    }),
  );
});

test('a sender may leave out as many numbers as it likes', () => {
  const gap = fc.integer({ min: 1, max: 2 ** 31 - 1 });
  fc.assert(
    fc.property(fc.array(gap, { maxLength: 50 }), (gaps) => {
      const duplicates = createDuplicates();
      let number = 7;
      for (const each of gaps) {
        number = (number + each) >>> 0;
        assert.ok(isFirst(duplicates, 1, number, 0));
        assert.not.ok(isFirst(duplicates, 1, number, 0));
      }
    }),
  );
});

test('what is older than the window counts as seen', () => {
  const duplicates = createDuplicates();
  assert.ok(isFirst(duplicates, 1, 5_000, 0));
  assert.ok(isFirst(duplicates, 1, 5_000 - DUPLICATE_NUMBERS + 1, 0));
  assert.not.ok(isFirst(duplicates, 1, 5_000 - DUPLICATE_NUMBERS, 0));
});

test('the numbers of one sender say nothing of those of another', () => {
  const duplicates = createDuplicates();
  for (const sender of [1, 2, 2 ** 52]) assert.ok(isFirst(duplicates, sender, 9, 0));
});

test('a sender is remembered for a time after it was last heard of, and not much longer', () => {
  const duplicates = createDuplicates();
  isFirst(duplicates, 1, 100, 0);
  assert.not.ok(isFirst(duplicates, 1, 100, DUPLICATE_MS - 1));
  assert.not.ok(isFirst(duplicates, 1, 100, 2 * DUPLICATE_MS - 2));
  assert.ok(isFirst(duplicates, 1, 100, 5 * DUPLICATE_MS));
});

test('of too many senders those are forgotten that were not heard of for longest', () => {
  const duplicates = createDuplicates();
  isFirst(duplicates, 1, 1, 0);
  for (let sender = 2; sender <= DUPLICATE_SENDERS_MAX; sender++) isFirst(duplicates, sender, 1, 0);
  assert.not.ok(isFirst(duplicates, 1, 1, 0), 'there is room for so many');
  for (let sender = 1; sender <= 4 * DUPLICATE_SENDERS_MAX; sender++) {
    isFirst(duplicates, -sender, 1, 0);
    if (sender % 100 === 0) isFirst(duplicates, 2, 1, 0);
    assert.ok(duplicates.recent.size + duplicates.former.size <= 2 * DUPLICATE_SENDERS_MAX);
  }
  assert.not.ok(isFirst(duplicates, 2, 1, 0), 'who speaks is remembered');
  assert.ok(isFirst(duplicates, 1, 1, 0));
});

test.run();
