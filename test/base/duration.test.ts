import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatDuration, parseDurationMs } from '../../src/base/duration.ts';

const PARSED: readonly (readonly [string, number | undefined])[] = [
  ['500ms', 500],
  ['5s', 5000],
  ['2m', 120_000],
  ['1h30m', 5_400_000],
  ['1d', 86_400_000],
  ['1.5s', 1500],
  ['0.5m', 30_000],
  ['30', 30_000],
  ['0', 0],
  ['0.25', 250],
  [' 5s ', 5000],
  ['1d2h3m4s5ms', 93_784_005],
  ['', undefined],
  ['s', undefined],
  ['-5s', undefined],
  ['5 s', undefined],
  ['5s 3m', undefined],
  ['5S', undefined],
  ['1e3', undefined],
  ['0x10', undefined],
  ['Infinity', undefined],
  ['5w', undefined],
  ['1.s', undefined],
];

for (const [text, ms] of PARSED) {
  test(`"${text}" is ${ms === undefined ? 'no duration' : `${ms} ms`}`, () => {
    assert.is(parseDurationMs(text), ms);
  });
}

const FORMATTED: readonly (readonly [number, string])[] = [
  [0, '0.00ms'],
  [0.4, '0.40ms'],
  [0.999, '1.0ms'],
  [1.25, '1.3ms'],
  [9.99, '10ms'],
  [340, '340ms'],
  [999.7, '1.0s'],
  [1200, '1.2s'],
  [12_345, '12s'],
  [59_400, '59s'],
  [59_600, '1m'],
  [60_000, '1m'],
  [725_000, '12m 5s'],
  [3_600_000, '1h'],
  [3_601_000, '1h'],
  [3_660_000, '1h 1m'],
  [273_600_000, '3d 4h'],
];

for (const [ms, text] of FORMATTED) {
  test(`${ms} ms is shown as "${text}"`, () => {
    assert.is(formatDuration(ms), text);
  });
}

test('any number of milliseconds is read back from its text', () => {
  fc.assert(
    fc.property(fc.nat({ max: 10 ** 12 }), (ms) => {
      assert.is(parseDurationMs(`${ms}ms`), ms);
    }),
  );
});

test('what is shown of a duration is the duration, to its two largest units', () => {
  fc.assert(
    fc.property(fc.nat({ max: 10 ** 10 }), (ms) => {
      const shownMs = parseDurationMs(formatDuration(ms).replace(' ', ''));
      assert.ok(shownMs !== undefined && Math.abs(shownMs - ms) <= Math.max(1, ms / 20), `${ms}`);
    }),
  );
});

test('no text makes it throw, and no digits make it inexact', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{1,400}[smhd]?$/)), (text) => {
      const ms = parseDurationMs(text);
      assert.ok(ms === undefined || (Number.isSafeInteger(ms) && ms >= 0));
    }),
  );
});

test.run();
