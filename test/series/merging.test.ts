import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Series } from '../../src/protocol/series.ts';
import { MergedSeries } from '../../src/series/merging.ts';
import { addDuration, timingOf } from '../../src/series/timing.ts';

const base = fc.record({
  name: fc.constantFrom('a', 'b'),
  unit: fc.constantFrom('', 'ms'),
  doc: fc.constantFrom('', 'One.', 'Two.'),
});
const counter = fc.record({
  kind: fc.constant('counter' as const),
  total: fc.nat(),
  perMinute: fc.option(fc.nat()),
});
const gauge = fc
  .record({ value: fc.integer(), ageMs: fc.nat({ max: 3 }) })
  .map(({ value, ageMs }) => {
    const ends = { count: 1, sum: value, min: value, max: value };
    return { kind: 'gauge' as const, value, ageMs, ...ends };
  });
const timing = fc.array(fc.nat(), { minLength: 1, maxLength: 9 }).map(([first = 0, ...rest]) => {
  const made = timingOf(first);
  for (const value of rest) addDuration(made, value);
  return { kind: 'timing' as const, timing: made };
});
const series: fc.Arbitrary<Series> = fc
  .tuple(base, fc.oneof(counter, gauge, timing))
  .map(([named, figures]) => ({ ...named, ...figures }));
const lists = fc.array(series, { maxLength: 12 });

function merge(...sources: readonly Iterable<Series>[]): Series[] {
  const merged = new MergedSeries(100);
  for (const source of sources) merged.addAll(source);
  const keyOf = ({ name, kind, unit }: Series) => `${name} ${kind} ${unit}`;
  return [...merged.list()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

test('merging is the same in any grouping and any order', () => {
  fc.assert(
    fc.property(lists, lists, lists, (a, b, c) => {
      const all = merge(a, b, c);
      assert.equal(merge(merge(a, b), c), all);
      assert.equal(merge(a, merge(b, c)), all);
      assert.equal(merge(c, a, b), all);
    }),
  );
});

test('what is merged is apart from what it is made of', () => {
  fc.assert(
    fc.property(lists, lists, (a, b) => {
      const before = structuredClone([a, b]);
      merge(a, b);
      assert.equal([a, b], before);
    }),
  );
});

test('of gauges there are the newest, the sum and both ends', () => {
  const level = (value: number, ageMs: number): Series => {
    const ends = { count: 1, sum: value, min: value, max: value };
    return { name: 'depth', unit: '', doc: '', kind: 'gauge', value, ageMs, ...ends };
  };
  const [merged] = merge([level(7, 90), level(2, 10), level(4, 50)]);
  const figures = { value: 2, ageMs: 10, count: 3, sum: 13, min: 2, max: 7 };
  assert.equal(merged, { name: 'depth', unit: '', doc: '', kind: 'gauge', ...figures });
});

test('a name that is a counter here and a gauge there is two series', () => {
  const one: Series = { name: 'x', unit: '', doc: '', kind: 'counter', total: 1, perMinute: 1 };
  const ends = { count: 1, sum: 1, min: 1, max: 1 };
  const other: Series = { ...one, kind: 'gauge', value: 1, ageMs: 0, ...ends };
  assert.is(merge([one], [other]).length, 2);
  assert.is(merge([one], [{ ...one, unit: 'ms' }]).length, 2);
});

test('series beyond the bound are left out and counted', () => {
  const merged = new MergedSeries(2);
  for (const name of ['a', 'b', 'c', 'd', 'a']) {
    merged.add({ name, unit: '', doc: '', kind: 'counter', total: 1, perMinute: null });
  }
  assert.equal([merged.size, merged.leftOut], [2, 2]);
});

test.run();
