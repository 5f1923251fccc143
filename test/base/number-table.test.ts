import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NumberTable } from '../../src/base/number-table.ts';

type Step = ['set' | 'delete' | 'get', number] | ['clear', 0];

/** Numbers as askers count them, and such as share their low bits. */
const number = fc.oneof(
  fc.nat(40),
  fc.nat(40).map((n) => n * 4096),
  fc.nat(40).map((n) => 2 ** 32 - 1 - n),
);
const steps = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: fc.tuple(fc.constantFrom('set', 'delete', 'get'), number) },
    { weight: 1, arbitrary: fc.constant(['clear', 0]) },
  ),
  { maxLength: 300 },
) as fc.Arbitrary<Step[]>;

test('it holds what a map holds, whatever is done to both', () => {
  fc.assert(
    fc.property(steps, (doings) => {
      const table = new NumberTable<{ at: number }>();
      const map = new Map<number, { at: number }>();
      for (const [at, [what, key]] of doings.entries()) {
        if (what === 'set') {
          table.set(key, { at });
          map.set(key, { at });
        } else if (what === 'delete') {
          assert.is(table.delete(key), map.delete(key));
        } else if (what === 'clear') {
          table.clear();
          map.clear();
        }
        assert.equal(table.get(key), map.get(key));
        assert.is(table.has(key), map.has(key));
        assert.is(table.size, map.size);
      }
      const sorted = (entries: Iterable<[number, { at: number }]>) =>
        [...entries].sort(([a], [b]) => a - b);
      assert.equal(sorted(table), sorted(map));
      assert.equal(table.keys().sort(), [...map.keys()].sort());
      assert.is(table.values().length, map.size);
    }),
  );
});

test('what is deleted while it is gone through was still seen, and is gone after', () => {
  const table = new NumberTable<object>();
  for (let n = 0; n < 100; n++) table.set(n, {});
  let count = 0;
  for (const [n] of table) {
    count++;
    table.delete(n);
  }
  assert.is(count, 100);
  assert.is(table.size, 0);
});

test('numbers that share all low bits are found as well', () => {
  const table = new NumberTable<{ n: number }>();
  for (let n = 0; n < 1000; n++) table.set(n * 2 ** 20, { n });
  for (let n = 0; n < 1000; n++) assert.is(table.get(n * 2 ** 20)?.n, n);
  assert.is(table.size, 1000);
});

test.run();
