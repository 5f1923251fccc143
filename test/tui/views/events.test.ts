import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type EventRow, parseEvent } from '../../../src/client/events.ts';
import { TOP_EVENTS_MAX } from '../../../src/protocol/limits.ts';
import { EVENTS_RETRY_MS } from '../../../src/tui/event-log.ts';
import type { Model, ModelOptions } from '../../../src/tui/model.ts';
import { update } from '../../../src/tui/update.ts';
import { NOW_MS, press, type ScreenSize, screenOf, smallRealm } from '../nodes.ts';
import { assertScreen } from '../screen-file.ts';
import { showing } from './showing.ts';

function eventOf(seq: number, more: Record<string, unknown> = {}): EventRow {
  const at = new Date(NOW_MS - 60_000 + seq * 1_000).toISOString();
  const record = { type: 'event', seq, seenBy: 'root1', at, event: 'node-up', node: `web${seq}` };
  return parseEvent({ ...record, ...more })!;
}

const EVENTS: readonly EventRow[] = [
  eventOf(1, { parent: 'east', services: ['mail', 'shop'] }),
  eventOf(2, { event: 'node-lost', parent: 'east', flaps: 3 }),
  eventOf(3, { event: 'flag-raised', flag: 'orders/db/down', priority: 'error', reason: 'no\x07' }),
  eventOf(4, { event: 'link-failed', as: 'parent', url: 'cd://x:1', retryMs: 1_500 }),
];

/** Whether they are to be followed, or no longer, after `event`; undefined when nothing changes. */
function followed(model: Model, event: Parameters<typeof update>[1], nowMs = NOW_MS) {
  const effects = update(model, event, nowMs).filter(({ kind }) => kind === 'follow');
  assert.ok(effects.length <= 1);
  return effects.map((effect) => effect.kind === 'follow' && effect.isWanted)[0];
}

function watching(size: ScreenSize = {}, more: Partial<ModelOptions> = {}): Model {
  const model = showing('events', undefined, size, more);
  update(model, { kind: 'tick' }, NOW_MS);
  return model;
}

function tell(model: Model, events: readonly EventRow[] = EVENTS): void {
  update(model, { kind: 'happened', events }, NOW_MS);
}

/** The nodes of the rows. */
function nodesOf(screen: string): string[] {
  return [...screen.matchAll(/^\d\d:\d\d:\d\d +\S+ +\S+ +(\S+)/gm)].map(([, node = '']) => node);
}

/** The screen without the times of the day, which are those of where we are. */
function timeless(model: Model): string {
  return screenOf(model, NOW_MS + 3_000).replace(/^\d\d(?=:\d\d:\d\d )/gm, 'HH');
}

test('events have a screen of each size', () => {
  const draw = (size: ScreenSize, more: Partial<ModelOptions> = {}) => {
    const model = watching(size, more);
    tell(model);
    return timeless(model);
  };
  assertScreen(draw({}), 'events-80x24');
  assertScreen(draw({ columns: 200, rows: 60 }), 'events-200x60');
  assertScreen(draw({ columns: 60, rows: 12 }, { isAscii: true }), 'events-60x12-ascii');
});

test('they are followed while they are shown, and only then', () => {
  const model = showing('tree', undefined);
  assert.is(followed(model, { kind: 'tick' }), undefined);
  const digit = String(model.views.findIndex(({ name }) => name === 'events') + 1);
  assert.is(followed(model, { kind: 'key', key: digit }), true);
  assert.is(followed(model, { kind: 'tick' }), undefined);
  assert.is(followed(model, { kind: 'key', key: '1' }), false);
  tell(model);
  press(model, digit);
  assert.equal(nodesOf(screenOf(model)), [], 'what came too late is not taken');
});

test('the newest is first, and the cursor stays there until it is moved', () => {
  const model = watching();
  tell(model);
  assert.equal(nodesOf(screenOf(model)), ['web4', 'web3', 'web2', 'web1']);
  tell(model, [eventOf(5), eventOf(6)]);
  screenOf(model);
  assert.is(model.state.selected, 'root1 6');
  press(model, 'down');
  tell(model, [eventOf(7)]);
  assert.equal(nodesOf(screenOf(model)).slice(0, 3), ['web7', 'web6', 'web5']);
  assert.is(model.state.selected, 'root1 5');
});

test('a pause holds them back and says how many, and then they are all there', () => {
  const model = watching();
  tell(model);
  press(model, 'p');
  tell(model, [eventOf(5)]);
  tell(model, [eventOf(6), eventOf(7)]);
  assert.equal(nodesOf(screenOf(model)), ['web4', 'web3', 'web2', 'web1']);
  assert.match(screenOf(model), '3 have come since the pause');
  press(model, 'p');
  assert.equal(nodesOf(screenOf(model)).slice(0, 4), ['web7', 'web6', 'web5', 'web4']);
});

test('TOP_EVENTS_MAX are kept, also of those that are held back', () => {
  const model = watching();
  const many = Array.from({ length: TOP_EVENTS_MAX + 5 }, (_, seq) => eventOf(seq));
  tell(model, many);
  assert.is(model.eventLog.rows.length, TOP_EVENTS_MAX);
  assert.is(model.eventLog.rows[0]?.id, `root1 ${TOP_EVENTS_MAX + 4}`);
  press(model, 'p');
  for (const event of many) tell(model, [event]);
  assert.is(model.eventLog.held.length, TOP_EVENTS_MAX);
  press(model, 'p');
  assert.is(model.eventLog.rows.length, TOP_EVENTS_MAX);
});

test('a loss is said, and tried again after a while; what comes then is all there is', () => {
  const model = watching();
  tell(model);
  update(model, { kind: 'unfollowed', reason: 'the top is away\x07' }, NOW_MS);
  assert.match(screenOf(model), 'the top is away\\x07');
  assert.is(followed(model, { kind: 'tick' }, NOW_MS + EVENTS_RETRY_MS - 1), undefined);
  assert.is(followed(model, { kind: 'tick' }, NOW_MS + EVENTS_RETRY_MS), true);
  tell(model, [eventOf(3), eventOf(9)]);
  assert.equal(nodesOf(screenOf(model)), ['web9', 'web3']);
  assert.not.match(screenOf(model), 'the top is away');
});

test('while the link is lost, or all stands still, they are not asked for', () => {
  const model = showing('events', undefined);
  press(model, 'p');
  assert.is(followed(model, { kind: 'tick' }), undefined);
  press(model, 'p');
  update(model, { kind: 'lost', reason: 'gone', retryAtMs: NOW_MS }, NOW_MS);
  assert.is(followed(model, { kind: 'tick' }), false, 'the first key has begun it');
  assert.is(followed(model, { kind: 'tick' }), undefined);
});

test('filters and orders work on every column', () => {
  const model = watching({ columns: 200 });
  tell(model);
  for (const column of model.view.columns) assert.ok(column.sortKey !== undefined, column.title);
  press(model, '/', ...'event=node-*'.split(''), 'return');
  assert.equal(nodesOf(screenOf(model)), ['web2', 'web1']);
  press(model, 'escape', '/', ...'orders'.split(''), 'return');
  assert.equal(nodesOf(screenOf(model)), ['web3']);
  press(model, 'escape', '>', 'R');
  assert.match(screenOf(model), 'TIME▲');
  assert.equal(nodesOf(screenOf(model)), ['web1', 'web2', 'web3', 'web4']);
});

test('Enter shows all that was told of one', () => {
  const model = watching();
  tell(model);
  press(model, 'down', 'return');
  assert.match(screenOf(model), /^flag-raised$[\s\S]*seenBy {6}root1$[\s\S]*reason {6}no\\x07$/m);
});

test('without rows it says whether they are on their way or there are none', () => {
  const model = watching();
  assert.match(screenOf(model), 'events are on their way');
  tell(model, []);
  assert.match(screenOf(model), 'nothing has happened in the last hour');
});

test('they are followed from the first word about the tree on', () => {
  const model = showing('events', undefined, {}, {}, []);
  const snapshot = { type: 'snapshot', realm: 'demo', nodes: smallRealm() } as const;
  model.link = { state: 'connecting' };
  assert.is(followed(model, { kind: 'tick' }), undefined);
  assert.is(followed(model, { kind: 'record', record: snapshot }), true);
});

test('what comes first while all stands still is not lost to what comes next', () => {
  const model = watching();
  press(model, 'p');
  tell(model);
  press(model, 'p');
  tell(model, [eventOf(5)]);
  assert.equal(nodesOf(screenOf(model)), ['web5', 'web4', 'web3', 'web2', 'web1']);
});

test.run();
