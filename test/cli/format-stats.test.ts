import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describeStanding, statsRows } from '../../src/cli/format-stats.ts';
import type { NodeHistory, Track } from '../../src/protocol/history.ts';

function historyOf(...tracks: NodeHistory['tracks']): NodeHistory {
  return { node: 'web1', endAtMs: 5, stepMs: 60_000, tracks };
}

function track(id: Track['id'], kind: Track['kind'], ...values: (number | null)[]) {
  return { id, kind, values };
}

test('a figure is shown with its latest, its mean, the most that there was, and its hour', () => {
  const history = historyOf(
    track('cpuPercent', 'mean', null, 10, 20, null),
    track('cpuPercent', 'max', null, 70, 90, null),
  );
  assert.equal(statsRows(history, 200), [['cpuPercent', '20%', '15%', '90%', ' ▂▃ ']]);
});

test('a lost node has no figures of now; it is told to the minute when it was heard', () => {
  const history = historyOf(
    track('cpuPercent', 'mean', 10, 20, null, null),
    track('load1', 'mean', 1, 1, 1, null),
  );
  assert.equal(statsRows(history, 200, 'lost')[0]?.slice(0, 3), ['cpuPercent', '-', '15%']);
  assert.is(describeStanding(history, 'lost'), 'web1 is lost; heard last 1m ago');
  const fresh = historyOf(track('load1', 'mean', 1));
  assert.is(describeStanding(fresh, 'lost'), 'web1 is lost; heard last within the last minute');
  assert.is(describeStanding(fresh, 'up'), 'web1 is up');
});

test('each figure is in its unit', () => {
  const history = historyOf(
    track('load1', 'mean', 0.123),
    track('memoryUsedBytes', 'mean', 1_610_612_736),
    track('netInBytesPerSecond', 'mean', 2_048),
    track('forwardedPerSecond', 'mean', 1_234.5),
    track('rttMs', 'mean', 1.25),
    track('durableWaiting', 'max', 7),
  );
  const latest = statsRows(history, 200).map(([, now]) => now);
  assert.equal(latest, ['0.12', '1.5 GiB', '2.0 KiB/s', '1230/s', '1.25 ms', '7']);
});

test('where the terminal is narrow two minutes share a bar', () => {
  const history = historyOf(track('cpuPercent', 'mean', null, null, 0, 100, null, 100));
  assert.is(statsRows(history, 200)[0]?.at(-1), '  ▁█ █');
  assert.is(statsRows(history, 80)[0]?.at(-1), ' ▅█');
});

test('a figure of which nothing is known is left out', () => {
  assert.equal(statsRows(historyOf(track('load1', 'mean', null, null)), 200), []);
});

test.run();
