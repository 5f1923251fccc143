import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  changeRow,
  changeSample,
  type FigureChanges,
  findNews,
  packSample,
  parseChanges,
  parseRow,
  stillNews,
  unpackSample,
} from '../../src/protocol/figure-row.ts';
import { FIGURES, type FigureId, type HostSample } from '../../src/protocol/figures.ts';

const SAMPLE: HostSample = {
  atMs: 1_800_000_000_000,
  load1: 0.5,
  cpus: 2,
  memoryUsedBytes: 1_000_000,
  memoryTotalBytes: 2_000_000,
  daemonBytes: 300_000,
};

function numberOf(id: FigureId): number {
  return FIGURES.findIndex((figure) => figure.id === id);
}

/** What is news when so much has changed since SAMPLE, by the names of figures. */
function newsOf(before: Partial<HostSample>, now: Partial<HostSample>): readonly string[] {
  const rows = [before, now].map((part) => packSample({ ...SAMPLE, ...part }));
  const news = findNews(rows[0]!, rows[1]!);
  return news.filter((_, at) => at % 2 === 0).map((number) => FIGURES[number as number]!.id);
}

test('a sample comes through as it was, rounded', () => {
  const whole = { ...SAMPLE, cpuPercent: 12.345, deliveredPerSecond: 1 / 3, diskMount: '/var' };
  const rounded = { ...whole, cpuPercent: 12.3, deliveredPerSecond: 0.33 };
  assert.equal(unpackSample(parseRow(JSON.parse(JSON.stringify(packSample(whole))))!), rounded);
});

test('a figure that makes no sense, or that we do not know, is absent', () => {
  const row = packSample({ ...SAMPLE, diskMount: '/'.repeat(255), processes: 7 }).slice();
  assert.is(unpackSample(parseRow([...row, 'of a newer node'])!)?.diskMount?.length, 255);
  row[numberOf('diskMount')] = '/'.repeat(256);
  row[numberOf('processes')] = -1;
  row[numberOf('swapUsedBytes')] = 'much';
  assert.equal(unpackSample(parseRow(row)!), SAMPLE);
});

test('a row without a basic figure has no sample', () => {
  for (const id of ['atMs', 'load1', 'cpus', 'daemonBytes'] as const) {
    const row = packSample(SAMPLE).slice();
    row[numberOf(id)] = null;
    assert.is(parseRow(row), null);
    assert.is(unpackSample(row), null);
  }
  for (const none of [null, undefined, 7, 'text', {}, []]) assert.is(parseRow(none), null);
});

test('changes of what is not known are passed over', () => {
  const [load, disk] = [numberOf('load1'), numberOf('diskMount')];
  assert.equal(parseChanges([load, 2, 4_000, 1, disk, '/x', 'y', 3]), [load, 2, disk, '/x']);
  assert.equal(parseChanges([load, 'high', disk, null]), [load, null, disk, null]);
  for (const none of [undefined, null, {}, [1], 'text']) assert.is(parseChanges(none), undefined);
});

test('changes lead from one sample to the other, and from nothing to a sample', () => {
  const later: HostSample = { ...SAMPLE, atMs: 1_800_000_005_000, load1: 3, processes: 50 };
  const news = findNews(packSample(SAMPLE), packSample(later));
  assert.equal(changeSample(SAMPLE, news), later);
  const all = packSample(SAMPLE).flatMap((value, number) => [number, value]);
  assert.equal(changeSample(null, all), SAMPLE);
  assert.is(changeSample(null, news), null);
});

test('what differs by no more than is of interest is no news', () => {
  assert.equal(newsOf({}, { atMs: 1_800_000_009_000 }), []);
  assert.equal(newsOf({ cpuPercent: 10 }, { cpuPercent: 10.4 }), []);
  assert.equal(newsOf({ cpuPercent: 10 }, { cpuPercent: 10.6 }), ['atMs', 'cpuPercent']);
  assert.equal(newsOf({}, { memoryUsedBytes: 1_009_000 }), []);
  assert.equal(newsOf({}, { memoryUsedBytes: 1_020_000 }), ['atMs', 'memoryUsedBytes']);
  assert.equal(newsOf({ netInBytesPerSecond: 1_000 }, { netInBytesPerSecond: 1_040 }), []);
  assert.equal(newsOf({ processes: 100 }, { processes: 101 }), ['atMs', 'processes']);
});

test('what begins, comes to rest, appears or goes is news', () => {
  const id = 'netInBytesPerSecond';
  assert.equal(newsOf({ [id]: 0 }, { [id]: 1 }), ['atMs', id]);
  assert.equal(newsOf({ [id]: 1 }, { [id]: 0 }), ['atMs', id]);
  assert.equal(newsOf({}, { [id]: 0 }), ['atMs', id]);
  assert.equal(newsOf({ [id]: 0 }, {}), ['atMs', id]);
});

test('a sample without news tells its instant', () => {
  assert.equal(stillNews(packSample(SAMPLE)), [0, SAMPLE.atMs]);
});

test('whatever comes, what is told adds up to within the tolerance of what is', () => {
  const part = fc.record({
    load1: fc.double({ min: 0, max: 99, noNaN: true }),
    cpuPercent: fc.double({ min: 0, max: 100, noNaN: true }),
    netInBytesPerSecond: fc.double({ min: 0, max: 1e9, noNaN: true }),
    processes: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const told = packSample(SAMPLE);
      for (const each of parts) {
        const now = packSample({ ...SAMPLE, ...each });
        changeRow(told, findNews(told, now));
        const rest: FigureChanges = findNews(told, now);
        assert.equal(rest, []);
      }
    }),
  );
});

test('whatever comes, parsing ends well', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      parseRow(value);
      parseChanges(value);
    }),
  );
});

test.run();
