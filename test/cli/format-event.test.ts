import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatEvent } from '../../src/cli/format-event.ts';

const AT = { type: 'event', at: '2026-11-21T12:00:01.234Z' };

test('an event says when, what, about whom, and what matters of it', () => {
  const lines = [
    { event: 'node-lost', node: 'web1', parent: 'east', flaps: 3 },
    { event: 'node-lost', node: 'web1', parent: 'east', flaps: 1 },
    { event: 'node-moved', node: 'web1', from: null, parent: 'west' },
    { event: 'node-up', node: 'web1', parent: 'east', services: ['mail', 'shop'] },
    { event: 'node-changed', node: 'web1', fields: ['labels'] },
    { event: 'service-up', node: 'web1', service: 'mail' },
    { event: 'link-down', node: 'hq', peer: 'east', as: 'child', code: 'E_LOST', reason: 'gone' },
    { event: 'link-failed', node: 'hq', as: 'parent', url: 'cd://x:1', retryMs: 1_500 },
  ].map((each) => formatEvent({ ...AT, ...each }));
  assert.equal(lines, [
    '12:00:01.234  node-lost       web1  below east  lost 3 times in 10 minutes',
    '12:00:01.234  node-lost       web1  below east',
    '12:00:01.234  node-moved      web1  from no parent to west',
    '12:00:01.234  node-up         web1  below east  mail, shop',
    '12:00:01.234  node-changed    web1  labels',
    '12:00:01.234  service-up      web1  mail',
    '12:00:01.234  link-down       hq  child east  gone (E_LOST)',
    '12:00:01.234  link-failed     hq  parent  cd://x:1  again in 1.5s',
  ]);
});

test('what nodes send cannot move the cursor, and any shape is shown', () => {
  assert.match(formatEvent({ ...AT, event: 'node-up', node: '\x1b[2J' }), '\\x1b[2J');
  assert.type(formatEvent({ at: 7, services: 'x', flaps: 'y', as: {} }), 'string');
});

test.run();
