import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  isEntryName,
  isEntryPath,
  parseBlockAsk,
  parseContent,
  parseCopyProgress,
  parseCopyResult,
  parseEntry,
  parseItem,
  parseOrigin,
  parseOwner,
} from '../../src/protocol/file.ts';
import { FILE_BYTES_MAX, FILE_PATH_LENGTH_MAX } from '../../src/protocol/limits.ts';

const HASH = 'a'.repeat(64);
const CONTENT = { hash: HASH, size: 5 };
const ASK = { content: CONTENT, level: 0, index: 0, hash: HASH, origin: 'hq:~1', hops: 3 };

test('the name of an entry leads nowhere else', () => {
  for (const name of ['a', '..a', 'a b', '-r', 'ä'.repeat(127)]) assert.ok(isEntryName(name), name);
  const wrong = ['', '.', '..', 'a/b', '/', 'a\0', 'ä'.repeat(128), 7, undefined];
  for (const name of wrong) assert.not(isEntryName(name), String(name));
});

test(`the path of an entry leads downwards, in ${FILE_PATH_LENGTH_MAX} characters`, () => {
  const deep = Array.from({ length: 1_024 }, () => 'abc').join('/');
  assert.is(deep.length, FILE_PATH_LENGTH_MAX);
  for (const path of ['', 'a', 'a/b/c', deep]) assert.ok(isEntryPath(path));
  for (const path of ['/a', 'a/', 'a//b', '../a', 'a/..', './a', `${deep}d`]) {
    assert.not(isEntryPath(path), path);
  }
});

test('a content has a hash and a size that may be', () => {
  assert.equal(parseContent({ ...CONTENT, more: 1 }), CONTENT);
  const wrong = [null, 'x', {}, { hash: HASH }, { hash: 'A'.repeat(64), size: 1 }];
  const sizes = [-1, 1.5, Number.NaN, FILE_BYTES_MAX + 1, '5'];
  for (const value of [...wrong, ...sizes.map((size) => ({ hash: HASH, size }))]) {
    assert.is(parseContent(value), undefined);
  }
});

test('an origin names its node', () => {
  assert.equal(parseOrigin('hq:~1'), { node: 'hq', service: '~1' });
  for (const value of ['~1', 'orders', '', 'a b:c', 7]) assert.is(parseOrigin(value), undefined);
});

test('an ask for a block is whole, or none', () => {
  assert.equal(parseBlockAsk(ASK), ASK);
  const wrong = [
    { content: null },
    { level: -1 },
    { level: 9 },
    { index: 0.5 },
    { hash: 'x' },
    { origin: 'here' },
    { hops: 256 },
    { hops: -1 },
  ];
  for (const field of wrong) assert.is(parseBlockAsk({ ...ASK, ...field }), undefined);
});

test('an item, or an entry of a list, is what it says', () => {
  const file = { kind: 'file', content: CONTENT, mode: 0o644, user: 'ann' };
  assert.equal(parseItem(file), file);
  assert.equal(parseItem({ kind: 'tree', content: CONTENT }), { kind: 'tree', content: CONTENT });
  assert.is(parseItem({ ...file, mode: 0o10000 }), undefined);
  assert.is(parseItem({ kind: 'device', content: CONTENT, mode: 0 }), undefined);
  assert.equal(parseEntry({ path: 'a/b', ...file }), { path: 'a/b', ...file });
  const directory = { path: '', kind: 'directory', mode: 0o755 };
  assert.equal(parseEntry(directory), directory);
  for (const wrong of [{ ...file, path: '../a' }, { ...directory, mode: null }, { path: 'a' }]) {
    assert.is(parseEntry(wrong), undefined);
  }
});

test('owners are names', () => {
  assert.equal(parseOwner({ user: 'ann', group: '' }), { user: 'ann' });
  assert.equal(parseOwner({ user: 0, group: 'adm' }), { group: 'adm' });
  assert.equal(parseOwner(undefined), {});
});

test('a result has a verdict, and what it does not say is nothing', () => {
  const result = { verdict: 'ok', change: 'copied', path: '/x', files: 1, bytes: 2 } as const;
  assert.equal(parseCopyResult(result), { ...result, sentBytes: 0, ms: 0 });
  assert.is(parseCopyResult({ ...result, verdict: 'perhaps' }), undefined);
  assert.is(parseCopyResult(null), undefined);
  assert.not('change' in (parseCopyResult({ ...result, change: 'gone' }) ?? {}));
  assert.equal(parseCopyProgress({ doneBytes: 1, sentBytes: 2 }), { doneBytes: 1, sentBytes: 2 });
  assert.is(parseCopyProgress({ state: 'offering' }), undefined);
});

test.run();
