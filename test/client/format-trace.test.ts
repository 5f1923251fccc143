import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatHop, formatTalker, formatTraceEnd } from '../../src/client/format-trace.ts';
import type { TracedHop } from '../../src/client/trace.ts';
import { DagentError } from '../../src/protocol/errors.ts';

const HOP: TracedHop = {
  ...{ hop: 1, node: 'east', role: 'agent', fate: 'forwarded', error: null, ms: 2.5 },
  from: { name: 'hq', role: 'parent', rttMs: 3 },
  to: { name: 'web', role: 'child', rttMs: 1 },
  ...{ why: 'route', chosen: 'web', metric: 1 },
};

test('a hop says when, from where, to where, and why', () => {
  assert.is(
    formatHop(HOP),
    ' 1  east        agent   2.5ms  hq -> web (link 1.0ms)  route to web, 1 hop away',
  );
  assert.match(formatHop({ ...HOP, why: 'default', chosen: null }), /default route up$/);
  assert.match(formatHop({ ...HOP, why: 'anycast' }), /nearest: web, 1 hop away$/);
  assert.match(formatHop({ ...HOP, why: 'direct' }), /direct connection$/);
  assert.match(formatHop({ ...HOP, why: null }), /\(link 1.0ms\)$/);
});

test('where it ended is said in words', () => {
  const error = new DagentError('E_UNREACHABLE', {
    to: 'x:',
    node: 'hq',
    reason: 'knows no way',
  }).toData();
  const rejected = formatHop({ ...HOP, to: null, why: null, fate: 'rejected', error });
  assert.match(rejected, /hq rejected: x cannot be reached: hq knows no way$/);
  const dry = formatHop({ ...HOP, to: null, why: null, fate: 'dry' });
  assert.match(dry, /hq would be delivered$/);
});

test('a name that would move the cursor is shown as text', () => {
  const from = { name: '\x1b[2J', role: 'client', rttMs: null };
  assert.match(formatHop({ ...HOP, from }), '\\x1b[2J ->');
});

test('who talks to it past the daemon is told with how much', () => {
  assert.equal(
    [
      formatTalker({ from: 'hq:~12', messages: 1_204, sinceMs: 3_000 }),
      formatTalker({ from: 'hq:shop', messages: 1, sinceMs: 2 }),
    ],
    [
      'direct: hq:~12 talks to it past the daemon, 1,204 messages in 3.0s',
      'direct: hq:shop talks to it past the daemon, 1 message in 2.0ms',
    ],
  );
});

test('the last line tells what became of it', () => {
  const rejected = new DagentError('E_NO_SERVICE', { node: 'web', service: 'shop' });
  const ends = [
    formatTraceEnd('web:', { outcome: 'delivered', error: null, ms: 4 }),
    formatTraceEnd('web:', { outcome: 'delivered', error: new DagentError('E_REMOTE'), ms: 4 }),
    formatTraceEnd('web:', { outcome: 'delivered', error: new DagentError('E_DEADLINE'), ms: 4 }),
    formatTraceEnd('web:', { outcome: 'dry', error: null, ms: 4 }),
    formatTraceEnd('web:', { outcome: 'rejected', error: rejected, ms: 4 }),
    formatTraceEnd('web:', { outcome: 'lost', error: new DagentError('E_LOST'), ms: 4 }),
  ];
  assert.equal(ends, [
    'delivered to web:, answered after 4.0ms',
    'delivered to web:, answered E_REMOTE after 4.0ms',
    'delivered to web:, no answer after 4.0ms',
    'would be delivered to web:  (dry: it was not; 4.0ms there and back)',
    'not delivered to web:  (E_NO_SERVICE after 4.0ms)',
    'nobody says what became of it  (E_LOST after 4.0ms)',
  ]);
});

test.run();
