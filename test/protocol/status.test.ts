import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type NodeStatus,
  parseNodeStatus,
  parseStatuses,
  parseWatchRecord,
} from '../../src/protocol/status.ts';

const SAMPLE = {
  atMs: 5,
  load1: 0.5,
  cpus: 2,
  memoryUsedBytes: 1,
  memoryTotalBytes: 2,
  daemonBytes: 3,
};

const NODE: NodeStatus = {
  name: 'web1',
  id: '0123456789abcdef',
  role: 'leaf',
  parent: 'east',
  state: 'up',
  services: ['printer'],
  version: '1.0.0',
  startedAtMs: 77,
  rttMs: 1.5,
  sample: SAMPLE,
};

/** Nothing that a parser of ours may take for what it is not. */
const NONSENSE = ['', '{', 'null', '7', '"text"', '[]', '{}', '{"type":"node"}', '[null]'];

test('a status comes through as it was, and no field that is not its own', () => {
  assert.equal(parseNodeStatus({ ...NODE, more: 1 }), NODE);
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

test('figures that make no sense are none', () => {
  for (const part of [{ load1: -1 }, { cpus: 'two' }, { atMs: undefined }, { daemonBytes: null }]) {
    assert.is(parseNodeStatus({ ...NODE, sample: { ...SAMPLE, ...part } })?.sample, null);
  }
  for (const rttMs of [-1, 'soon', undefined, Number.NaN]) {
    assert.is(parseNodeStatus({ ...NODE, rttMs })?.rttMs, null);
  }
});

test('the records of a watch come through', () => {
  for (const record of [
    { type: 'snapshot', realm: 'test', nodes: [NODE] },
    { type: 'node', node: NODE },
    { type: 'gone', name: 'web1' },
  ]) {
    assert.equal(parseWatchRecord(JSON.stringify(record)), record);
  }
});

test('of a snapshot those nodes are taken that are some', () => {
  const line = JSON.stringify({ type: 'snapshot', realm: 'test', nodes: [7, NODE, null, {}] });
  assert.equal(parseWatchRecord(line), { type: 'snapshot', realm: 'test', nodes: [NODE] });
});

test('what is no record of a watch is none', () => {
  for (const line of [
    ...NONSENSE,
    '{"type":"gone"}',
    '{"type":"more","name":"web1"}',
    '{"type":"snapshot","realm":"test"}',
    '{"type":"snapshot","nodes":[]}',
  ]) {
    assert.is(parseWatchRecord(line), undefined, line);
  }
});

test('of what a child says only its name and its figures are taken', () => {
  const heard = { name: 'web1', rttMs: 1.5, sample: SAMPLE };
  const snapshot = { type: 'snapshot', nodes: [NODE, 7, { name: 'web2' }] };
  assert.equal(parseStatuses(JSON.stringify({ type: 'node', node: NODE })), [heard]);
  assert.equal(parseStatuses(JSON.stringify(snapshot)), [
    heard,
    { name: 'web2', rttMs: null, sample: null },
  ]);
  for (const line of NONSENSE) assert.equal(parseStatuses(line), [], line);
});

test('whatever comes, parsing ends well', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      parseNodeStatus(value);
      parseWatchRecord(JSON.stringify(value));
      parseStatuses(JSON.stringify(value));
    }),
  );
});

test.run();
