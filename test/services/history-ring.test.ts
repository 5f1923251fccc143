import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type FigureRow, packSample } from '../../src/protocol/figure-row.ts';
import { TRACKS, type TrackId, type TrackKind } from '../../src/protocol/history.ts';
import { HISTORY_MINUTES, HISTORY_NODE_BYTES } from '../../src/protocol/limits.ts';
import { HistoryRing } from '../../src/services/history-ring.ts';
import { sampleOf } from './view.ts';

function trackOf(id: TrackId, kind: TrackKind): number {
  return TRACKS.findIndex((track) => track.id === id && track.kind === kind);
}

const CPU_MEAN = trackOf('cpuPercent', 'mean');
const CPU_MAX = trackOf('cpuPercent', 'max');
const RTT = trackOf('rttMs', 'mean');

function rowOf(cpuPercent: number): FigureRow {
  return packSample({ ...sampleOf(1), cpuPercent });
}

test('a history has HISTORY_NODE_BYTES, whatever is in it', () => {
  assert.is(HISTORY_NODE_BYTES, TRACKS.length * (4 + 2 * HISTORY_MINUTES));
  assert.is(new HistoryRing().bytes, HISTORY_NODE_BYTES);
});

test('of a minute the mean is kept, and the most', () => {
  const ring = new HistoryRing();
  for (const percent of [10, 20, 60]) ring.fold(100, rowOf(percent), percent / 10);
  assert.is(ring.series(CPU_MEAN, 100).at(-1), 30);
  assert.is(ring.series(CPU_MAX, 100).at(-1), 60);
  assert.is(ring.series(RTT, 100).at(-1), 3);
});

test('minutes in which nothing was heard are empty, and nothing is nothing', () => {
  const ring = new HistoryRing();
  ring.fold(100, rowOf(0), null);
  ring.fold(103, rowOf(50), null);
  assert.equal(ring.series(CPU_MEAN, 104).slice(-5), [0, null, null, 50, null]);
  assert.is(
    ring.series(RTT, 104).every((value) => value === null),
    true,
  );
});

test('what is older than HISTORY_MINUTES is overwritten', () => {
  const ring = new HistoryRing();
  for (let minute = 0; minute < 3 * HISTORY_MINUTES; minute++) ring.fold(minute, rowOf(minute), 1);
  const series = ring.series(CPU_MEAN, 3 * HISTORY_MINUTES - 1);
  assert.is(series.length, HISTORY_MINUTES);
  assert.is(series[0], 2 * HISTORY_MINUTES);
  assert.is(series.at(-1), 3 * HISTORY_MINUTES - 1);
});

test('after an hour of silence all is over', () => {
  const ring = new HistoryRing();
  ring.fold(7, rowOf(5), 1);
  assert.is(ring.isOver(7 + HISTORY_MINUTES - 1), false);
  assert.is(ring.isOver(7 + HISTORY_MINUTES), true);
  assert.is(
    ring.series(CPU_MEAN, 7 + HISTORY_MINUTES).every((value) => value === null),
    true,
  );
  ring.fold(7 + 2 * HISTORY_MINUTES, rowOf(9), 1);
  const known = ring.series(CPU_MEAN, 7 + 2 * HISTORY_MINUTES).filter((value) => value !== null);
  assert.equal(known, [9]);
});

test('any figure comes back within two thousandths, of one value or of many alike', () => {
  const value = fc.double({ min: 0.5, max: 1e15, noNaN: true });
  fc.assert(
    fc.property(value, fc.integer({ min: 1, max: 300 }), (bytes, times) => {
      const ring = new HistoryRing();
      const row = packSample({ ...sampleOf(1), memoryUsedBytes: bytes });
      for (let time = 0; time < times; time++) ring.fold(1, row, null);
      const was = Math.round(bytes);
      const isTrue = (told: number) => Math.abs(told - was) <= Math.max(0.01, was * 0.006);
      const track = trackOf('memoryUsedBytes', 'mean');
      assert.ok(isTrue(ring.series(track, 1).at(-1) ?? 0), 'the minute that runs');
      ring.fold(2, rowOf(1), null);
      assert.ok(isTrue(ring.series(track, 2).at(-2) ?? 0), 'a minute that is over');
    }),
  );
});

test.run();
