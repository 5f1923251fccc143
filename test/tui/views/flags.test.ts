import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ListedFlag } from '../../../src/protocol/flag.ts';
import { update } from '../../../src/tui/update.ts';
import { NOW_MS, press, screenOf, smallRealm } from '../nodes.ts';
import { answerAll, askedBy, assertScreens, showing } from './showing.ts';

function flagOf(node: string, more: Partial<ListedFlag> = {}): ListedFlag {
  return {
    node,
    nodeState: 'up',
    service: 'orders',
    section: 'db',
    flag: 'unreachable',
    state: 'raised',
    priority: 'error',
    tags: ['night', 'db'],
    message: 'connection refused',
    isManual: false,
    count: 3,
    firstAtMs: NOW_MS - 3_600_000,
    lastAtMs: NOW_MS - 42_000,
    by: `${node}:orders`,
    ...more,
  };
}

const FLAGS: readonly ListedFlag[] = [
  flagOf('web2', { priority: 'info', flag: 'slow', message: '' }),
  flagOf('web10', { nodeState: 'lost', priority: 'critical', message: 'no space\x1b[2J left' }),
  flagOf('web1'),
  flagOf('db1', { priority: 'warning', state: 'cleared', isManual: true, service: 'dagent' }),
];
const ANSWER = { value: { flags: FLAGS, omitted: 0 } };

/** The first words of the rows. */
function rowsOf(screen: string): string[] {
  return screen
    .split('\n')
    .filter((line) => /^(info|warning|error|critical)/.test(line))
    .map((line) => line.split(/ +/).slice(0, 2).join(' '));
}

test('flags have a screen of each size', () => assertScreens('flags', ANSWER));

test('the most urgent come first, and every column can be sorted by', () => {
  const model = showing('flags', ANSWER, { columns: 200 });
  const byUrgency = ['critical ○', 'error web1', 'warning db1', 'info web2'];
  assert.equal(rowsOf(screenOf(model)), byUrgency);
  for (const column of model.view.columns) assert.ok(column.sortKey !== undefined, column.title);
  press(model, '>');
  assert.equal(rowsOf(screenOf(model)), byUrgency);
  press(model, '>');
  assert.equal(rowsOf(screenOf(model)), ['warning db1', 'error web1', 'info web2', 'critical ○']);
});

test('they are asked for only while they are shown, no more than once at a time', () => {
  const model = showing('tree', undefined);
  const isFlags = () => askedBy(model, { kind: 'tick' }).some(({ source }) => source === 'flags');
  assert.not(isFlags());
  const digit = String(model.views.findIndex(({ name }) => name === 'flags') + 1);
  assert.equal(askedBy(model, { kind: 'key', key: digit }), [{ source: 'flags', nodes: [] }]);
  assert.not(isFlags());
  update(model, { kind: 'fetched', fetch: { source: 'flags', nodes: [] }, answer: ANSWER }, NOW_MS);
  press(model, '1');
  assert.is(askedBy(model, { kind: 'tick' }, NOW_MS + 60_000).length, 0);
});

test('a failure is said below the rows, which grow old and faint', () => {
  const model = showing('flags', ANSWER, { rows: 12 });
  assert.is(answerAll(model, { reason: 'the top is away\x07' }, NOW_MS + 20_000), 1);
  const screen = screenOf(model, NOW_MS + 20_000);
  assert.match(screen, /^error +web1[\s\S]*^the top is away\\x07\n.*20s old {2}1\/4$/m);
  assert.is(screen.split('\n').length, 12);
});

test('what nodes had no room for is counted', () => {
  const model = showing('flags', { value: { flags: FLAGS, omitted: 1_234 } });
  assert.match(screenOf(model), '1,234 more: some node on the way had no room for them');
});

test('without rows it says why', () => {
  assert.match(screenOf(showing('flags', undefined)), 'flags are on their way');
  assert.match(screenOf(showing('flags', { reason: 'no top' })), 'flags: no top');
  const none = showing('flags', { value: { flags: [], omitted: 0 } });
  assert.match(screenOf(none), 'no flag is up; dagent flag raise');
  const filtered = showing('flags', ANSWER);
  press(filtered, '/', 'q', 'q');
  assert.match(screenOf(filtered), /none of the flags matches qq[\s\S]*0 of 4/);
});

test('the cursor stays on its flag when others come', () => {
  const model = showing('flags', ANSWER);
  press(model, 'down');
  const more = [flagOf('aaa', { priority: 'critical' }), ...FLAGS];
  answerAll(model, { value: { flags: more, omitted: 0 } }, NOW_MS + 5_000);
  assert.match(screenOf(model, NOW_MS + 5_000), '3/5');
  assert.is(model.state.selected, 'web1 orders/db/unreachable');
});

test('filters test what columns say', () => {
  const rows = (filter: string) => {
    const model = showing('flags', ANSWER, { columns: 200 });
    press(model, '/', ...filter.split(''));
    return rowsOf(screenOf(model)).map((row) => row.split(' ')[0]);
  };
  assert.equal(rows('priority=error'), ['error']);
  assert.equal(rows('node=web1*'), ['critical', 'error']);
  assert.equal(rows('last>40s tags=db state=cleared'), ['warning']);
  assert.equal(rows('age>2h'), []);
});

test('Enter shows all of a flag', () => {
  const model = showing('flags', ANSWER);
  press(model, 'return');
  assert.match(
    screenOf(model),
    /node {8}web10, which is lost[\s\S]*message {5}no space\\x1b\[2J left[\s\S]*tags {8}night db/,
  );
});

test('they are asked for with the first word about the tree', () => {
  const model = showing('flags', undefined, {}, {}, []);
  model.link = { state: 'connecting' };
  assert.equal(askedBy(model, { kind: 'tick' }), []);
  const record = { type: 'snapshot', realm: 'demo', nodes: smallRealm() } as const;
  assert.equal(askedBy(model, { kind: 'record', record }), [{ source: 'flags', nodes: [] }]);
});

test.run();
