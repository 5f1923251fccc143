import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  formatAge,
  formatByteRate,
  formatCount,
  formatLoad,
  formatRate,
  formatRtt,
  formatShort,
  formatShortBytes,
  formatUptime,
  memoryShare,
  namedServices,
} from '../../src/tui/figures.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

test('an age is shown in its largest unit', () => {
  const ages: [number, string][] = [
    [-5_000, '0s'],
    [999, '0s'],
    [59_999, '59s'],
    [MINUTE_MS, '1m'],
    [HOUR_MS - 1, '59m'],
    [23 * HOUR_MS, '23h'],
    [400 * DAY_MS, '400d'],
  ];
  for (const [ms, text] of ages) assert.is(formatAge(ms), text);
});

test('an uptime is shown in its two largest units', () => {
  const uptimes: [number, string][] = [
    [45_000, '45s'],
    [12 * MINUTE_MS + 5_000, '12m05s'],
    [3 * HOUR_MS + 7 * MINUTE_MS, '3h07m'],
    [2 * DAY_MS + 4 * HOUR_MS, '2d04h'],
    [120 * DAY_MS, '120d'],
  ];
  for (const [ms, text] of uptimes) assert.is(formatUptime(ms), text);
});

test('a round trip fits six cells', () => {
  const trips: [number, string][] = [
    [NaN, '-'],
    [0.254, '0.25ms'],
    [3.14, '3.1ms'],
    [250.4, '250ms'],
    [12_000, '12.0s'],
  ];
  for (const [ms, text] of trips) assert.is(formatRtt(ms), text);
});

test('a load fits five cells', () => {
  assert.equal([0.424, 9.99, 12.34, 99.9, 1024.4].map(formatLoad), [
    '0.42',
    '9.99',
    '12.3',
    '99.9',
    '1024',
  ]);
});

test('amounts fit four cells, and small rates show what is behind the point', () => {
  const amounts = [0, 7, 999, 999.6, 1_234, 45_300, 999_499, 7_800_000, 3e15];
  assert.equal(amounts.map(formatShort), [
    '0',
    '7',
    '999',
    '1.0k',
    '1.2k',
    '45k',
    '999k',
    '7.8M',
    '3000T',
  ]);
  const sizes = [0, 1_000, 1_024, 2_500, 900_000, 85_983_232, 26_843_545_600, 2 ** 60];
  assert.equal(sizes.map(formatShortBytes), [
    ...['0', '1.0K', '1.0K', '2.4K', '879K', '82M', '25G', '1048576T'],
  ]);
  assert.equal([0, 0.25, 999, 1_536].map(formatByteRate), ['0', '0.25', '999', '1.5K']);
  const rates = [0, 0.004, 0.25, 0.994, 1.25, 9.99, 10, 1_500];
  assert.equal(rates.map(formatRate), ['0', '0.00', '0.25', '0.99', '1.3', '10.0', '10', '1.5k']);
});

test('used memory is a share, whatever a node claims', () => {
  assert.is(memoryShare(1, 4), 0.25);
  assert.is(memoryShare(5, 4), 1);
  assert.is(memoryShare(5, 0), 0);
});

test('counts are grouped in thousands', () => {
  assert.equal([0, 999, 1000, 1234567].map(formatCount), ['0', '999', '1,000', '1,234,567']);
});

test('services without a name of their own are not shown, and hostile ones cannot act', () => {
  const services = ['dagent', '~12', 'http', '\x1b[2Jx'];
  assert.equal(namedServices(services), ['http', '\\x1b[2Jx']);
});

test.run();
