import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { computePingStatistics, formatPingStatistics } from '../../src/cli/ping-statistics.ts';

test('the figures of a series of round trips', () => {
  const times = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.equal(computePingStatistics(125, times), {
    ...{ sent: 125, received: 100, lossPercent: 20 },
    ...{ minMs: 1, avgMs: 50.5, p95Ms: 95, maxMs: 100 },
  });
});

test('one round trip is all of its figures', () => {
  const { minMs, avgMs, p95Ms, maxMs } = computePingStatistics(1, [2.34567]);
  assert.equal([minMs, avgMs, p95Ms, maxMs], [2.346, 2.346, 2.346, 2.346]);
});

test('where nothing came back there are no times', () => {
  const statistics = computePingStatistics(3, []);
  assert.is(statistics.lossPercent, 100);
  assert.is(statistics.p95Ms, null);
  assert.is(formatPingStatistics(statistics), '3 sent, 0 answered, 100% lost');
  assert.is(computePingStatistics(0, []).lossPercent, 0);
});

test('they are told on one line', () => {
  assert.is(
    formatPingStatistics(computePingStatistics(2, [1, 3])),
    '2 sent, 2 answered, 0% lost  min 1.0ms  avg 2.0ms  p95 3.0ms  max 3.0ms',
  );
});

test.run();
