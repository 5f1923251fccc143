/** The books of a hub: whatever is asked of it, what is free, held and gone is what there was. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DagentError } from '../../src/protocol/errors.ts';
import { parsePlace } from '../../src/protocol/hub.ts';
import { findEntry, type HubGrant, type HubInput } from '../../src/services/hub.ts';
import { type Hub, restoreHub } from '../../src/services/hub-state.ts';
import { Bench, grantOf } from './hub-bench.ts';

const PLACES = ['a', 'b', 'c:80', '[::1]:9'];
const key = fc.oneof(fc.constantFrom(...PLACES), fc.integer({ min: 1, max: 6 }));
const amount = fc.integer({ min: -1, max: 4 });
const leaseMs = fc.constantFrom(0, 1_000, 5_000);
const isTrue = fc.boolean();

/** An input; of a lease by its place among those that there were. */
type Wish = { readonly input: HubInput; readonly at: number; readonly waitMs: number };

const wish: fc.Arbitrary<Wish> = fc.record({
  at: fc.nat({ max: 5 }),
  waitMs: fc.constantFrom(0, 0, 400, 2_000),
  input: fc.oneof(
    fc.record({ place: fc.constantFrom(...PLACES), free: amount, isUp: isTrue }).map(
      ({ place, ...rest }): HubInput => ({
        kind: 'register',
        place: parsePlace(place)!,
        ...rest,
      }),
    ),
    key.map((each): HubInput => ({ kind: 'deregister', key: each })),
    fc.record({ kind: fc.constant('set' as const), key, free: amount }),
    fc.record({
      kind: fc.constant('decrease' as const),
      key,
      count: fc.integer({ min: 1, max: 3 }),
    }),
    fc.record({
      kind: fc.constant('request' as const),
      count: fc.integer({ min: 1, max: 4 }),
      among: fc.option(fc.subarray(PLACES), { nil: undefined }),
      isExact: isTrue,
      leaseMs,
      holder: fc.constant('x'),
    }),
    fc.constant<HubInput>({ kind: 'renew', lease: '', leaseMs: 1_000 }),
    fc.constant<HubInput>({ kind: 'release', lease: '' }),
    fc.record({
      kind: fc.constantFrom('seen' as const, 'lost' as const),
      node: fc.constantFrom('a', 'b'),
    }),
    fc.constant<HubInput>({ kind: 'tick' }),
  ),
});

/** What was said of an entry when it was last set, and what of that is gone for good. */
interface Account {
  capacity: number;
  gone: number;
}

function assertBalanced(hub: Hub, accounts: ReadonlyMap<number, Account>): void {
  for (const { id, free, epoch, leased } of hub.entries.values()) {
    const { capacity, gone } = accounts.get(id)!;
    const held = [...hub.leases.values()]
      .flatMap(({ places }) => places)
      .filter((place) => place.id === id && place.epoch === epoch).length;
    assert.is(leased, held);
    assert.is(free + held + gone, capacity, `entry ${id}`);
    assert.ok(free >= Math.min(0, capacity));
  }
}

/** Keeps the books from what was asked and answered only. */
function account(
  accounts: Map<number, Account>,
  input: HubInput,
  answer: unknown,
  before: Hub,
): void {
  if (answer instanceof DagentError) return;
  if (input.kind === 'register') accounts.set(Number(answer), { capacity: input.free, gone: 0 });
  if (input.kind === 'set') {
    accounts.set(findEntry(before, input.key)!.id, { capacity: input.free, gone: 0 });
  }
  if (input.kind === 'request' && input.leaseMs === 0) {
    for (const id of (answer as HubGrant).ids) accounts.get(id)!.gone++;
  }
}

test('no place is given twice, none is lost, and a restart changes nothing', () => {
  fc.assert(
    fc.property(fc.array(wish, { maxLength: 40 }), fc.nat(), (wishes, seed) => {
      const bench = new Bench(seed);
      const accounts = new Map<number, Account>();
      const leases: string[] = [];
      for (const { input, at, waitMs } of wishes) {
        bench.nowMs += waitMs;
        const lease = leases[at] ?? '00000000';
        const given = 'lease' in input ? { ...input, lease } : input;
        if (given.kind === 'decrease') {
          bench.feed({ kind: 'tick' });
          const entry = findEntry(bench.hub, given.key);
          const taken = Math.min(given.count, Math.max(0, entry?.free ?? 0));
          if (entry !== undefined) accounts.get(entry.id)!.gone += taken;
        }
        const answer = bench.feed(given);
        account(accounts, given, answer, bench.hub);
        if (given.kind === 'request' && !(answer instanceof DagentError)) {
          leases.push(grantOf(answer).lease);
        }
        assertBalanced(bench.hub, accounts);
        for (const each of bench.hub.leases.values()) assert.ok(each.expiresAtMs > bench.nowMs);
      }
      const again = restoreHub(bench.records, seed);
      const seen = (hub: Hub) => ({
        entries: [...hub.entries.values()].map(({ isLost: _, ...entry }) => entry),
        leases: new Map(hub.leases),
        nextId: hub.nextId,
      });
      assert.equal(seen(again), seen(bench.hub));
    }),
    { numRuns: 300 },
  );
});

test.run();
