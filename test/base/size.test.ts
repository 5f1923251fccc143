import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatBytes, parseSize } from '../../src/base/size.ts';

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

const TYPED: readonly (readonly [string, number | undefined])[] = [
  ['0', 0],
  ['10000', 10_000],
  ['64k', 65_536],
  ['10Mi', 10_485_760],
  ['1 GiB', 1_073_741_824],
  ['1.5K', 1_536],
  ['2TB', 2_199_023_255_552],
  ['7b', 7],
  ['', undefined],
  ['k', undefined],
  ['-1', undefined],
  ['1x', undefined],
  ['1kk', undefined],
  ['9999999999T', undefined],
];

for (const [text, bytes] of TYPED) {
  test(`${text || 'nothing'} is read as ${bytes ?? 'no size'}`, () => {
    assert.is(parseSize(text), bytes);
  });
}

test.run();
