import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compareVersions } from '../../src/base/version-order.ts';

/** Each is older than the next. */
const ASCENDING = [
  ['1', '2', '10'],
  ['1.2', '1.9', '1.10'],
  ['1.0~rc1', '1.0', '1.0-1', '1.0-2', '1.0+dfsg-1'],
  ['2.36-9', '2.36-9+deb12u4', '2.36-10'],
  ['9', '1:0.1', '2:0'],
  ['6.1', '6.1.0', '6.18.44-fc-v669'],
  ['1.0a', '1.0b', '1.0.1'],
  ['', '0.1'],
];

for (const versions of ASCENDING) {
  test(`${versions.join(' < ')}`, () => {
    for (const [at, version] of versions.entries()) {
      for (const [place, other] of versions.entries()) {
        const told = Math.sign(compareVersions(version, other));
        assert.is(told, Math.sign(at - place), `${version} and ${other}`);
      }
    }
  });
}

test('zeros in front do not count', () => {
  assert.is(compareVersions('1.02', '1.2'), 0);
  assert.is(compareVersions('0:1', '1'), 0);
});

test('any two texts have an order, and it is one', () => {
  const version = fc.string({ unit: fc.constantFrom(...'01a~.-:+'), maxLength: 6 });
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      assert.is(Math.sign(compareVersions(a, b)), 0 - Math.sign(compareVersions(b, a)));
      const [low, middle, high] = [a, b, c].sort(compareVersions) as [string, string, string];
      assert.ok(compareVersions(low, middle) <= 0 && compareVersions(low, high) <= 0);
      assert.ok(compareVersions(middle, high) <= 0);
    }),
  );
});

test.run();
