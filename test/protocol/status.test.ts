import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type NodeStatus,
  parseListedRecord,
  parseNodeStatus,
  parseTreeAnswer,
} from '../../src/protocol/status.ts';

const NODE: NodeStatus = {
  name: 'web1',
  id: '0123456789abcdef',
  role: 'leaf',
  parent: 'east',
  state: 'up',
  services: ['printer'],
  labels: { site: 'oslo' },
  version: '1.0.0',
  startedAtMs: 77,
  rttMs: 1.5,
  sample: null,
};

/** Nothing that a parser of ours may take for what it is not. */
const NONSENSE = ['', '{', 'null', '7', '"text"', '[]', '{}', '{"type":"node"}', '[null]'];

test('a status comes through as it was, and no field that is not its own', () => {
  assert.equal(parseNodeStatus({ ...NODE, more: 1, sample: { load1: 1 } }), NODE);
  const top = { ...NODE, parent: null, state: 'lost', rttMs: null, sample: null } as const;
  assert.equal(parseNodeStatus(top), top);
});

const BROKEN: readonly (readonly [keyof NodeStatus, unknown])[] = [
  ['name', 'a b'],
  ['name', 7],
  ['id', 7],
  ['role', 'boss'],
  ['parent', 7],
  ['parent', undefined],
  ['state', 'gone'],
  ['labels', 7],
  ['labels', { 'a b': 'c' }],
  ['services', 'printer'],
  ['services', [7]],
  ['version', null],
  ['startedAtMs', -1],
  ['startedAtMs', '5'],
];

for (const [field, value] of BROKEN) {
  test(`no status has ${JSON.stringify(value)} as its ${field}`, () => {
    assert.is(parseNodeStatus({ ...NODE, [field]: value }), undefined);
  });
}

test('a round trip that makes no sense is none', () => {
  for (const rttMs of [-1, 'soon', undefined, Number.NaN]) {
    assert.is(parseNodeStatus({ ...NODE, rttMs })?.rttMs, null);
  }
});

test('the records of a list of nodes come through', () => {
  for (const record of [
    { type: 'node', node: NODE },
    { type: 'unknown', name: 'web9' },
  ]) {
    assert.equal(parseListedRecord(JSON.stringify(record)), record);
  }
  for (const line of [...NONSENSE, '{"type":"unknown"}', '{"type":"unknown","name":"a b"}']) {
    assert.is(parseListedRecord(line), undefined, line);
  }
});

test('the value behind a list of nodes is taken as far as it makes sense', () => {
  const unmatched = [{ part: 'x*', similar: ['y'] }];
  const value = { realm: 'test', count: 3, unmatched };
  assert.equal(parseTreeAnswer(value), value);
  const odd = { realm: 7, count: 0, unmatched: [null, { part: 1 }, { part: 'x', similar: [7] }] };
  assert.equal(parseTreeAnswer(odd), { realm: null, count: 0, unmatched: [] });
  for (const none of [undefined, null, 7, {}, { count: 1 }, { count: -1, unmatched: [] }]) {
    assert.is(parseTreeAnswer(none), undefined);
  }
});

test('whatever comes, parsing ends well', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      parseNodeStatus(value);
      parseListedRecord(JSON.stringify(value));
      parseTreeAnswer(value);
    }),
  );
});

test.run();
