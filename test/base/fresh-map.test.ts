import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FreshMap } from '../../src/base/fresh-map.ts';

test('it holds what a map holds, in the same order, whatever is done to both', () => {
  const step = fc.tuple(fc.constantFrom('set', 'delete', 'delete', 'set', 'clear'), fc.nat(60));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 1_000 }), (steps) => {
      const fresh = new FreshMap<number, number>();
      const map = new Map<number, number>();
      for (const [at, [what, key]] of steps.entries()) {
        // Seldom: else it would never hold much.
        if (what === 'clear' && key === 0) {
          fresh.clear();
          map.clear();
        } else if (what === 'set') {
          fresh.set(key, at);
          map.set(key, at);
        } else if (what === 'delete') assert.is(fresh.delete(key), map.delete(key));
        assert.is(fresh.get(key), map.get(key));
        assert.is(fresh.has(key), map.has(key));
        assert.is(fresh.size, map.size);
      }
      assert.equal([...fresh], [...map]);
      assert.equal([...fresh.keys()], [...map.keys()]);
      assert.equal([...fresh.values()], [...map.values()]);
    }),
  );
});

test('all are seen once when each is deleted while one goes through them', () => {
  const fresh = new FreshMap<number, number>();
  for (let n = 0; n < 1_000; n++) fresh.set(n, n);
  const seen: number[] = [];
  for (const n of fresh.values()) {
    seen.push(n);
    fresh.delete(n);
  }
  assert.equal(seen, [...Array(1_000).keys()]);
  assert.is(fresh.size, 0);
});

test.run();
