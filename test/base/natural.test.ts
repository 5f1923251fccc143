import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { naturalKey, sortNaturally } from '../../src/base/natural.ts';

function sorted(names: readonly string[]): string[] {
  const keyed = names.map((name) => [naturalKey(name), name] as const);
  return keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, name]) => name);
}

test('numbers in names count as numbers', () => {
  assert.equal(sorted(['web10', 'web2', 'web1']), ['web1', 'web2', 'web10']);
  assert.equal(sorted(['r2-10', 'r10-1', 'r2-9']), ['r2-9', 'r2-10', 'r10-1']);
  assert.equal(sorted(['n99999999999999999999', 'n100000000000000000000', 'n1']), [
    'n1',
    'n99999999999999999999',
    'n100000000000000000000',
  ]);
});

test('a name comes before the longer ones that begin with it', () => {
  assert.equal(sorted(['web1', 'web', 'web-a', 'weba']), ['web', 'web-a', 'web1', 'weba']);
});

test('case and leading zeros decide only between names that are alike otherwise', () => {
  assert.equal(sorted(['web2', 'Web1', 'API', 'api']), ['API', 'api', 'Web1', 'web2']);
  assert.equal(sorted(['web2', 'web01', 'web1']), ['web01', 'web1', 'web2']);
});

test('things are sorted by their names into a new list', () => {
  const given = [{ name: 'web10' }, { name: 'web9' }];
  const inOrder = sortNaturally(given, ({ name }) => name);
  assert.equal(inOrder, [{ name: 'web9' }, { name: 'web10' }]);
  assert.is(given[0]?.name, 'web10');
});

test.run();
