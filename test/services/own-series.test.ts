import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FIGURES } from '../../src/protocol/figures.ts';
import { isSeriesName, isUnit } from '../../src/protocol/series.ts';
import { countersToSeries, sampleToSeries } from '../../src/services/own-series.ts';

test('counters of the node have names that begin with dagent', () => {
  const [series] = countersToSeries({ framesForwarded: 7 });
  const figures = { kind: 'counter', total: 7, perMinute: null };
  assert.equal(series, { name: 'dagent.framesForwarded', unit: '', doc: '', ...figures });
});

test('figures of the host are gauges; instants and texts are not told', () => {
  const sample = { atMs: 5, load1: 0.5, memoryUsedBytes: 10, diskMount: '/', cpuPercent: 40 };
  const told = [...sampleToSeries(sample)].map((series) => {
    const value = series.kind === 'gauge' ? series.value : '?';
    return `${series.name} ${value} ${series.unit}`.trimEnd();
  });
  assert.equal(told, [
    'host.load1 0.5',
    'host.memoryUsedBytes 10 bytes',
    'host.cpuPercent 40 percent',
  ]);
});

test('every figure has a name and a unit that a series can have', () => {
  const all = Object.fromEntries(FIGURES.map(({ id }) => [id, 1]));
  const odd = [...sampleToSeries(all)].filter(
    ({ name, unit, doc }) => !isSeriesName(name) || !isUnit(unit) || doc === '',
  );
  assert.equal(odd, []);
});

test.run();
