import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  addRange,
  createRanges,
  hasNumber,
  nextAbsent,
  removeNumber,
} from '../../src/base/ranges.ts';

const NUMBERS_MAX = 40;

test('ranges are a set, whatever is added and removed', () => {
  const number = fc.integer({ min: 1, max: NUMBERS_MAX });
  const change = fc.tuple(fc.boolean(), number, fc.integer({ min: 0, max: 5 }));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const ranges = createRanges();
      const set = new Set<number>();
      for (const [isAdded, first, more] of changes) {
        if (isAdded) {
          addRange(ranges, first, first + more);
          for (let each = first; each <= first + more; each++) set.add(each);
        } else {
          removeNumber(ranges, first);
          set.delete(first);
        }
      }
      const all = Array.from({ length: NUMBERS_MAX + 10 }, (_, index) => index + 1);
      assert.equal(
        all.filter((each) => hasNumber(ranges, each)),
        all.filter((each) => set.has(each)),
      );
      for (const each of all) {
        const next = nextAbsent(ranges, each);
        assert.is(
          next,
          [...all, Number.NaN].find((at) => at >= each && !set.has(at)),
        );
      }
      const { bounds } = ranges;
      assert.ok(bounds.every((each, at) => at % 2 === 1 || at === 0 || each > bounds[at - 1]! + 1));
    }),
  );
});

test('what is numbered in order is one range', () => {
  const ranges = createRanges();
  for (let number = 1; number <= 1_000; number++) addRange(ranges, number, number);
  assert.equal(ranges.bounds, [1, 1_000]);
});

test.run();
