import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { listStatistics } from '../../src/plugins/statistics.ts';
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
