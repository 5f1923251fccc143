import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type LayerEntry, mergeEntries, RecordLayer } from '../../src/adapters/record-layer.ts';
import { put, remove } from '../compliance/store.ts';

function layerOf(...writes: Parameters<RecordLayer['apply']>[0]): RecordLayer {
  const layer = new RecordLayer();
  layer.apply(writes);
  return layer;
}

function toTexts(entries: Iterable<LayerEntry>): string[] {
  return [...entries].map(([key, value]) => `${key} ${value === null ? 'gone' : value}`);
}

test('a layer has the last change of each key, in their order', () => {
  const layer = layerOf(put('b', '1'), put('a', '2'), put('b', '3'), remove('c'));
  assert.equal(toTexts(layer.entries()), ['a 2', 'b 3', 'c gone']);
  assert.ok(layer.has('c'));
  assert.not.ok(layer.has('d'));
});

test('a range begins with its first key and ends before its last', () => {
  const layer = layerOf(...['a', 'b', 'c', 'd'].map((key) => put(key, key)));
  assert.equal(toTexts(layer.within({ from: 'b', below: 'd' })), ['b b', 'c c']);
  assert.equal(toTexts(layer.within({ from: 'aa', below: 'bb' })), ['b b']);
  assert.equal(toTexts(layer.within({ from: 'x', below: 'z' })), []);
});

test('what lies above another layer hides what is below', () => {
  const below = layerOf(put('a', 'old'), put('b', 'old'), put('c', 'old'));
  const above = layerOf(put('b', 'new'), remove('c'), put('d', 'new'));
  const all = { from: 'a', below: 'z' };
  const merged = toTexts(mergeEntries([above.within(all), below.within(all)]));
  assert.equal(merged, ['a old', 'b new', 'c gone', 'd new']);
  below.absorb(above);
  assert.equal(toTexts(below.entries()), merged);
});

test('sources are ended with the merge, however early that ends', () => {
  let endedCount = 0;
  function* source(...keys: string[]): Generator<LayerEntry, undefined> {
    try {
      for (const key of keys) yield [key, null];
    } finally {
      endedCount++;
    }
    return undefined;
  }
  for (const _ of mergeEntries([source('a', 'c'), source('b', 'd')])) break;
  assert.is(endedCount, 2);
});

test.run();
