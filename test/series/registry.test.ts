import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { REPORT_VALUE_MAX } from '../../src/protocol/limits.ts';
import type { Report, Series } from '../../src/protocol/series.ts';
import { addReport, createRegistry, listSeries, takeReports } from '../../src/series/registry.ts';
import { percentileOf } from '../../src/series/timing.ts';

const MINUTE = 60_000;

class Bench {
  readonly registry;
  nowMs = 5_000;

  constructor(max = 10) {
    this.registry = createRegistry(max);
  }

  /** Adds a report; the code of what it is refused by. */
  add(name: string, value: Report['value'], more: Partial<Report> = {}): string | undefined {
    const report: Report = { name, kind: 'counter', unit: undefined, value, ageMs: 0, ...more };
    return addReport(this.registry, report, this.nowMs)?.code;
  }

  /** Why the last one was refused. */
  why(name: string, value: number, more: Partial<Report> = {}): string {
    const report: Report = { name, kind: 'counter', unit: undefined, value, ageMs: 0, ...more };
    return addReport(this.registry, report, this.nowMs)?.message ?? '';
  }

  one(name: string): Series {
    const found = [...listSeries(this.registry, this.nowMs)].find((each) => each.name === name);
    if (found === undefined) throw new Error(`${name} is not there`);
    return found;
  }
}

function rateOf(series: Series): number | null {
  return series.kind === 'counter' ? series.perMinute : null;
}

test('a counter adds up', () => {
  const bench = new Bench();
  bench.add('orders.paid', 3, { unit: 'orders' });
  bench.add('orders.paid', 4);
  const { total, unit } = bench.one('orders.paid') as Series & { total: number };
  assert.equal([total, unit], [7, 'orders']);
});

test('the rate of a counter is of the last minute, and fades', () => {
  const bench = new Bench();
  bench.add('hits', 30);
  assert.is(rateOf(bench.one('hits')), 30);
  bench.nowMs += MINUTE;
  bench.add('hits', 10);
  assert.is(rateOf(bench.one('hits')), 40, 'all of the minute before, as none of this is over');
  bench.nowMs += MINUTE / 2;
  assert.is(rateOf(bench.one('hits')), 25);
  bench.nowMs += 2 * MINUTE;
  assert.is(rateOf(bench.one('hits')), 0);
});

test('a gauge is the newest level, with its age, whichever comes last', () => {
  const bench = new Bench();
  bench.add('depth', 8, { kind: 'gauge' });
  bench.nowMs += 100;
  bench.add('depth', 5, { kind: 'gauge' });
  bench.add('depth', 9, { kind: 'gauge', ageMs: 50 });
  bench.nowMs += 20;
  const { value, ageMs, count } = bench.one('depth') as Series & { kind: 'gauge' };
  assert.equal({ value, ageMs, count }, { value: 5, ageMs: 20, count: 1 });
});

test('a timing takes durations one by one, or gathered', () => {
  const [bench, other] = [new Bench(), new Bench()];
  for (const ms of [1, 2, 3]) other.add('took', ms, { kind: 'timing', unit: 'ms' });
  const [gathered] = takeReports(other.registry, 10, other.nowMs);
  assert.ok(gathered);
  bench.add('took', 4, { kind: 'timing', unit: 'ms' });
  assert.is(addReport(bench.registry, gathered, bench.nowMs), undefined);
  const { timing } = bench.one('took') as Series & { kind: 'timing' };
  assert.equal([timing.sum, timing.min, percentileOf(timing, 1)], [10, 1, 4]);
});

test('what was taken to be sent on is not there any more', () => {
  const bench = new Bench();
  bench.add('hits', 2);
  bench.nowMs += 30;
  bench.add('depth', 4, { kind: 'gauge' });
  bench.nowMs += 30;
  const counter = { name: 'hits', kind: 'counter', unit: '', value: 2, ageMs: 60 };
  const gauge = { name: 'depth', kind: 'gauge', unit: '', value: 4, ageMs: 30 };
  assert.equal(takeReports(bench.registry, 1, bench.nowMs), [counter]);
  assert.equal(takeReports(bench.registry, 9, bench.nowMs), [gauge]);
  assert.equal([...listSeries(bench.registry, bench.nowMs)], []);
});

test('a name keeps its kind and unit, and the refusal names both', () => {
  const bench = new Bench();
  bench.add('orders', 1);
  assert.is(bench.add('orders', 1, { kind: 'gauge' }), 'E_REPORT_KIND');
  assert.match(bench.why('orders', 1, { kind: 'timing', unit: 'ms' }), /counter without a unit/);
  assert.match(bench.why('orders', 1, { kind: 'timing', unit: 'ms' }), /timing in ms/);
  assert.is(bench.add('orders', 1, { unit: 'pieces' }), 'E_REPORT_KIND');
  assert.is(bench.add('orders', 1, { unit: '' }), undefined);
});

test('one name too many is refused, and those that are there go on', () => {
  const bench = new Bench(2);
  bench.add('a', 1);
  bench.add('b', 1);
  assert.is(bench.add('c', 1), 'E_REPORT_FULL');
  assert.is(bench.add('a', 1), undefined);
  assert.equal(
    [...listSeries(bench.registry, 0)].map(({ name }) => name),
    ['a', 'b'],
  );
});

test('what is no value is refused, and leaves no name behind', () => {
  const bench = new Bench();
  const wrong: [number, Partial<Report>][] = [
    [-1, {}],
    [-1, { kind: 'timing' }],
    [Number.NaN, {}],
    [Number.POSITIVE_INFINITY, { kind: 'gauge' }],
    [REPORT_VALUE_MAX * 1.01, { kind: 'gauge' }],
  ];
  for (const [value, more] of wrong) assert.is(bench.add('x', value, more), 'E_ARGUMENT_INVALID');
  assert.is(bench.registry.series.size, 0);
  assert.is(bench.add('x', -REPORT_VALUE_MAX, { kind: 'gauge' }), undefined);
});

test.run();
