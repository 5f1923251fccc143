import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TOP_FETCHED_MAX, TOP_LINKS_MAX } from '../../src/protocol/limits.ts';
import { FETCH_MS, fetchedOf, SLOW_FETCH_MS } from '../../src/tui/fetches.ts';
import type { Model } from '../../src/tui/model.ts';
import { type Event, update } from '../../src/tui/update.ts';
import { modelOf, NOW_MS, nodeOf, press, screenOf, smallRealm } from './nodes.ts';

const FACTS = { source: 'facts', node: 'web2' } as const;

/** What is asked for when `event` comes. */
function allAskedAt(model: Model, event: Event, nowMs = NOW_MS): string[] {
  return update(model, event, nowMs).flatMap((effect) =>
    effect.kind === 'fetch' && 'node' in effect.fetch
      ? [`${effect.fetch.source} ${effect.fetch.node}`]
      : [],
  );
}

/** The nodes whose facts are asked for when `event` comes. */
function askedAt(model: Model, event: Event, nowMs = NOW_MS): string[] {
  return allAskedAt(model, event, nowMs).flatMap((asked) => {
    const [source, node = ''] = asked.split(' ');
    return source === 'facts' ? [node] : [];
  });
}

/** The small realm with the cursor on web2. */
function atWeb2(): Model {
  const model = modelOf(smallRealm(), { rows: 60 });
  press(model, 'down', 'down', 'down');
  return model;
}

test('what details need is asked for when they open, and again when it is old', () => {
  const model = atWeb2();
  assert.equal(askedAt(model, { kind: 'key', key: 'return' }), ['web2']);
  assert.equal(askedAt(model, { kind: 'tick' }, NOW_MS + FETCH_MS), [], 'it is on its way');
  const answer = { value: { kernel: { release: '6.1' } } };
  update(model, { kind: 'fetched', fetch: FACTS, answer }, NOW_MS + 10);
  assert.match(screenOf(model, NOW_MS + 3_010), /facts {2}3s old[\s\S]*kernel[\s\S]*6\.1/);
  assert.equal(askedAt(model, { kind: 'tick' }, NOW_MS + FETCH_MS - 1), []);
  assert.equal(askedAt(model, { kind: 'tick' }, NOW_MS + FETCH_MS), ['web2']);
});

test('a fetch that fails says why, keeps what came before, and is tried again', () => {
  const model = atWeb2();
  press(model, 'return');
  update(model, { kind: 'fetched', fetch: FACTS, answer: { value: { os: 'x' } } }, NOW_MS);
  askedAt(model, { kind: 'tick' }, NOW_MS + FETCH_MS);
  const answer = { reason: 'web2 does not answer\x1b[2J' };
  update(model, { kind: 'fetched', fetch: FACTS, answer }, NOW_MS + FETCH_MS);
  const screen = screenOf(model, NOW_MS + FETCH_MS);
  assert.match(screen, 'facts: web2 does not answer\\x1b[2J');
  assert.match(screen, 'facts  5s old');
  assert.equal(askedAt(model, { kind: 'tick' }, NOW_MS + 2 * FETCH_MS), ['web2']);
});

test('nothing is asked for while the screen stands still, the link is lost, or a host is', () => {
  const model = atWeb2();
  press(model, 'p');
  assert.equal(askedAt(model, { kind: 'key', key: 'return' }), []);
  press(model, 'escape', 'p');
  update(model, { kind: 'lost', reason: 'gone', retryAtMs: NOW_MS }, NOW_MS);
  assert.equal(askedAt(model, { kind: 'key', key: 'return' }), []);
  const lost = modelOf([nodeOf('a', { state: 'lost' })]);
  assert.equal(askedAt(lost, { kind: 'key', key: 'return' }), []);
});

test('answers are kept of TOP_FETCHED_MAX things, and the oldest go', () => {
  const nodes = Array.from({ length: 200 }, (_, index) => nodeOf(`n${index}`));
  const model = modelOf(nodes);
  for (let count = 0; count < 200; count++) press(model, 'return', 'escape', 'down');
  assert.is(model.fetched.size, TOP_FETCHED_MAX);
  assert.is(fetchedOf(model, { source: 'facts', node: 'n0' }), undefined);
  assert.ok(fetchedOf(model, { source: 'facts', node: 'n199' })?.isLoading);
});

test('of a lost host only the history is asked for, and of one with many links no links', () => {
  const lost = modelOf([nodeOf('a', { state: 'lost' })]);
  assert.equal(allAskedAt(lost, { kind: 'key', key: 'return' }), ['history a']);
  const { sample } = nodeOf('a');
  const busy = modelOf([nodeOf('a', { sample: { ...sample!, links: TOP_LINKS_MAX + 1 } })]);
  assert.equal(allAskedAt(busy, { kind: 'key', key: 'return' }), [
    'facts a',
    'history a',
    'nodeFlags a',
  ]);
  assert.match(screenOf(busy), 'links  501: dagent route a lists them');
});

test('a history, which has a value a minute, is asked for less often', () => {
  const model = atWeb2();
  press(model, 'return');
  for (const source of ['facts', 'history', 'links', 'nodeFlags'] as const) {
    const fetch = { source, node: 'web2' };
    update(model, { kind: 'fetched', fetch, answer: { reason: 'not now' } }, NOW_MS);
  }
  const dueAt = (ms: number) => allAskedAt(model, { kind: 'tick' }, NOW_MS + ms);
  assert.equal(dueAt(FETCH_MS), ['facts web2', 'nodeFlags web2', 'links web2']);
  assert.equal(dueAt(SLOW_FETCH_MS), ['history web2']);
});

test('beside the rows, nothing is asked of the nodes that the cursor passes', () => {
  const model = modelOf(smallRealm(), { columns: 160 });
  assert.equal(askedAt(model, { kind: 'key', key: 'return' }), ['root1']);
  assert.equal(askedAt(model, { kind: 'key', key: 'down' }), []);
  assert.equal(askedAt(model, { kind: 'key', key: 'down' }), []);
  assert.equal(askedAt(model, { kind: 'tick' }), ['web1']);
});

test('an answer that nobody waits for any more is dropped', () => {
  const model = atWeb2();
  update(model, { kind: 'fetched', fetch: FACTS, answer: { value: {} } }, NOW_MS);
  assert.is(model.fetched.size, 0);
});

test.run();
