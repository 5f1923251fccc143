import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HUB_LEASES_MAX, HUB_NODES_MAX } from '../../src/protocol/limits.ts';
import { step } from '../../src/services/hub.ts';
import { restoreHub } from '../../src/services/hub-state.ts';
import { Bench, codeOf, grantOf, NOW_MS } from './hub-bench.ts';

test('ids begin with 1 and are never given again, a place is taken once', () => {
  const bench = new Bench();
  assert.is(bench.register('web1', 2), 1);
  assert.is(bench.register('192.0.2.7:80', 0), 2);
  assert.is(codeOf(bench.register('web1', 5)), 'E_HUB_TAKEN');
  assert.is(bench.register('192.0.2.7:81', 0), 3);
  assert.is(bench.feed({ kind: 'deregister', key: 3 }), 0);
  assert.is(bench.register('192.0.2.7:81', 0), 4);
  assert.is(codeOf(bench.feed({ kind: 'deregister', key: 3 })), 'E_HUB_UNKNOWN');
  bench.feed({ kind: 'deregister', key: 4 });
  const again = restoreHub(bench.records, 7);
  assert.is(again.nextId, 5);
});

test('a request lowers the status of those that it draws, each by one', () => {
  const bench = new Bench();
  for (const [place, free] of [
    ['a', 2],
    ['b', 1],
    ['c', 0],
    ['d', -1],
  ] as const) {
    bench.register(place, free);
  }
  const { ids, lease } = grantOf(bench.request(9));
  assert.equal([...ids].sort(), [1, 2]);
  assert.equal(
    ['a', 'b', 'c', 'd'].map((key) => bench.status(key)),
    [1, 0, 0, -1],
  );
  assert.is(bench.feed({ kind: 'release', lease }), 2);
  assert.equal(
    ['a', 'b', 'c', 'd'].map((key) => bench.status(key)),
    [2, 1, 0, -1],
  );
  assert.is(codeOf(bench.feed({ kind: 'release', lease })), 'E_HUB_UNKNOWN');
});

test('whoever asks for an exact number gets that or nothing', () => {
  const bench = new Bench();
  bench.register('a', 1);
  bench.register('b', 1);
  assert.is(codeOf(bench.request(3, { isExact: true })), 'E_HUB_SHORT');
  assert.equal([bench.status('a'), bench.status('b')], [1, 1]);
  assert.is(grantOf(bench.request(2, { isExact: true })).ids.length, 2);
  assert.is(codeOf(bench.request(1)), 'E_HUB_SHORT');
});

test('only those among whom it is asked are drawn, each once', () => {
  const bench = new Bench();
  for (const place of ['a', 'b', '192.0.2.7:80']) bench.register(place, 5);
  const among = ['b', 'nobody', 'b', '192.0.2.7:80'];
  assert.equal([...grantOf(bench.request(5, { among })).ids].sort(), [2, 3]);
  assert.is(codeOf(bench.request(1, { among: [] })), 'E_HUB_SHORT');
});

test('a lease that is over gives back what it holds, one that is renewed does not', () => {
  const bench = new Bench();
  bench.register('a', 1);
  const { lease, expiresAtMs } = grantOf(bench.request(1, { leaseMs: 1_000 }));
  assert.is(expiresAtMs, NOW_MS + 1_000);
  assert.is(bench.hub.nextExpiryMs, expiresAtMs);
  bench.nowMs += 999;
  bench.feed({ kind: 'renew', lease, leaseMs: 1_000 });
  bench.nowMs += 999;
  bench.feed({ kind: 'tick' });
  assert.is(bench.status('a'), 0);
  bench.nowMs += 1;
  // Also without a tick: whoever asks first finds it over.
  assert.is(grantOf(bench.request(1)).ids.length, 1);
  assert.is(codeOf(bench.feed({ kind: 'renew', lease, leaseMs: 1_000 })), 'E_HUB_UNKNOWN');
});

test('what is set is what is free: leases from before give nothing back', () => {
  const bench = new Bench();
  bench.register('a', 1);
  const { lease } = grantOf(bench.request(1));
  bench.feed({ kind: 'set', key: 'a', free: 3 });
  bench.feed({ kind: 'release', lease });
  assert.is(bench.status('a'), 3);
});

test('what is taken for good has no lease, and comes back when it is set', () => {
  const bench = new Bench();
  bench.register('a', 1);
  assert.equal(grantOf(bench.request(1, { leaseMs: 0 })), { lease: '', expiresAtMs: 0, ids: [1] });
  assert.is(bench.hub.nextExpiryMs, Number.POSITIVE_INFINITY);
  assert.is(bench.feed({ kind: 'set', key: 1, free: 2 }), 2);
  assert.is(bench.feed({ kind: 'decrease', key: 1, count: 5 }), 0);
});

test('a node that is lost is a zombie until it is seen, and keeps its count', () => {
  const bench = new Bench();
  bench.register('a', 2);
  const { lease } = grantOf(bench.request(1));
  bench.feed({ kind: 'lost', node: 'a' });
  assert.is(bench.status('a'), -1);
  assert.is(codeOf(bench.request(1)), 'E_HUB_SHORT');
  bench.feed({ kind: 'release', lease });
  assert.is(bench.status('a'), -1);
  bench.feed({ kind: 'seen', node: 'a' });
  assert.is(bench.status('a'), 2);
  assert.is(bench.register('b', 3, false), 2);
  assert.is(bench.status('b'), -1);
  // A program at an address is no node of the tree.
  bench.register('c:80', 1);
  bench.feed({ kind: 'lost', node: 'c:80' });
  assert.is(bench.status('c:80'), 1);
});

test('chance is seeded, and leaves nobody out', () => {
  const draw = (seed: number): number[] => {
    const bench = new Bench(seed);
    for (const place of ['a', 'b', 'c', 'd']) bench.register(place, 1_000);
    return Array.from({ length: 40 }, () => grantOf(bench.request(1)).ids[0]!);
  };
  assert.equal(draw(1), draw(1));
  assert.not.equal(draw(1), draw(2));
  assert.is(new Set(draw(1)).size, 4);
});

test('entries and leases are bounded', () => {
  const bench = new Bench();
  for (let port = 1; port <= HUB_NODES_MAX; port++) {
    const place = { address: `h${Math.floor(port / 60_000)}`, port: port % 60_000 || 60_000 };
    step(bench.hub, { kind: 'register', place, free: HUB_LEASES_MAX + 1, isUp: true }, NOW_MS);
  }
  assert.is(bench.hub.entries.size, HUB_NODES_MAX);
  assert.is(codeOf(bench.register('more', 1)), 'E_HUB_FULL');
  const among = ['h0:1'];
  for (let count = 0; count < HUB_LEASES_MAX; count++) grantOf(bench.request(1, { among }));
  assert.is(codeOf(bench.request(1, { among })), 'E_HUB_FULL');
  assert.is(grantOf(bench.request(1, { among, leaseMs: 0 })).ids.length, 1);
});

test('a record that makes no sense is set aside, and the others are restored', () => {
  const bench = new Bench();
  bench.register('a', 2);
  bench.request(1);
  const odd = Buffer.from([0x93, 1, 2]);
  bench.records.apply([
    { kind: 'put', key: 'entry/000000000007', value: odd },
    { kind: 'put', key: 'lease/00000000', value: odd },
  ]);
  const again = restoreHub(bench.records, 1);
  assert.equal(bench.records.asides, ['entry/000000000007', 'lease/00000000']);
  assert.equal([again.entries.size, again.leases.size], [1, 1]);
});

test.run();
