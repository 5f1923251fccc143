import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { listPluginSeries, listStatistics } from '../../src/plugins/statistics.ts';
import { PLUGIN_STATISTICS_MAX } from '../../src/protocol/limits.ts';
import { HELLO, PluginBench } from './bench.ts';

const STATISTICS = [{ name: 'used', kind: 'gauge', unit: 'percent', doc: 'Of the disk.' }];

test('the last value is kept, with what the hello says of it', () => {
  const bench = new PluginBench();
  bench.run({ ...HELLO, statistics: STATISTICS });
  const used = { plugin: 'weather', ...STATISTICS[0] };
  assert.equal(listStatistics(bench.plugin, bench.nowMs), [{ ...used, value: null, ageMs: null }]);
  bench.say(
    { type: 'statistic', name: 'used', value: 1 },
    { type: 'statistic', name: 'used', value: 2 },
  );
  bench.advance(50);
  assert.equal(listStatistics(bench.plugin, bench.nowMs), [{ ...used, value: 2, ageMs: 50 }]);
});

test('what was not announced says itself what it is, and is a gauge otherwise', () => {
  const bench = new PluginBench();
  bench.run();
  bench.say({ type: 'statistic', name: 'b', value: 1, kind: 'timing', unit: 'ms' });
  bench.say({ type: 'statistic', name: 'a', value: 3 });
  bench.say({ type: 'statistic', name: 'b', value: 2 });
  const known = { plugin: 'weather', doc: '', ageMs: 0 };
  assert.equal(listStatistics(bench.plugin, bench.nowMs), [
    { ...known, name: 'a', kind: 'gauge', value: 3, unit: '' },
    { ...known, name: 'b', kind: 'timing', value: 2, unit: 'ms' },
  ]);
});

test('more than PLUGIN_STATISTICS_MAX are not kept, and counted', () => {
  const bench = new PluginBench();
  bench.run();
  for (let index = 0; index <= PLUGIN_STATISTICS_MAX; index++) {
    bench.say({ type: 'statistic', name: `s${index}`, value: index });
  }
  assert.is(listStatistics(bench.plugin, bench.nowMs).length, PLUGIN_STATISTICS_MAX);
  assert.is(bench.plugin.counters.statisticsDropped, 1);
});

test('a counter is as high as the plugin says, also when it has begun anew', () => {
  const bench = new PluginBench();
  bench.run();
  const values = [0.1, 0.3, 7, 2].map((value) => {
    bench.say({ type: 'statistic', name: 'runs', value, kind: 'counter' });
    return listStatistics(bench.plugin, bench.nowMs)[0]?.value;
  });
  assert.equal(values, [0.1, 0.3, 7, 2]);
  const [series] = listPluginSeries(bench.plugin, bench.nowMs);
  assert.equal(series?.kind === 'counter' && [series.name, series.total], ['weather.runs', 2]);
});

test('durations are a timing of the node, under the name of the plugin', () => {
  const bench = new PluginBench();
  bench.run({ ...HELLO, statistics: [{ name: 'took', kind: 'timing', unit: 'a b', doc: 'How.' }] });
  assert.equal([...listPluginSeries(bench.plugin, bench.nowMs)], [], 'nothing was reported yet');
  for (const value of [1, 5]) bench.say({ type: 'statistic', name: 'took', value });
  const [series] = listPluginSeries(bench.plugin, bench.nowMs);
  assert.equal(series?.kind === 'timing' && [series.timing.sum, series.unit], [6, 'a_b']);
  assert.is(series?.name, 'weather.took');
});

test('what is of another kind than before, or has no name for a series, is counted', () => {
  const bench = new PluginBench();
  bench.run();
  bench.say(
    { type: 'statistic', name: 'a', value: 1 },
    { type: 'statistic', name: 'a', value: 1, kind: 'counter' },
    { type: 'statistic', name: 'a', value: 1, unit: 'ms' },
    { type: 'statistic', name: 'a b', value: 1 },
    { type: 'statistic', name: 'x'.repeat(64), value: 1 },
    { type: 'statistic', name: 'b', value: -1, kind: 'timing' },
  );
  assert.is(bench.plugin.counters.statisticsDropped, 5);
  assert.is(listStatistics(bench.plugin, bench.nowMs).length, 1);
});

test('a plugin that is started again counts anew', () => {
  const bench = new PluginBench();
  bench.run();
  bench.say({ type: 'statistic', name: 'a', value: 3 });
  bench.feed({ kind: 'exited', code: 1, signal: null });
  assert.is(listStatistics(bench.plugin, bench.nowMs).length, 1, 'the last values stay to be seen');
  bench.feed({ kind: 'restart' });
  const [greeted] = bench.say(HELLO);
  if (greeted?.kind === 'greeted') bench.feed({ kind: 'accepted', hello: greeted.hello });
  assert.equal(listStatistics(bench.plugin, bench.nowMs), []);
});

test.run();
