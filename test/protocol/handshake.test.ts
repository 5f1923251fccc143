import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  chooseHoldMs,
  chooseVersion,
  parseHello,
  parseWelcome,
  VERSION_MAX,
  VERSION_MIN,
} from '../../src/protocol/handshake.ts';
import { HOLD_MS_DEFAULT, HOLD_MS_MIN } from '../../src/protocol/limits.ts';
import { pack, unpackMap } from '../../src/protocol/pack.ts';

const RECORD = {
  name: 'web-01',
  id: '0123456789abcdef',
  role: 'leaf',
  parent: null,
  services: [],
  incarnation: 1,
  seqno: 0,
  joinedSeqno: 0,
  revision: 0,
  realm: null,
  labels: {},
  urls: [],
  topics: [],
  version: '0.1.0',
};
const VERSIONS = { versionMin: VERSION_MIN, versionMax: VERSION_MAX };
const CHILD = { ...VERSIONS, holdMs: 5000, as: 'child', realm: 'lab', record: RECORD };
const WELCOME = {
  version: 1,
  realm: 'lab',
  record: RECORD,
  depth: 2,
  top: 'root',
  holdMs: 5000,
  endpoint: '~7',
  seed: 0xffff_ffff,
};

test('the hello of a child is read as it was sent', () => {
  assert.equal(parseHello(unpackMap(pack(CHILD))), CHILD);
});

test('the hello of a client is read, without what only a child says', () => {
  const hello = { ...VERSIONS, holdMs: 5000, as: 'client' };
  assert.equal(parseHello({ ...hello, record: RECORD }), hello);
});

test('a child that was nowhere yet has no realm', () => {
  assert.is(parseHello({ ...CHILD, realm: null })?.as, 'child');
  assert.equal(parseHello({ ...CHILD, realm: null }), { ...CHILD, realm: null });
});

test('who says no hold time gets HOLD_MS_DEFAULT', () => {
  assert.is(parseHello({ ...CHILD, holdMs: undefined })?.holdMs, HOLD_MS_DEFAULT);
});

test('a welcome is read as it was sent', () => {
  assert.equal(parseWelcome(unpackMap(pack(WELCOME))), WELCOME);
});

test('a welcome that says nothing of the top is from one that has a way there', () => {
  assert.is(parseWelcome({ ...WELCOME, top: undefined })?.top, RECORD.name);
  assert.is(parseWelcome({ ...WELCOME, top: 'a/b' })?.top, RECORD.name);
  assert.is(parseWelcome({ ...WELCOME, top: null })?.top, null);
});

test('two sides speak the highest version that both know', () => {
  const choose = (a: readonly [number, number], b: readonly [number, number]) =>
    chooseVersion({ versionMin: a[0], versionMax: a[1] }, { versionMin: b[0], versionMax: b[1] });
  assert.is(choose([1, 3], [2, 5]), 3);
  assert.is(choose([2, 5], [1, 3]), 3);
  assert.is(choose([1, 1], [1, 9]), 1);
  assert.is(choose([1, 2], [3, 4]), undefined);
  assert.is(choose([3, 4], [1, 2]), undefined);
});

const NO_HELLO: readonly (readonly [string, object])[] = [
  ['no versions', { versionMin: undefined }],
  ['a version that is text', { versionMax: '1' }],
  ['a version below zero', { versionMin: -1 }],
  ['a role in the handshake that we do not have', { as: 'parent' }],
  ['no record', { record: undefined }],
  ['a record that is none', { record: { ...RECORD, id: 'x' } }],
];

for (const [what, change] of NO_HELLO) {
  test(`a hello with ${what} is none`, () => {
    assert.is(parseHello({ ...CHILD, ...change }), undefined);
  });
}

const NO_WELCOME: readonly (readonly [string, object])[] = [
  ['no version', { version: null }],
  ['a realm that is no name', { realm: 'a/b' }],
  ['a realm that is a number', { realm: 1 }],
  ['a depth below zero', { depth: -1 }],
  ['a depth in parts', { depth: 0.5 }],
  ['no hold time', { holdMs: undefined }],
  ['a seed of more than 32 bits', { seed: 2 ** 32 }],
  ['no endpoint', { endpoint: 7 }],
  ['a record that is none', { record: [] }],
];

for (const [what, change] of NO_WELCOME) {
  test(`a welcome with ${what} is none`, () => {
    assert.is(parseWelcome({ ...WELCOME, ...change }), undefined);
  });
}

test('nothing that can arrive makes it throw', () => {
  const keys = [...Object.keys(CHILD), ...Object.keys(WELCOME)];
  fc.assert(
    fc.property(fc.anything(), fc.constantFrom(...keys), (value, key) => {
      parseHello({ ...CHILD, [key]: value });
      parseWelcome({ ...WELCOME, [key]: value });
    }),
    { numRuns: 1000 },
  );
});

const HOLD: readonly (readonly [number, number, number])[] = [
  [15_000, 5000, 5000],
  [5000, 15_000, 5000],
  [1000, 1, HOLD_MS_MIN],
  [0, 0, HOLD_MS_MIN],
  [15_000, 0xffff_ffff, 15_000],
];

for (const [here, there, chosen] of HOLD) {
  test(`hold times of ${here} and ${there} ms make ${chosen}`, () => {
    assert.is(chooseHoldMs(here, there), chosen);
  });
}

test.run();
