import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatBytes } from '../../src/base/size.ts';

const SIZES: readonly (readonly [number, string])[] = [
  [0, '0 B'],
  [512, '512 B'],
  [999, '999 B'],
  [1000, '1.0 KiB'],
  [1023, '1.0 KiB'],
  [1024, '1.0 KiB'],
  [1536, '1.5 KiB'],
  [10_239, '10 KiB'],
  [1_048_575, '1.0 MiB'],
  [1_048_576, '1.0 MiB'],
  [25_769_803_776, '24 GiB'],
  [2 ** 60, '1024 PiB'],
];

for (const [bytes, text] of SIZES) {
  test(`${bytes} bytes are shown as "${text}"`, () => {
    assert.is(formatBytes(bytes), text);
  });
}

test.run();
