import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compareVersions, isCompatible, parseVersion } from '../../src/protocol/api-version.ts';

function version(text: string): readonly number[] {
  const parsed = parseVersion(text);
  if (parsed === undefined) throw new Error(`${text} is no version`);
  return parsed;
}

test('a version is one to three numbers', () => {
  assert.equal(parseVersion('2'), [2]);
  assert.equal(parseVersion('2.10.3'), [2, 10, 3]);
  for (const text of ['', 'v2', '2.', '1.2.3.4', '-1', '1.x', ' 1', '99999999999']) {
    assert.is(parseVersion(text), undefined, text);
  }
});

test('numbers are compared as numbers, and what is left out is zero', () => {
  const sorted = ['1.10', '1.9.9', '2', '1.9', '0.1'].map(version).sort(compareVersions);
  assert.equal(
    sorted.map((each) => each.join('.')),
    ['0.1', '1.9', '1.9.9', '1.10', '2'],
  );
  assert.is(compareVersions([2], [2, 0, 0]), 0);
});

test('compatible is what has the same major number and is not older', () => {
  const cases: [string, string, boolean][] = [
    ['2.0.0', '2', true],
    ['2.3.1', '2.3', true],
    ['2.3.1', '2.3.1', true],
    ['2.4.0', '2.3.9', true],
    ['2.3.0', '2.3.1', false],
    ['3.0.0', '2', false],
    ['1.9.9', '2', false],
    // Below 1 each minor number stands for itself.
    ['0.3.0', '0.2', false],
    ['0.2.5', '0.2.1', true],
    ['0.2.0', '0.2.1', false],
    ['0.9.0', '0', true],
  ];
  for (const [offered, wanted, expected] of cases) {
    assert.is(isCompatible(version(offered), version(wanted)), expected, `${offered} ${wanted}`);
  }
});

test.run();
