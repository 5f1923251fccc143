import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describeBox, parseBoxRecord } from '../../src/client/mailboxes.ts';

const BOX = {
  box: 'web1:orders',
  kind: 'mailbox',
  node: 'web1',
  count: 2,
  bytes: 30,
  dead: 0,
  deadBytes: 0,
  leased: 1,
  receivers: 1,
  error: null,
  oldestAtMs: 5,
} as const;

test('a box is what makes sense of one, and nothing else', () => {
  assert.equal(parseBoxRecord({ ...BOX, more: 1 }), BOX);
  assert.equal(parseBoxRecord({ ...BOX, node: 7, oldestAtMs: 'x' }), {
    ...BOX,
    node: null,
    oldestAtMs: null,
  });
  for (const field of ['box', 'kind', 'count', 'bytes', 'dead', 'leased', 'receivers']) {
    assert.is(parseBoxRecord({ ...BOX, [field]: null }), undefined, field);
  }
  assert.is(parseBoxRecord(null), undefined);
  assert.is(parseBoxRecord({ ...BOX, count: -1 }), undefined);
});

test('its state says whether somebody receives, or why it does not go on', () => {
  assert.is(describeBox(BOX), 'received');
  assert.is(describeBox({ ...BOX, receivers: 0 }), 'nobody receives');
  const outbox = { ...BOX, kind: 'outbox' } as const;
  assert.is(describeBox(outbox), 'on its way');
  assert.is(describeBox({ ...outbox, error: 'E_UNREACHABLE' }), 'E_UNREACHABLE');
  assert.is(describeBox({ ...outbox, node: null }), 'no node has it yet');
  assert.is(describeBox({ ...outbox, count: 0, dead: 500 }), 'nothing waits');
});

test.run();
