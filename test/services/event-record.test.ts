import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseExpression } from '../../src/protocol/expression.ts';
import {
  compareRecords,
  EVENT_FIELDS,
  type EventRecord,
  lookAtEvent,
} from '../../src/services/event-record.ts';
import { recordOf } from './view.ts';

const BEFORE = recordOf('web', 'east');

test('what is new in the word about a node is told piece by piece', () => {
  const later = { ...BEFORE, seqno: 9, revision: 3, realm: 'test' };
  assert.equal(compareRecords(BEFORE, later), []);
  assert.equal(compareRecords(later, { ...later, realm: null }), [], 'it has come again');
  assert.equal(compareRecords(BEFORE, { ...BEFORE, parent: 'west' }), [
    { event: 'node-moved', node: 'web', parent: 'west', from: 'east' },
  ]);
  assert.equal(compareRecords(BEFORE, { ...BEFORE, services: ['mail'] }), [
    { event: 'service-up', node: 'web', service: 'mail' },
    { event: 'service-down', node: 'web', service: 'printer' },
  ]);
  assert.equal(compareRecords(BEFORE, { ...BEFORE, labels: { site: 'oslo' }, version: '2.0.0' }), [
    { event: 'node-changed', node: 'web', fields: ['labels', 'version'] },
  ]);
  const restarted = compareRecords(BEFORE, { ...BEFORE, incarnation: 78, parent: null });
  assert.equal(
    restarted.map(({ event }) => event),
    ['node-restarted', 'node-moved'],
  );
});

test('an expression may ask for every field', () => {
  const event: EventRecord = {
    ...{ type: 'event', seq: 0, at: '', seenBy: 'hq', event: 'node-up', node: 'web' },
    ...{
      parent: 'east',
      services: ['mail', 'shop'],
      code: 'E_LOST',
      flaps: 3,
      peer: 'x',
      url: 'u',
      flag: 'dagent/disk/full',
      priority: 'error',
    },
  };
  const all = Object.keys(EVENT_FIELDS).filter((field) => lookAtEvent(event, field) === undefined);
  assert.equal(all, []);
  for (const expression of ['service=shop', 'flaps>2', 'event=node-*', 'parent=east node=web']) {
    const filter = parseExpression(expression, EVENT_FIELDS);
    assert.ok(
      filter((field) => lookAtEvent(event, field)),
      expression,
    );
  }
  assert.is(lookAtEvent({ ...event, parent: null }, 'parent'), undefined);
  assert.is(lookAtEvent(event, 'other'), undefined);
});

test.run();
