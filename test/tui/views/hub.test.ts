import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NOW_MS, press, screenOf } from '../nodes.ts';
import { assertScreens, showing } from './showing.ts';

const RECORDS = [
  { id: 1, address: 'web1', port: 0, status: 3, leased: 2 },
  { id: 2, address: 'web10', port: 0, status: -1, leased: 0 },
  { id: 3, address: '192.0.2.7', port: 8080, status: 0, leased: 1 },
  { id: 4, address: '2001:db8::7', port: 8080, status: 1_000_000, leased: 0 },
];
const LEASES = [
  { lease: 'a1', holder: 'db1:loader', expiresAtMs: NOW_MS + 63_000, ids: [1, 1] },
  { lease: 'b2', holder: 'db2:re\x1bport', expiresAtMs: NOW_MS + 33_000, ids: [1, 3] },
];
const ANSWER = { value: { records: RECORDS, leases: LEASES } };

function idsOf(screen: string): string[] {
  return [...screen.matchAll(/^ +(\d+) {2}/gm)].map(([, id = '']) => id);
}

test('the hub has a screen of each size', () => assertScreens('hub', ANSWER));

test('it is in the order of its ids, or of any column, what is not known last', () => {
  const model = showing('hub', ANSWER, { columns: 200 });
  assert.equal(idsOf(screenOf(model)), ['1', '2', '3', '4']);
  for (const column of model.view.columns) assert.ok(column.sortKey !== undefined, column.title);
  press(model, ...'>>>>'.split(''));
  assert.match(screenOf(model), 'FREE▼');
  assert.equal(idsOf(screenOf(model)), ['4', '1', '3', '2']);
  press(model, ...'>>'.split(''));
  assert.match(screenOf(model), 'ENDS▲');
  assert.equal(idsOf(screenOf(model)).slice(0, 2), ['1', '3']);
});

test('Enter shows who holds what, and until when', () => {
  const model = showing('hub', ANSWER);
  press(model, 'return');
  assert.match(screenOf(model), /^web1$[\s\S]*a1 of db1:loader, ends in 1m$/m);
  assert.match(screenOf(model), 'b2 of db2:re\\x1bport, ends in 33s');
});

test('without rows it says what to do', () => {
  const model = showing('hub', { value: { records: [], leases: [] } });
  assert.match(screenOf(model), 'dagent hub register');
});

test('filters test what columns say', () => {
  const model = showing('hub', ANSWER);
  press(model, '/', ...'state=free free>2 ends<1m'.split(''));
  assert.equal(idsOf(screenOf(model)), ['1']);
});

test('a filter finds addresses and holders', () => {
  const model = showing('hub', ANSWER);
  press(model, '/', ...'loader'.split(''));
  assert.equal(idsOf(screenOf(model)), ['1']);
});

test.run();
