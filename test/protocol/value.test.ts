import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { VALUE_COUNT_MAX, VALUE_DEPTH_MAX } from '../../src/protocol/limits.ts';
import { pack, unpack } from '../../src/protocol/pack.ts';
import { flawOf, isSameValue } from '../../src/protocol/value.ts';

/** A list in a list, and so on. */
function nest(depth: number): unknown {
  let value: unknown = 'bottom';
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

test('data of every kind can travel, and objects of classes as the map of their fields', () => {
  class Point {
    x = 1;
  }
  const bare = Object.assign(Object.create(null), { a: 1 });
  const all = [null, undefined, true, -1.5, 'text', Buffer.from('x'), new Date(0), [1], { a: [] }];
  for (const value of [...all, all, new Point(), bare]) assert.is(flawOf(value), undefined);
});

test('what would arrive as something else is named', () => {
  const flaws = [() => 1, Symbol('s'), 1n, new Map(), [new Set()], { at: { it: new Error('x') } }];
  const named = flaws.map(flawOf);
  assert.equal(
    named,
    ['function', 'symbol', 'bigint', 'Map', 'Set', 'Error'].map((kind) => {
      return `a ${kind} is in it`;
    }),
  );
});

test('a map with a key that means something to objects is refused, also as it arrives', () => {
  for (const key of ['__proto__', 'constructor', 'prototype']) {
    const hostile = JSON.parse(`{"a": [{"${key}": {"isAdmin": true}}]}`);
    assert.match(flawOf(hostile) ?? '', `the key ${key}`);
    const arrived = unpack(pack(hostile));
    assert.match(flawOf(arrived) ?? '', 'the key');
    assert.is(({} as { isAdmin?: boolean }).isAdmin, undefined);
  }
});

test('depth and number of lists and maps are bounded, so that a circle ends too', () => {
  assert.is(flawOf(nest(VALUE_DEPTH_MAX)), undefined);
  assert.match(flawOf(nest(VALUE_DEPTH_MAX + 1)) ?? '', `more than ${VALUE_DEPTH_MAX}`);
  const circle: unknown[] = [];
  circle.push(circle);
  assert.match(flawOf(circle) ?? '', 'within each other');
  const many = Array.from({ length: VALUE_COUNT_MAX - 1 }, () => []);
  assert.is(flawOf(many), undefined);
  assert.match(flawOf([...many, []]) ?? '', `more than ${VALUE_COUNT_MAX}`);
});

test('values are the same when all that is in them is', () => {
  const same: [unknown, unknown][] = [
    [1, 1],
    [{ a: [1, { b: null }] }, { a: [1, { b: null }] }],
    [new Date(5), new Date(5)],
  ];
  for (const [one, other] of same) assert.ok(isSameValue(one, other));
  const different: [unknown, unknown][] = [
    [1, '1'],
    [null, {}],
    [[], {}],
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: undefined }, { b: undefined }],
    [
      [1, 2],
      [2, 1],
    ],
    [{ toString: 1 }, {}],
  ];
  for (const [one, other] of different) assert.not(isSameValue(one, other));
});

test.run();
