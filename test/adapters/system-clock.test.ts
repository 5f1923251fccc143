import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemClock } from '../../src/adapters/system-clock.ts';

const DAY_MS = 86_400_000;

function after(ms: number): Promise<void> {
  return new Promise((resolve) => {
    systemClock.after(ms, resolve);
  });
}

test('the monotonic clock goes on, and by as much as a timer takes', async () => {
  const startMs = systemClock.monotonicMs();
  await after(20);
  const elapsedMs = systemClock.monotonicMs() - startMs;
  assert.ok(elapsedMs >= 19, `${elapsedMs} ms`);
});

test('the wall clock tells the time of day', () => {
  assert.ok(Math.abs(systemClock.wallMs() - Date.now()) < 1_000);
});

test('a timer that was prevented does not fire, nor does one of many days', async () => {
  const fired: string[] = [];
  const prevent = systemClock.after(1, () => fired.push('prevented'));
  const stops = [24, 30, 365].map((days) =>
    systemClock.after(days * DAY_MS, () => fired.push(`${days} days`)),
  );
  prevent();
  await after(20);
  for (const stop of stops) stop();
  assert.equal(fired, []);
});

test('what is done every so often is done until it is ended', async () => {
  let count = 0;
  await new Promise<void>((resolve) => {
    const stop = systemClock.every(1, () => {
      count++;
      if (count < 3) return;
      stop();
      resolve();
    });
  });
  await after(10);
  assert.is(count, 3);
});

test.run();
