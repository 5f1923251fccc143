import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatPlace, parseHubLease, parseHubRecord, parsePlace } from '../../src/protocol/hub.ts';

test('a place is a node of the tree, or a program at an address and a port', () => {
  for (const [text, address, port] of [
    ['web1', 'web1', 0],
    ['192.0.2.7:80', '192.0.2.7', 80],
    ['db.example:5432', 'db.example', 5432],
    ['[::1]:80', '::1', 80],
  ] as const) {
    assert.equal(parsePlace(text), { address, port });
    assert.is(formatPlace({ address, port }), text);
  }
});

test('anything else is no place', () => {
  for (const text of ['', 'a b', 'a:', ':80', 'a:0', 'a:65536', 'a:x', '::1:80', '[x y]:1', '-']) {
    const place = parsePlace(text);
    assert.ok(place === undefined || place.port === 0, text);
  }
  assert.is(parsePlace('web1:0'), undefined);
});

test('what a node tells is believed only when it is an entry, or a lease', () => {
  const record = { id: 1, address: 'a', port: 0, status: -1, leased: 0 };
  assert.equal(parseHubRecord(record), record);
  for (const odd of [null, {}, { ...record, id: 'x' }, { ...record, address: 7 }]) {
    assert.is(parseHubRecord(odd), undefined);
  }
  const lease = { lease: '0011aabb', holder: 'a:~1', expiresAtMs: 5, ids: [1] };
  assert.equal(parseHubLease(lease), lease);
  for (const odd of [undefined, {}, { ...lease, ids: ['x'] }, { ...lease, expiresAtMs: null }]) {
    assert.is(parseHubLease(odd), undefined);
  }
});

test.run();
