import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { NodeBox } from '../../../src/tui/effects.ts';
import { mailboxesView } from '../../../src/tui/views/mailboxes.ts';
import { NOW_MS, nodeOf, press, screenOf } from '../nodes.ts';
import { askedBy, assertScreens, showing } from './showing.ts';

function boxOf(box: string, at: string, more: Partial<NodeBox> = {}): NodeBox {
  return {
    box,
    at,
    kind: 'mailbox',
    node: at,
    count: 12,
    bytes: 34_567,
    dead: 0,
    deadBytes: 0,
    leased: 3,
    receivers: 1,
    error: null,
    oldestAtMs: NOW_MS - 90_000,
    ...more,
  };
}

const BOXES: readonly NodeBox[] = [
  boxOf('web10:orders', 'web10', { dead: 1_234, deadBytes: 10_000, receivers: 0, leased: 0 }),
  boxOf('web2:orders', 'hq', { kind: 'outbox', error: 'E_UNREACHABLE', receivers: 0, leased: 0 }),
  boxOf('web2:orders', 'web2', { count: 0, oldestAtMs: null, bytes: 0, leased: 0 }),
  boxOf(':bil\x07ling', 'hq', { kind: 'outbox', node: null, oldestAtMs: NOW_MS - 900_000 }),
];
const ANSWER = { value: { items: BOXES, silent: [], unaskedCount: 0 } };

function rowsOf(screen: string): string[] {
  return [...screen.matchAll(/^(\S*:\S+) +(\S+) /gm)].map(([, box, at]) => `${box} ${at}`);
}

test('mailboxes have a screen of each size', () => assertScreens('mailboxes', ANSWER));

test('boxes are in the order of their names, or of any column', () => {
  const model = showing('mailboxes', ANSWER, { columns: 200 });
  assert.equal(rowsOf(screenOf(model)), [
    ':bil\\x07ling hq',
    'web2:orders hq',
    'web2:orders web2',
    'web10:orders web10',
  ]);
  for (const column of model.view.columns) assert.ok(column.sortKey !== undefined, column.title);
  press(model, ...'>>>>>>>>'.split(''));
  assert.match(screenOf(model), 'OLDEST▲');
  assert.is(rowsOf(screenOf(model))[0], ':bil\\x07ling hq');
  assert.is(rowsOf(screenOf(model)).at(-1), 'web2:orders web2', 'nothing waits there');
});

test('only nodes are asked where something waits or is dead', () => {
  const sample = nodeOf('a').sample!;
  const nodes = [
    nodeOf('a', { sample: { ...sample, durableWaiting: 2, durableDead: 0 } }),
    nodeOf('b', { sample: { ...sample, durableWaiting: 0, durableDead: 1 } }),
    nodeOf('c', { sample: { ...sample, durableWaiting: 0, durableDead: 0 } }),
    nodeOf('d'),
  ];
  const model = showing('mailboxes', undefined, {}, {}, nodes);
  assert.equal(askedBy(model, { kind: 'tick' }), [{ source: 'mailboxes', nodes: ['a', 'b'] }]);
});

test('Enter shows all of a box, and how to read it', () => {
  const model = showing('mailboxes', ANSWER);
  press(model, 'G', 'return');
  assert.match(screenOf(model), /dead {8}1,234, 9\.8 KiB$/m);
  assert.match(screenOf(model), 'dagent mailbox peek web10:orders --at web10');
});

test('a filter finds boxes by their state too', () => {
  const model = showing('mailboxes', ANSWER);
  press(model, '/', ...'nobody'.split(''));
  assert.equal(rowsOf(screenOf(model)), ['web10:orders web10']);
});

test('filters test what columns say', () => {
  const model = showing('mailboxes', ANSWER, { columns: 200 });
  press(model, '/', ...'oldest>10m kind=outbox at=hq'.split(''));
  assert.equal(rowsOf(screenOf(model)), [':bil\\x07ling hq']);
});

test('without rows it says what to do', () => {
  const none = { value: { items: [], silent: [], unaskedCount: 0 } };
  assert.match(screenOf(showing('mailboxes', none)), 'dagent send --durable');
});

test('what is run on a row goes to the node that told of it', () => {
  assert.is(mailboxesView.nodeOf?.('bad web2 web1'), 'web1');
});

test.run();
