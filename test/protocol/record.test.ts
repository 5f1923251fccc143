import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf } from '../../src/protocol/address.ts';
import {
  LABEL_LENGTH_MAX,
  LABELS_MAX,
  NAME_LENGTH_MAX,
  SERVICES_PER_LINK_MAX,
  TOPIC_LENGTH_MAX,
  TOPICS_PER_NODE_MAX,
  URL_LENGTH_MAX,
  URLS_PER_NODE_MAX,
} from '../../src/protocol/limits.ts';
import { pack, unpack } from '../../src/protocol/pack.ts';
import { keyOf, type NodeRecord, parseAdvert, parseRecord } from '../../src/protocol/record.ts';

const RECORD: NodeRecord = {
  name: 'web-01',
  id: '0123456789abcdef',
  role: 'leaf',
  parent: 'hall-3',
  services: ['dagent', 'clock'],
  incarnation: 1_700_000_000_000,
  seqno: 3,
  joinedSeqno: 2,
  revision: 9,
  realm: 'hall',
  labels: { site: 'oslo' },
  urls: ['cd://10.0.0.1:4042'],
  topics: ['orders.>'],
  version: '0.1.0',
};

test('a record is the same after a journey', () => {
  assert.equal(parseRecord(unpack(pack(RECORD))), RECORD);
  assert.equal(parseRecord({ ...RECORD, parent: null })?.parent, null);
});

test('a record of an older version, without the later fields, is taken', () => {
  const { joinedSeqno, revision, realm, labels, urls, topics, ...older } = RECORD;
  assert.equal(parseRecord(older), {
    ...older,
    ...{ joinedSeqno: 0, revision: 0, realm: null, labels: {}, urls: [], topics: [] },
  });
});

test('fields that we do not know are ignored', () => {
  assert.equal(parseRecord({ ...RECORD, colour: 'blue' }), RECORD);
});

function many(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));
}

const WRONG: readonly (readonly [string, object])[] = [
  ['a name that is none', { name: '../etc' }],
  ['a name that is too long', { name: 'x'.repeat(NAME_LENGTH_MAX + 1) }],
  ['a name that is a number', { name: 7 }],
  ['an id that is too short', { id: '0123' }],
  ['an id in capitals', { id: '0123456789ABCDEF' }],
  ['an id with a newline behind', { id: '0123456789abcdef\n' }],
  ['a role that we do not have', { role: 'king' }],
  ['a role from the prototype', { role: 'toString' }],
  ['a parent that is none', { parent: '' }],
  ['no parent at all', { parent: undefined }],
  ['services that are no list', { services: 'clock' }],
  ['a service that is none', { services: ['clock', 'a b'] }],
  ['a service that is a list', { services: [['clock']] }],
  ['an incarnation below zero', { incarnation: -1 }],
  ['an incarnation in parts', { incarnation: 1.5 }],
  ['an incarnation beyond exact numbers', { incarnation: 2 ** 53 }],
  ['a seqno that is text', { seqno: '3' }],
  ['a revision that is none', { revision: -1 }],
  ['a realm that is none', { realm: 'a b' }],
  ['labels that are a list', { labels: ['a'] }],
  ['a label with a line in it', { labels: { site: 'a\nb' } }],
  ['a label whose name is none', { labels: { 'a b': 'c' } }],
  ['more labels than there may be', { labels: many(LABELS_MAX + 1) }],
  ['a label that is too long', { labels: { site: 'x'.repeat(LABEL_LENGTH_MAX + 1) } }],
  ['a URL that is a number', { urls: [1] }],
  ['more URLs than there may be', { urls: Array(URLS_PER_NODE_MAX + 1).fill('cd:/a') }],
  ['a URL that is too long', { urls: ['x'.repeat(URL_LENGTH_MAX + 1)] }],
  ['more topics than there may be', { topics: Array(TOPICS_PER_NODE_MAX + 1).fill('a') }],
  ['a topic that is too long', { topics: ['x'.repeat(TOPIC_LENGTH_MAX + 1)] }],
  ['a version that is too long', { version: 'v'.repeat(65) }],
  ['a version that is a number', { version: 1 }],
];

for (const [what, change] of WRONG) {
  test(`a record with ${what} is none`, () => {
    assert.is(parseRecord({ ...RECORD, ...change }), undefined);
  });
}

test('a record has at most SERVICES_PER_LINK_MAX services', () => {
  const many = Array.from({ length: SERVICES_PER_LINK_MAX }, (_, number) => `s${number}`);
  assert.ok(parseRecord({ ...RECORD, services: many }));
  assert.is(parseRecord({ ...RECORD, services: [...many, 'more'] }), undefined);
});

test('an advert is a record with a metric', () => {
  assert.equal(parseAdvert({ record: RECORD, metric: 2 }), { record: RECORD, metric: 2 });
  assert.is(parseAdvert({ record: RECORD }), undefined);
  assert.is(parseAdvert({ record: RECORD, metric: -1 }), undefined);
  assert.is(parseAdvert({ record: { ...RECORD, name: '' }, metric: 2 }), undefined);
});

test('nothing that can arrive makes it throw', () => {
  const anything = fc.anything({ withNullPrototype: true, withTypedArray: true });
  fc.assert(
    fc.property(anything, fc.constantFrom(...Object.keys(RECORD)), (value, key) => {
      assert.is(parseRecord(value), undefined);
      assert.is(parseAdvert(value), undefined);
      parseRecord({ ...RECORD, [key]: value });
      parseAdvert({ record: RECORD, metric: value });
    }),
    { numRuns: 1000 },
  );
});

test('the key of a record is that of its name', () => {
  assert.is(keyOf(RECORD), nodeKeyOf('web-01'));
});

test.run();
