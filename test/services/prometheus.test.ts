import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isSeriesName, type Series } from '../../src/protocol/series.ts';
import { addDuration, timingOf } from '../../src/series/timing.ts';
import { sampleToSeries } from '../../src/services/own-series.ts';
import { formatPrometheus } from '../../src/services/prometheus.ts';
import { counterOf } from './metrics-bench.ts';

const NODE = {
  ...{ name: 'web1', role: 'leaf', realm: 'test', version: '1.2.3' },
  ...{ startedAtMs: 5_500, leftOut: 0 },
};

/** Lines about series, without those about the node, and without the label that all have. */
function linesOf(...series: readonly Series[]): string[] {
  const text = formatPrometheus(NODE, series);
  const all = text.split('\n').filter((line) => !/dagent_(node|start|series)/.test(line));
  return all.map((line) => line.replace(/\{node="web1",?/, '{').replace('{}', '')).slice(0, -1);
}

/** What a line may be. */
const WORD = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABELS = '\\{([a-z]+="([^"\\\\]|\\\\.)*",?)+\\}';
const LINE = new RegExp(
  `^(# HELP ${WORD} .*|# TYPE ${WORD} (counter|gauge|histogram)|${WORD}${LABELS} -?[0-9.e+-]+)$`,
);

function gaugeOf(name: string, value: number, unit = '', doc = ''): Series {
  const level = { value, ageMs: 0, count: 1, sum: value, min: value, max: value };
  return { name, unit, doc, kind: 'gauge', ...level };
}

function timingSeries(name: string, unit: string, values: readonly number[]): Series {
  const [first = 0, ...rest] = values;
  const timing = timingOf(first);
  for (const value of rest) addDuration(timing, value);
  return { name, unit, doc: '', kind: 'timing', timing };
}

test('the node tells of itself, by its name and with its version', () => {
  const text = formatPrometheus({ ...NODE, realm: 'a"b\\c\nd' }, []);
  const info = 'dagent_node_info{node="web1",role="leaf",realm="a\\"b\\\\c\\nd",version="1.2.3"} 1';
  assert.ok(text.split('\n').includes(info), text);
  assert.match(text, /^dagent_start_time_seconds\{node="web1"\} 5\.5$/m);
});

test('a counter has help, a type, and a name that ends in total', () => {
  assert.equal(linesOf(counterOf('orders.paid', 3)), [
    '# HELP orders_paid_total Reported as orders.paid.',
    '# TYPE orders_paid_total counter',
    'orders_paid_total 3',
  ]);
  assert.is(linesOf(counterOf('orders_total', 3))[2], 'orders_total 3');
});

test('units are base units, at the end of the name, and said once', () => {
  const told = [
    gaugeOf('wait', 1_500, 'ms'),
    gaugeOf('wait_seconds', 3, 's'),
    gaugeOf('full', 40, 'percent'),
    gaugeOf('queue', 3, 'Orders'),
    gaugeOf('net', 3, 'bytes/s'),
    gaugeOf('9lives', 3),
    gaugeOf('-'.repeat(3), 3),
  ].map((series) => linesOf(series)[2]);
  assert.equal(told, [
    'wait_seconds 1.5',
    'wait_seconds 3',
    'full_ratio 0.4',
    'queue_orders 3',
    'net_bytes_per_second 3',
    '_9lives 3',
    '_ 3',
  ]);
});

test('figures of the node have its prefix, words apart, and their docs', () => {
  const sample = { memoryUsedBytes: 7, cpuPercent: 50, loopLagMs: 2, deliveredPerSecond: 4 };
  const lines = linesOf(...sampleToSeries(sample), counterOf('dagent.framesDelivered', 1));
  const values = lines.filter((line) => !line.startsWith('#'));
  assert.equal(values, [
    'dagent_host_memory_used_bytes 7',
    'dagent_host_cpu_ratio 0.5',
    'dagent_host_loop_lag_seconds 0.002',
    'dagent_host_delivered_per_second 4',
    'dagent_frames_delivered_total 1',
  ]);
  assert.match(lines[0] ?? '', /^# HELP \S+ Memory that programs could not have/);
});

test('a timing is a histogram in seconds, with counts that are exact', () => {
  const values = [0, 1, 2, 2.001, 500, 1e8];
  const lines = linesOf(timingSeries('orders.took', 'ms', values));
  assert.equal(lines.slice(0, 2), [
    '# HELP orders_took_seconds Reported as orders.took.',
    '# TYPE orders_took_seconds histogram',
  ]);
  const bounds = lines.filter((line) => line.includes('_bucket'));
  for (const line of bounds.slice(0, -1)) {
    const [, le, count] = /\{le="([^"]+)"\} (\d+)$/.exec(line) ?? [];
    const exact = values.filter((ms) => ms <= Number(le) * 1_000).length;
    assert.is(Number(count), exact, line);
  }
  assert.is(bounds.at(-1), 'orders_took_seconds_bucket{le="+Inf"} 6');
  assert.ok(lines.includes('orders_took_seconds_bucket{le="0.002"} 3'), lines.join('\n'));
  assert.ok(lines.includes('orders_took_seconds_sum 100000.505001'), lines.join('\n'));
  assert.ok(lines.includes('orders_took_seconds_count 6'));
});

test('bounds do not depend on what was measured', () => {
  const boundsOf = (...values: number[]): string[] =>
    linesOf(timingSeries('x', 'rows', values)).flatMap((line) => /le="[^"]+"/.exec(line) ?? []);
  assert.equal(boundsOf(1), boundsOf(1e-9, 1e15));
});

test('names that are one to Prometheus are told apart, the first keeps its own', () => {
  const timing = timingSeries('a', '', [1]);
  const lines = linesOf(timing, gaugeOf('a.b', 1), gaugeOf('a_b', 2), gaugeOf('a.count', 3));
  const values = lines.filter((line) => !line.startsWith('#') && !line.includes('bucket'));
  assert.equal(values, ['a_sum 1', 'a_count 1', 'a_b 1', 'a_b_2 2', 'a_count_2 3']);
  assert.equal(linesOf(counterOf('c.d', 1), counterOf('c-d', 2))[5], 'c_d_2_total 2');
});

test('whatever is reported, each line is of the format and no sample is there twice', () => {
  const named = fc.record({
    name: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 5 }).filter(isSeriesName),
    unit: fc.constantFrom('', 'ms', '%', 'µs', 'a"b', '\\', '°C', 'total'),
    doc: fc.string({ unit: 'grapheme', maxLength: 9 }),
  });
  const figures = fc.constantFrom<'counter' | 'gauge' | 'timing'>('counter', 'gauge', 'timing');
  const series = fc.tuple(named, figures, fc.nat()).map(([base, kind, value]): Series => {
    const made = {
      counter: { ...base, kind: 'counter', total: value, perMinute: null },
      gauge: { ...gaugeOf('x', value), ...base },
      timing: { ...timingSeries('x', '', [value]), ...base },
    } as const;
    return made[kind] as Series;
  });
  fc.assert(
    fc.property(fc.array(series, { maxLength: 12 }), (all) => {
      const lines = formatPrometheus(NODE, all).split('\n').slice(0, -1);
      for (const each of lines) assert.match(each, LINE);
      const samples = lines
        .filter((each) => !each.startsWith('#'))
        .map((each) => each.split(' ')[0]);
      assert.is(new Set(samples).size, samples.length);
      const types = lines
        .filter((each) => each.startsWith('# TYPE'))
        .map((each) => each.split(' ')[2]);
      assert.is(new Set(types).size, types.length);
    }),
  );
});

test.run();
